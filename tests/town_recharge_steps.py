"""The language of random stories, continued: wallets that recharge themselves."""

from collections.abc import Mapping
from typing import Final, Literal

from typing_extensions import override

from khata.app.invalid import Invalid
from khata.app.recharge.methods import NewMethod
from khata.app.recharge.settings import RechargeChange
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId
from khata.postgres.payment_methods import PaymentMethod
from town import Town
from town_steps import Step, Who

CUSTOMER: Final = Actor("key_customer")
INSTRUMENTS: Final = ("success@razorpay", "tok_visa", "failure@razorpay", "tok_declined")
DEBITS: Final = ("success", "insufficient_funds", "debit_declined", "bank_technical_error")
_MANDATE_STEPS: Final[Mapping[str, str]] = {
    "pause": "pauses the mandate at the bank",
    "resume": "resumes the mandate at the bank",
    "cancel": "cancels the mandate at the bank",
}


class Agrees(Step, frozen=True):
    """Somebody agrees to be debited."""

    who: Who
    instrument: str

    @override
    def __str__(self) -> str:
        return f"{self.who} agrees to be debited, from {self.instrument}"

    @override
    async def play(self, town: Town) -> None:
        kind = "upi" if "@" in self.instrument else "card"
        wish = NewMethod(kind=kind, instrument=self.instrument)
        await town.asked(town.khata.recharging.methods.add(town.wallets[self.who], wish, CUSTOMER))


class OfAMethod(Step, frozen=True):
    """Something about the latest payment method of somebody, if there is any."""

    who: Who

    async def method_in(self, town: Town) -> PaymentMethod | None:
        """Which method is meant."""
        found = await town.living(town.khata.recharging.methods.list(town.wallets[self.who].id))
        return found[0] if found else None


class WantsRecharges(OfAMethod, frozen=True):
    """Somebody's wallet recharges itself from now on."""

    below: int
    rupees: int

    @override
    def __str__(self) -> str:
        return f"{self.who} wants ₹{self.rupees} whenever fewer than {self.below} credits are left"

    @override
    async def play(self, town: Town) -> None:
        method = await self.method_in(town)
        if method is None:
            return
        change = RechargeChange(
            enabled=True,
            threshold_credits=self.below,
            amount_paise=self.rupees * 100,
            payment_method_id=method.id,
        )
        await _changed(town, self.who, change)


class WantsNoRecharges(Step, frozen=True):
    """Somebody turns recharges off."""

    who: Who

    @override
    def __str__(self) -> str:
        return f"{self.who} wants no more recharges"

    @override
    async def play(self, town: Town) -> None:
        await _changed(town, self.who, RechargeChange(enabled=False))


class Removes(OfAMethod, frozen=True):
    """Somebody removes the payment method."""

    @override
    def __str__(self) -> str:
        return f"{self.who} removes the payment method"

    @override
    async def play(self, town: Town) -> None:
        if (method := await self.method_in(town)) is not None:
            wallet_id = town.wallets[self.who].id
            await town.asked(town.khata.recharging.methods.remove(wallet_id, method.id, CUSTOMER))


class DebitsWillEnd(OfAMethod, frozen=True):
    """How the next debits end."""

    ends: tuple[str, ...]

    @override
    def __str__(self) -> str:
        return f"{self.who}'s next debits end with {', '.join(self.ends)}"

    @override
    async def play(self, town: Town) -> None:
        await _play_mandate(town, await self.method_in(town), "expect", debits=list(self.ends))


class ChangesMandate(OfAMethod, frozen=True):
    """The mandate changes, and Khata is told by an event, if by anything."""

    change: Literal["pause", "resume", "cancel"]

    @override
    def __str__(self) -> str:
        return f"{self.who} {_MANDATE_STEPS[self.change]}"

    @override
    async def play(self, town: Town) -> None:
        await _play_mandate(town, await self.method_in(town), self.change)


async def _play_mandate(
    town: Town, method: PaymentMethod | None, step: str, **body: list[str]
) -> None:
    if method is not None and (method.mandate_id or "").startswith("token_"):
        await town.play(f"POST /mandates/{method.mandate_id}/{step}", body)


async def _changed(town: Town, who: Who, change: RechargeChange) -> None:
    wallet = town.wallets[who]
    changing = town.khata.recharging.settings.change(
        wallet.id, OrganizationId(wallet.organization_id), change, CUSTOMER
    )
    try:
        await town.asked(changing)
    except Invalid as error:
        town.tell(f"    refused: {error}")
