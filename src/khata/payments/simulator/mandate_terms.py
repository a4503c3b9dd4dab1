"""The terms a mandate is registered under, and the periods within which it is debited once."""

from datetime import UTC, datetime, timedelta
from typing import Final

from khata.payments.simulator.asked import choice_in, fields, integer_in
from khata.payments.simulator.clock import DAY
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc
from khata.payments.simulator.failures import invalid
from khata.payments.simulator.lines import INDIA

TERMS: Final = fields(
    "max_amount", "expire_at", "frequency", "recurring_value", "recurring_type", "type", "notes"
)
FREQUENCIES: Final = (
    "as_presented",
    "daily",
    "weekly",
    "fortnightly",
    "bimonthly",
    "monthly",
    "quarterly",
    "half_yearly",
    "yearly",
)
RESERVE_PAY: Final = "single_block_multiple_debit"
WITHOUT_APPROVAL: Final = 1_500_000
"""Paise of one debit above which the customer has to approve each."""

_MOST_UPI: Final = 9_999_900
_MOST_BLOCKED: Final = 1_000_000
_YEAR: Final = 365 * DAY
_MONTHS: Final = {
    "monthly": 1,
    "bimonthly": 2,
    "quarterly": 3,
    "half_yearly": 6,
    "yearly": 12,
}


def terms_in(desk: Desk, body: Doc, method: str | None, customer_id: str | None) -> Doc:
    """The terms that an order asks the customer to agree to; raises `GatewayError`."""
    terms: Doc = body["token"]
    if method not in {"upi", "card"}:
        raise invalid("method", "The method must be upi or card for a recurring payment.")
    if not customer_id:
        raise invalid("customer_id", "The customer_id field is required.")
    kind = choice_in(terms, "type", ("", RESERVE_PAY), "")
    most, longest = (_MOST_BLOCKED, 90 * DAY) if kind else (_MOST_UPI, 30 * _YEAR)
    most = WITHOUT_APPROVAL if method == "card" else most
    if kind and method != "upi":
        raise invalid("token.type", "A block needs the method upi.")
    usual_end = desk.now() + min(10 * _YEAR, longest)
    expire_at = (
        integer_in(terms, "expire_at", desk.now(), desk.now() + longest)
        if "expire_at" in terms
        else usual_end
    )
    return {
        "max_amount": integer_in(terms, "max_amount", 100, most),
        "expire_at": expire_at,
        "frequency": choice_in(terms, "frequency", FREQUENCIES, "as_presented"),
        "type": kind or None,
        "notes": terms.get("notes") or {},
    }


def cycle_of(frequency: str, moment: int) -> int | None:
    """The number of the period that a moment lies in, by Indian days; nothing without periods."""
    day = datetime.fromtimestamp(moment + INDIA, UTC)
    monday = day.date() - timedelta(days=day.weekday())
    if frequency == "daily":
        return day.toordinal()
    if frequency == "weekly":
        return monday.toordinal() // 7
    if frequency == "fortnightly":
        return monday.toordinal() // 14
    if frequency in _MONTHS:
        return (day.year * 12 + day.month - 1) // _MONTHS[frequency]
    return None


def off_peak(moment: int) -> int:
    """The moment itself, or when the next window begins in which UPI mandates are debited.

    They are before 10:00, from 13:00 to 17:00 and after 21:30, Indian time.
    """
    minute = (moment + INDIA) % DAY // 60
    for begins, ends in ((10 * 60, 13 * 60), (17 * 60, 21 * 60 + 30)):
        if begins <= minute < ends:
            return moment - (moment + INDIA) % DAY + ends * 60
    return moment
