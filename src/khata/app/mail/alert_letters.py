"""What is written about an alert: what happened, how much, since when, and what to do."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from khata.app.mail.letters import Letter, in_words
from khata.domain.money import grouped
from khata.domain.money import in_rupees as rupees
from khata.postgres.alerts import Alert, AlertType, Facts

_MINUS: Final = "−"  # noqa: RUF001 - a minus, as wide as a digit


class About(Struct, frozen=True):
    """What an alert is of, by name, and the zone in which its people read times."""

    name: str
    time_zone: str


class Told:
    """The facts of an alert, as people read them."""

    def __init__(self, facts: Facts, about: About) -> None:
        self._facts = facts
        self._about = about

    @property
    def name(self) -> str:
        return self._about.name

    def has(self, name: str) -> bool:
        return self._facts.get(name) is not None

    def text(self, name: str) -> str:
        """As it is; an em dash where it is unknown."""
        value = self._facts.get(name)
        return "—" if value is None else str(value)

    def number(self, name: str) -> str:
        """In lakhs and crores."""
        value = self._facts.get(name)
        if not isinstance(value, int):
            return "—"
        return grouped(value) if value >= 0 else _MINUS + grouped(-value)

    def credits(self, name: str) -> str:
        """A number of credits with its unit."""
        return f"{self.number(name)} credit{'' if self._facts.get(name) == 1 else 's'}"

    def money(self, name: str) -> str:
        """Paise as rupees, or the smallest unit of another currency with its name."""
        value, currency = self._facts.get(name), self._facts.get("currency") or "INR"
        if not isinstance(value, int):
            return "—"
        return f"₹{rupees(value)}" if currency == "INR" else f"{currency} {rupees(value)}"

    def time(self, name: str) -> str:
        """As `24 Nov 2026, 12:42 IST`."""
        value = self._facts.get(name)
        if not isinstance(value, str):
            return "—"
        return in_words(datetime.fromisoformat(value), self._about.time_zone)

    def figures(self) -> list[tuple[str, str]]:
        """All of them by their names."""
        known = [name for name in self._facts if self.has(name)]
        return [(name.replace("_", " ").capitalize(), self._shown(name)) for name in known]

    def _shown(self, name: str) -> str:
        if name in {"amount", "amount_paise"}:
            return self.money(name)
        if name.endswith("_at") or name == "respond_by":
            return self.time(name)
        return self.number(name) if isinstance(self._facts[name], int) else self.text(name)


Writer = Callable[[Told], Letter]


def letter_about(alert: Alert, about: About) -> Letter:
    """The letter about an alert."""
    return WRITERS[alert.type](Told(alert.facts, about))


def _low(told: Told) -> Letter:
    until = told.has("exhausts_at")
    pace = f" At the present pace they last until {told.time('exhausts_at')}." if until else ""
    return Letter(
        f"{told.credits('available')} left in {told.name}",
        [
            (
                f"{told.name} has {told.credits('available')} left, which is at or below its alert "
                f"level of {told.number('threshold')}.{pace}"
            ),
            "Add funds, or turn on auto-recharge, and nothing stops.",
        ],
    )


def _exhausted(told: Told) -> Letter:
    return Letter(
        f"No credits left in {told.name}",
        [
            f"{told.name} has no credits left (available: {told.number('available')}).",
            "AI and premium features pause until there are credits again. Core features go on.",
            "Add funds to go on with all of them.",
        ],
    )


def _burn(told: Told) -> Letter:
    frozen = told.text("action") == "freeze"
    consequence = (
        "The wallet is frozen, as it was set to: no credits leave it until somebody releases it."
        if frozen
        else "Nothing is stopped. Look at what uses the credits, and freeze the wallet if need be."
    )
    top_feature = f"{told.text('top_feature')}, {told.credits('top_feature_credits')}"
    figures = [
        ("Used", told.credits("used")),
        ("Limit", told.credits("limit")),
        ("Since", told.time("since")),
        ("Used most by feature", top_feature),
    ]
    if told.has("top_member"):
        top_member = f"{told.text('top_member')}, {told.credits('top_member_credits')}"
        figures.append(("Used most by member", top_member))
    if told.has("exhausts_at"):
        figures.append(("All used at this pace", told.time("exhausts_at")))
    return Letter(
        f"{told.name} uses its credits fast",
        [
            (
                f"{told.name} used {told.credits('used')} within 24 hours. Its limit is "
                f"{told.number('limit')}."
            ),
            consequence,
        ],
        figures,
    )


def _cap(told: Told) -> Letter:
    return Letter(
        f"Daily cap {told.text('cap')} reached in {told.name}",
        [
            (
                f"{told.name} did {told.number('used')} of {told.number('limit')} operations that "
                f"its daily cap {told.text('cap')} allows. Further ones are refused."
            ),
            f"The cap resets at {told.time('resets_at')}.",
        ],
    )


def _expiring(told: Told) -> Letter:
    days = "tomorrow" if told.text("days") == "1" else f"in {told.text('days')} days"
    return Letter(
        f"{told.credits('credits')} in {told.name} will expire {days}",
        [
            (
                f"{told.credits('credits')} in {told.name} will expire from "
                f"{told.time('expires_at')} on."
            ),
            "They are used before others. What is left then is gone.",
        ],
    )


def _payment(told: Told) -> Letter:
    return Letter(
        f"A payment for {told.name} failed",
        [
            f"The payment of {told.money('amount')} for {told.name} failed. No credits were added.",
            f"The reason given: {told.text('message')}",
            (
                "Try again, or pay by another method. If money was taken all the same, it is "
                "credited or goes back."
            ),
        ],
        [("Order", told.text("order_id"))],
    )


def _recharge(told: Told) -> Letter:
    return Letter(
        f"Auto-recharge failed in {told.name}",
        [
            (
                f"{told.name} could not recharge itself ({told.text('reason')}). Auto-recharge "
                "may be off now: see its settings."
            ),
            "Add funds, or choose another payment method.",
        ],
        [("Amount", told.money("amount"))],
    )


def _dispute(told: Told) -> Letter:
    return Letter(
        f"A payment of {told.name} is disputed",
        [
            (
                f"A payer complained to the bank about a payment for {told.name}. The credits that "
                "it bought are locked until that is decided."
            ),
            "Answer at the gateway in time.",
        ],
        told.figures(),
    )


def _lost(told: Told) -> Letter:
    return Letter(
        f"A dispute about a payment of {told.name} was lost",
        [f"The bank took a payment for {told.name} back, and the credits it bought are gone."],
        told.figures(),
    )


def _quarantined(told: Told) -> Letter:
    return Letter(
        f"A payment for {told.name} was set apart",
        [
            (
                f"A gateway told of a payment for {told.name} that does not match what was asked "
                "for. No credits were added."
            ),
            "Somebody should look at it.",
        ],
        told.figures(),
    )


def _budget(told: Told) -> Letter:
    if told.has("refused") and told.number("percent") != "100":
        subject = f"A budget of {told.name} has refused a charge"
    elif told.has("percent") and told.number("percent") != "100":
        subject = f"A budget of {told.name} is at {told.number('percent')} %"
    else:
        subject = f"A budget of {told.name} is used up"
    closing = "Raise it, or wait until it resets."
    return Letter(subject, [f"{subject}.", closing], told.figures())


def _webhook(told: Told) -> Letter:
    return Letter(
        f"A webhook endpoint of {told.name} fails",
        [
            f"Messages to a webhook endpoint of {told.name} are not accepted.",
            "See to the endpoint; what was not delivered can be sent again.",
        ],
        told.figures(),
    )


WRITERS: Final[Mapping[AlertType, Writer]] = {
    "LOW_BALANCE": _low,
    "CREDITS_EXHAUSTED": _exhausted,
    "RAPID_BURN": _burn,
    "CAP_REACHED": _cap,
    "CREDITS_EXPIRING": _expiring,
    "PAYMENT_FAILED": _payment,
    "RECHARGE_FAILED": _recharge,
    "DISPUTE_OPENED": _dispute,
    "DISPUTE_LOST": _lost,
    "PAYMENT_QUARANTINED": _quarantined,
    "BUDGET_REACHED": _budget,
    "WEBHOOK_FAILING": _webhook,
}
