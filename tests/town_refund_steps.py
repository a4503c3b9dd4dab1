"""The language of random stories, continued: money that goes back, and is disputed."""

from collections.abc import Mapping
from typing import Final, Literal

from typing_extensions import override

from khata.app.topups.orders import Orders
from khata.app.topups.refunds import Refunds, RefundWish
from khata.domain.commands import Transfer
from khata.engine.engine import fingerprint_of
from khata.postgres.claims import Wish
from khata.postgres.orders import Order as OrderOf
from khata.postgres.refunds import Refund
from town import Doc, Placed, Refunding, Town
from town_steps import OfAnOrder, Step, Who

Verdict = Literal["under_review", "won", "lost", "close"]

_VERDICTS: Final[Mapping[Verdict, str]] = {
    "under_review": "the bank takes the latest complaint up",
    "won": "the bank finds the latest complaint wrong",
    "lost": "the bank finds the latest complaint right",
    "close": "the bank closes the latest complaint",
}


class GivesBack(OfAnOrder, frozen=True):
    """Somebody has money of an order given back: some of it, or all that can."""

    rupees: int | None

    @override
    def __str__(self) -> str:
        what = "all that can" if self.rupees is None else f"₹{self.rupees}"
        return f"{what} of {self.which} is to go back"

    @override
    async def play(self, town: Town) -> None:
        placed = self.order_in(town)
        if placed is None or placed.order_id is None:
            return
        paise = None if self.rupees is None else self.rupees * 100
        body = RefundWish(amount_paise=paise, reason="Not needed")
        named = town.new_key(placed.who, body)
        key = Wish(named.wallet_id, named.idempotency_key, fingerprint_of("refund", body))
        town.refunding.append(Refunding(placed, body, key))
        await ask_back(town, town.refunding[-1])


class GivesBackAgain(Step, frozen=True):
    """The request for the latest refund is sent once more, under its key."""

    @override
    def __str__(self) -> str:
        return "the latest refund is asked for again, under its key"

    @override
    async def play(self, town: Town) -> None:
        if town.refunding:
            await ask_back(town, town.refunding[-1])


class GivesBackElsewhere(OfAnOrder, frozen=True):
    """Somebody gives money back at the gateway's dashboard, past Khata."""

    rupees: int | None

    @override
    def __str__(self) -> str:
        what = "all" if self.rupees is None else f"₹{self.rupees}"
        return f"{what} of {self.which} is given back at the gateway's dashboard"

    @override
    async def play(self, town: Town) -> None:
        payment = await captured_payment(town, self.order_in(town))
        if payment is not None:
            body: Doc = {} if self.rupees is None else {"amount": self.rupees * 100}
            await town.dashboard(f"POST /payments/{payment['id']}/refund", body)


class Gives(Step, frozen=True):
    """Somebody gives credits to the other one."""

    who: Who
    credits: int

    @override
    def __str__(self) -> str:
        return f"{self.who} gives {self.credits} credits away"

    @override
    async def play(self, town: Town) -> None:
        other = next(wallet for who, wallet in town.wallets.items() if who != self.who)
        gift = Transfer(
            wallet_id=town.wallets[self.who].id,
            idempotency_key=town.new_key(self.who, "gift").idempotency_key,
            to_wallet_id=other.id,
            credits=self.credits,
            note="a gift",
        )
        await town.living(town.khata.engine.submit(gift))


class Complains(OfAnOrder, frozen=True):
    """The payer of an order complains at the bank."""

    rupees: int | None

    @override
    def __str__(self) -> str:
        what = "" if self.rupees is None else f" ₹{self.rupees} of"
        return f"the payer of{what} {self.which} complains at the bank"

    @override
    async def play(self, town: Town) -> None:
        payment = await captured_payment(town, self.order_in(town))
        if payment is not None:
            amount: Doc = {} if self.rupees is None else {"amount": self.rupees * 100}
            await town.play("POST /disputes", {"payment_id": payment["id"], **amount})


class BankRules(Step, frozen=True):
    """The bank decides the latest complaint, or takes it up."""

    verdict: Verdict

    @override
    def __str__(self) -> str:
        return _VERDICTS[self.verdict]

    @override
    async def play(self, town: Town) -> None:
        if disputes := (await town.bank())["disputes"]:
            await town.play(f"POST /disputes/{disputes[-1]['id']}/{self.verdict}")


class RefundWillFail(Step, frozen=True):
    """The bank will send the next refund back."""

    @override
    def __str__(self) -> str:
        return "the bank will send the next refund back, a day later"

    @override
    async def play(self, town: Town) -> None:
        await town.play("POST /faults", {"fault": "refund_fails_later", "on": "*", "count": 1})


class RefundsTakeTime(Step, frozen=True):
    """Refunds take a while from now on."""

    hours: int

    @override
    def __str__(self) -> str:
        return f"refunds take {self.hours} hours from now on"

    @override
    async def play(self, town: Town) -> None:
        await town.play("POST /dials", {"refund_delay_seconds": self.hours * 3_600})


async def captured_payment(town: Town, placed: Placed | None) -> Doc | None:
    """The payment of the order whose money the gateway took, as the gateway has it."""
    if placed is None or placed.gateway_order_id is None:
        return None
    found = [
        payment
        for payment in (await town.bank())["payments"]
        if payment["captured"] and payment["order_id"] == placed.gateway_order_id
    ]
    return found[0] if found else None


async def ask_back(town: Town, refunding: Refunding) -> None:
    """Sends the request for a refund."""
    orders: Orders = town.khata.topups.orders
    order = await town.asked(orders.by_id(refunding.placed.order_id or ""))
    if not isinstance(order, OrderOf):
        return
    refunds: Refunds = town.khata.topups.refunds
    answer = await town.asked(refunds.place(order, refunding.wish, refunding.key))
    if answer is not None and not isinstance(answer, Refund):
        town.tell(f"    refused: {answer.detail}")
