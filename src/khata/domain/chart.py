"""The chart of accounts as plain-text accounting knows it, and what is exported to it.

INR and CREDIT are commodities of their own. In INR debits are positive, so that liabilities and
income are negative. In CREDIT a wallet's accounts are positive, and the accounts that its credits
came from negative.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from khata.domain.ids import ALPHABET
from khata.domain.inr import Legs, legs_of
from khata.domain.ledger import CONSUMED, Transaction
from khata.domain.limits import day_start_us, local_day

Unit = Literal["INR", "CREDIT"]
ZONE = "Asia/Kolkata"

_INR: Mapping[str, str] = {
    "bank": "Assets:Bank",
    "itc.gst": "Assets:ITC:GST",
    "disputed": "Assets:Disputed",
    "deferred_revenue": "Liabilities:DeferredRevenue",
    "gst.cgst": "Liabilities:GST:CGST",
    "gst.sgst": "Liabilities:GST:SGST",
    "gst.igst": "Liabilities:GST:IGST",
    "refunds_payable": "Liabilities:RefundsPayable",
    "income.usage.REFUNDS": "Income:Usage:Refunds",
    "income.platform_fee": "Income:PlatformFee",
    "income.breakage": "Income:Breakage",
    "transferred": "Equity:Transferred",
    "expenses.gateway_fees": "Expenses:GatewayFees",
    "expenses.chargebacks": "Expenses:Chargebacks",
    "expenses.round_off": "Expenses:RoundOff",
}
_OWN = ("available", "reserved", "locked")


class Leg(NamedTuple):
    """One account's change: paise or whole credits."""

    account: str
    unit: Unit
    amount: int


class Booked(NamedTuple):
    """What is exported as one entry: of the ledger or of the journal of money."""

    at_us: int
    id: str
    wallet_id: str
    title: str
    legs: tuple[Leg, ...]


def of_transaction(t: Transaction) -> Booked:
    """A transaction's legs in both units, on the accounts of the chart."""
    changes = zip(_OWN, (t.available_change, t.reserved_change, t.locked_change), strict=True)
    credits = [Leg(own_account(t.wallet_id, name), "CREDIT", change) for name, change in changes]
    if t.account is not None:
        credits.append(Leg(counter_account(t.account), "CREDIT", t.account_change))
    legs = (*(leg for leg in credits if leg.amount), *in_inr(legs_of(t)))
    return Booked(t.at_us, t.id, t.wallet_id, _title(t), legs)


def in_inr(legs: Legs) -> tuple[Leg, ...]:
    """Legs in INR on the accounts of the chart."""
    return tuple(Leg(inr_account(leg.account), "INR", leg.paise) for leg in legs)


def inr_account(account: str) -> str:
    """Where an account in INR stands in the chart, such as `Assets:Gateway:Simulator`."""
    known = _INR.get(account)
    if known is not None:
        return known
    if account.startswith("gateway."):
        return f"Assets:Gateway:{_part(account.removeprefix('gateway.').capitalize())}"
    return f"Income:Usage:{_part(account.removeprefix('income.usage.'))}"


def own_account(wallet_id: str, pocket: str) -> str:
    """Where a wallet's `available`, `reserved` or `locked` stands, by its id in hexadecimal."""
    number = 0
    for character in wallet_id.removeprefix("wal_"):
        number = number * len(ALPHABET) + ALPHABET.index(character)
    return f"Liabilities:Credits:W-{number:032x}:{pocket.capitalize()}"


def own_accounts(wallet_id: str) -> tuple[str, str, str]:
    """The three accounts of a wallet: available, reserved and locked."""
    available, reserved, locked = (own_account(wallet_id, pocket) for pocket in _OWN)
    return available, reserved, locked


def counter_account(account: str) -> str:
    """Where a counter-account of credits stands, such as `Equity:Credits:Issued-Purchase`."""
    if account.startswith(CONSUMED):
        return f"Equity:Credits:Consumed:{_part(account.removeprefix(CONSUMED))}"
    words = re.split(r"[._]", account)
    return f"Equity:Credits:{'-'.join(word.capitalize() for word in words)}"


def india_day(at_us: int) -> int:
    """The day in India of an instant, counted from 1970-01-01."""
    return local_day(ZONE, at_us)


def india_day_start_us(day: int) -> int:
    """When that day begins in India."""
    return day_start_us(ZONE, day)


def _title(t: Transaction) -> str:
    what = t.type.replace("_", " ").capitalize()
    of = t.feature or t.source_id or ""
    note = f": {t.facts.note}" if t.facts.note else ""
    return f"{what} {of}".strip() + note


def _part(name: str) -> str:
    """A name as one part of an account: capital or digit first, then letters, digits and `-`."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    return plain if plain[:1].isupper() or plain[:1].isdigit() else f"X{plain.capitalize()}"
