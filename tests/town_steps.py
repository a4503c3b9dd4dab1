"""The language of random stories of money: each step is one value, said in words and played."""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct
from typing_extensions import override

from khata.app.topups.orders import OrderWish
from khata.app.topups.scoring import Payer
from khata.domain.commands import Consume
from khata.domain.wallet import Wallet
from khata.payments.gateway import PaymentMethod
from khata.payments.simulator_control import Outcome
from khata.postgres.orders import Order as OrderOf
from town import Placed, Town

Who = Literal["asha", "ravi"]

_NAMES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "upi": ("upi", {}),
    "debit": ("card", {"type": "debit"}),
    "credit": ("card", {"type": "credit"}),
    "netbanking": ("netbanking", {}),
    "wallet": ("wallet", {}),
}
_ENDS: Final = {
    "success": "and the bank says yes",
    "fail": "and the bank says no",
    "pending": "and the bank takes its time",
    "duplicate": "in two windows at once",
    "late": "and the bank says no, and minutes later yes",
}
SPANS: Final = {
    "a minute": 60,
    "a quarter of an hour": 900,
    "two hours": 7_200,
    "a day": 86_400,
    "three days": 3 * 86_400,
}
EVENT_FAULTS: Final = {
    "duplicate_webhook": "the next event comes twice",
    "reorder": "the next events come in another order",
    "drop_webhook": "the next event is lost",
    "delay_webhook": "the next event comes a minute late",
    "wrong_signature": "the next event is forged",
    "old_secret": "the next event is signed with a secret that nobody knows",
    "truncated_body": "the next event is cut off",
    "unknown_event": "an event comes that nobody has heard of",
    "extra_fields": "the next event has fields of the future",
    "notes_as_list": "the next event has its notes as a list",
}
LIES: Final = {
    "amount_mismatch": "the next event names a rupee less than was paid",
    "currency_mismatch": "the next event names another currency",
    "foreign_order": "the next event names somebody else's order",
}
LINE_FAULTS: Final = {
    "timeout_before": "does not hear the next {}",
    "timeout_after": "hears the next {}, and its answer is lost",
    "conn_reset": "hangs up at the next {}",
    "http_500_json": "is in trouble at the next {}",
    "http_502_html": "has a broken door at the next {}",
    "http_429": "is too busy for the next {}",
    "stale_read": "answers the next {} with what was before",
    "extra_fields": "answers the next {} with fields of the future",
}
CALLS: Final = {
    "wish for an order": "POST /v1/orders",
    "question for an order's payments": "GET /v1/orders/{id}/payments",
    "wish to capture": "POST /v1/payments/{id}/capture",
    "wish to refund": "POST /v1/payments/{id}/refund",
    "question for a payment's refunds": "GET /v1/payments/{id}/refunds",
    "wish for a debit": "POST /v1/payments/create/recurring",
    "call": "*",
}
DEATHS: Final = tuple(
    f"{when} {what}"
    for when in ("before", "after")
    for what in (
        *("asking the gateway: create_order", "asking the gateway: capture"),
        *("asking the gateway: refund", "asking the gateway: debit"),
        *("booking: Purchase", "booking: Clawback", "booking: LockPurchase"),
        *("booking: UnlockPurchase", "booking: RestoreRefund"),
    )
)


class Step(Struct, frozen=True):
    """Something that somebody does."""

    async def play(self, town: Town) -> None:
        """Has it happen."""
        raise NotImplementedError


Story = list[Step]


class Orders(Step, frozen=True):
    """Somebody orders credits."""

    who: Who
    asked: str | int
    by: PaymentMethod

    @override
    def __str__(self) -> str:
        what = self.asked if isinstance(self.asked, str) else f"₹{self.asked // 100}"
        return f"{self.who} orders {what} by {self.by}"

    @override
    async def play(self, town: Town) -> None:
        wish = OrderWish(asked=self.asked, payment_method=self.by)
        placed = Placed(self.who, wish, town.new_key(self.who, wish))
        town.placed.append(placed)
        await ask_for(town, placed)


class OfAnOrder(Step, frozen=True):
    """Something about one of the orders, if there is any: the latest is 0, the one before it 1."""

    back: int

    def order_in(self, town: Town) -> Placed | None:
        """Which order is meant."""
        return town.placed[-1 - self.back % len(town.placed)] if town.placed else None

    @property
    def which(self) -> str:
        return "the latest order" if not self.back else f"the order {self.back} before"


class AsksAgain(OfAnOrder, frozen=True):
    """Somebody sends the request for an order once more, under its key."""

    @override
    def __str__(self) -> str:
        return f"{self.which} is asked for again, under its key"

    @override
    async def play(self, town: Town) -> None:
        if (placed := self.order_in(town)) is not None:
            await ask_for(town, placed)


class Pays(OfAnOrder, frozen=True):
    """The customer pays at the gateway's page."""

    outcome: Outcome

    @override
    def __str__(self) -> str:
        return f"{self.which} is paid, {_ENDS[self.outcome]}"

    @override
    async def play(self, town: Town) -> None:
        placed = self.order_in(town)
        if placed is None or placed.gateway_order_id is None:
            return
        method, instrument = _NAMES[placed.wish.payment_method]
        body = {"method": method, "instrument": instrument, "outcome": self.outcome}
        await town.play("POST /checkout", {"order_id": placed.gateway_order_id, **body})


class BankDecides(Step, frozen=True):
    """The bank decides on the latest payment that waits, or thinks better of one it refused."""

    verdict: Literal["authorize", "fail", "late_authorize"]

    @override
    def __str__(self) -> str:
        said = {"authorize": "says yes", "fail": "says no", "late_authorize": "says yes after all"}
        return f"the bank {said[self.verdict]} to the latest payment"

    @override
    async def play(self, town: Town) -> None:
        if payments := (await town.bank())["payments"]:
            await town.play(f"POST /payments/{payments[-1]['id']}/{self.verdict}")


class Looks(OfAnOrder, frozen=True):
    """The customer's page looks whether the order is paid."""

    @override
    def __str__(self) -> str:
        return f"{self.which} is looked at"

    @override
    async def play(self, town: Town) -> None:
        placed = self.order_in(town)
        if placed is None or placed.order_id is None:
            return
        wallet_id = town.wallets[placed.who].id
        await town.asked(town.khata.topups.steps.step(placed.order_id, wallet_id))


class Spends(Step, frozen=True):
    """Somebody uses what was bought."""

    who: Who
    gigabytes: int

    @override
    def __str__(self) -> str:
        return f"{self.who} spends {self.gigabytes * 40} credits"

    @override
    async def play(self, town: Town) -> None:
        wallet: Wallet = town.wallets[self.who]
        used = Consume(
            wallet_id=wallet.id,
            idempotency_key=town.new_key(self.who, "use").idempotency_key,
            feature="STORAGE_1GB",
            quantity=self.gigabytes,
        )
        await town.living(town.khata.engine.submit(used))


class EventFault(Step, frozen=True):
    """Something goes wrong with the next event."""

    fault: str

    @override
    def __str__(self) -> str:
        return {**EVENT_FAULTS, **LIES}[self.fault]

    @override
    async def play(self, town: Town) -> None:
        town.lies += self.fault in LIES
        on = "[pro]*.*"  # the name of an event: payment.captured, refund.processed, order.paid
        await town.play("POST /faults", {"fault": self.fault, "on": on, "count": 1})


class LineFault(Step, frozen=True):
    """Something goes wrong when Khata asks the gateway next."""

    fault: str
    call: str

    @override
    def __str__(self) -> str:
        return "the gateway " + LINE_FAULTS[self.fault].format(self.call)

    @override
    async def play(self, town: Town) -> None:
        fault = {"fault": self.fault, "on": CALLS[self.call], "count": 1}
        await town.play("POST /faults", fault)


class ComesAgain(Step, frozen=True):
    """The gateway sends an old event once more."""

    back: int

    @override
    def __str__(self) -> str:
        return f"the gateway sends the event {self.back} before its latest again"

    @override
    async def play(self, town: Town) -> None:
        if events := (await town.bank())["events"]:
            event = events[-1 - self.back % len(events)]
            await town.play("POST /webhooks/replay", {"event_id": event["id"]})


class Delivers(Step, frozen=True):
    """The gateway sends what is due, and nobody works on it yet."""

    @override
    def __str__(self) -> str:
        return "the gateway sends its events"

    @override
    async def play(self, town: Town) -> None:
        await town.deliver()


class Reads(Step, frozen=True):
    """The inbox is worked on."""

    @override
    def __str__(self) -> str:
        return "Khata reads its events"

    @override
    async def play(self, town: Town) -> None:
        await town.read_events()


class Works(Step, frozen=True):
    """The worker does a job that is due."""

    @override
    def __str__(self) -> str:
        return "Khata's worker does a job"

    @override
    async def play(self, town: Town) -> None:
        await town.work()


class Settles(Step, frozen=True):
    """All that is due happens."""

    @override
    def __str__(self) -> str:
        return "all that is due happens"

    @override
    async def play(self, town: Town) -> None:
        await town.settle()


class Passes(Step, frozen=True):
    """Time passes."""

    span: str

    @override
    def __str__(self) -> str:
        return f"{self.span} passes"

    @override
    async def play(self, town: Town) -> None:
        town.clock.turn(seconds=SPANS[self.span])


class WillDie(Step, frozen=True):
    """Khata will die soon: at that point, wherever it is by then."""

    points: int

    @override
    def __str__(self) -> str:
        return f"Khata will die at its word {self.points} from here"

    @override
    async def play(self, town: Town) -> None:
        town.fuse.light(self.points)


class WillDieAt(Step, frozen=True):
    """Khata will die when it comes to that point."""

    where: str

    @override
    def __str__(self) -> str:
        return f"Khata will die {self.where}"

    @override
    async def play(self, town: Town) -> None:
        town.fuse.light_at(self.where)


async def ask_for(town: Town, placed: Placed) -> None:
    """Sends the request for an order, and keeps what it is told."""
    order = await town.asked(town.khata.topups.orders.place(placed.wish, placed.key, Payer()))
    if isinstance(order, OrderOf):
        placed.order_id, placed.gateway_order_id = order.id, order.gateway_order_id
