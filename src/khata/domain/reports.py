"""Reports: trial balance, revenue and liability, as the ledger has them booked.

INR is in paise, debit positive. In CREDIT what a wallet holds is a debit, and the counter-account
that it came from a credit; both units have their own totals, which are equal.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct, field

from khata.domain.inr import CHARGEBACKS, DEFERRED
from khata.domain.times import rfc3339

Unit = Literal["INR", "CREDIT"]
# Sums of legs by what booked them (a transaction's type or a kind of the journal) and account.
Moved = Mapping[tuple[str, str], int]

_USAGE = ("USAGE_DEDUCTION", "HOLD_CAPTURE", "REFUND")
_BREAKAGE = ("EXPIRY", "ADMIN_ADJUSTMENT")
_BOUGHT = ("CREDIT_PURCHASE", "BONUS_CREDIT")
_GIVEN = ("TRANSFER_IN", "TRANSFER_OUT")


class Period(Struct, frozen=True):
    """From one time on and before another, of all organizations or one, all wallets or one."""

    from_us: int | None = None
    to_us: int | None = None
    organization_id: str | None = None
    wallet_id: str | None = None


class Asked(Struct, frozen=True, kw_only=True):
    """What a report is of, as it says itself."""

    organization_id: str | None
    from_: str | None = field(name="from")
    to: str | None


class BalanceLine(Struct, frozen=True):
    """An account with what it stands at, on its side."""

    account: str
    debit: int
    credit: int


class UnitBalance(Struct, frozen=True):
    """All accounts of one unit. The totals are equal."""

    unit: Unit
    accounts: tuple[BalanceLine, ...]
    debit: int
    credit: int


class TrialBalance(Struct, frozen=True):
    """What all accounts stand at, or with `from` by how much they moved."""

    of: Asked
    units: tuple[UnitBalance, ...]
    is_balanced: bool


class AccountLine(Struct, frozen=True):
    """An account and paise, as what it is: income and expenses both positive."""

    account: str
    paise: int


class DeferredRevenue(Struct, frozen=True):
    """What customers had paid for and not used, and how that became `closing`.

    `bought` and `transferred` add to it; `earned` by use, `breakage`, `taken_back` by refunds and
    chargebacks, and `recovered` by new credits that pay a debt lessen it.
    """

    opening: int
    bought: int
    transferred: int
    earned: int
    breakage: int
    taken_back: int
    recovered: int
    closing: int


class Revenue(Struct, frozen=True):
    """Revenue of a period in paise, and what is deferred around it.

    Up to now, `unearned_by_lots` is what the lots themselves have not earned, the same as the
    closing by another way; of an earlier time it is null.
    """

    of: Asked
    currency: Literal["INR"]
    deferred: DeferredRevenue
    income: tuple[AccountLine, ...]
    expenses: tuple[AccountLine, ...]
    unearned_by_lots: int | None
    agrees: bool


class OwedKind(Struct, frozen=True):
    """Credits outstanding of one kind of grant, and the paise deferred with them."""

    kind: str
    available_credits: int
    reserved_credits: int
    locked_credits: int
    deferred_paise: int


class OwedWallet(Struct, frozen=True):
    """One wallet's credits outstanding, what it owes, and the paise deferred with them."""

    wallet_id: str
    name: str
    credits: int
    debt_credits: int
    deferred_paise: int


class Liability(Struct, frozen=True):
    """Credits that customers hold now, and what of their price is not earned.

    `wallets` are those with the most, `wallet_count` all that hold or owe any. `deferred_paise` is
    by the lots, `deferred_by_ledger` by the ledger's legs.
    """

    organization_id: str | None
    at: str
    currency: Literal["INR"]
    kinds: tuple[OwedKind, ...]
    wallets: tuple[OwedWallet, ...]
    wallet_count: int
    credits: int
    debt_credits: int
    deferred_paise: int
    deferred_by_ledger: int
    agrees: bool


def asked(period: Period) -> Asked:
    """The period as a report says it."""
    return Asked(
        organization_id=period.organization_id,
        from_=None if period.from_us is None else rfc3339(period.from_us),
        to=None if period.to_us is None else rfc3339(period.to_us),
    )


def trial_balance(
    period: Period, paise: Mapping[str, int], credits: Mapping[str, int]
) -> TrialBalance:
    """The trial balance of these sums by account, accounts at zero left out."""
    units = (_unit("INR", paise), _unit("CREDIT", credits))
    return TrialBalance(
        of=asked(period),
        units=units,
        is_balanced=all(unit.debit == unit.credit for unit in units),
    )


def revenue(period: Period, opening: int, moved: Moved, unearned: int | None) -> Revenue:
    """The revenue of a period in which this moved, after `opening` was deferred before it."""
    deferred = _deferred(opening, moved)
    return Revenue(
        of=asked(period),
        currency="INR",
        deferred=deferred,
        income=_accounts(moved, "income.", -1),
        expenses=_accounts(moved, "expenses.", 1),
        unearned_by_lots=unearned,
        agrees=unearned is None or unearned == deferred.closing,
    )


def by_account(moved: Moved) -> dict[str, int]:
    """The same sums, whatever booked them."""
    sums: dict[str, int] = {}
    for (_, account), amount in moved.items():
        sums[account] = sums.get(account, 0) + amount
    return sums


def _unit(unit: Unit, sums: Mapping[str, int]) -> UnitBalance:
    lines = tuple(
        BalanceLine(account, debit=max(amount, 0), credit=max(-amount, 0))
        for account, amount in sorted(sums.items())
        if amount
    )
    return UnitBalance(
        unit, lines, sum(line.debit for line in lines), sum(line.credit for line in lines)
    )


def _deferred(opening: int, moved: Moved) -> DeferredRevenue:
    def sum_of(kinds: Iterable[str], account: str) -> int:
        return sum(moved.get((kind, account), 0) for kind in kinds)

    recovered_by_purchases = -sum_of(_BOUGHT, CHARGEBACKS)
    recovered_by_gifts = -sum_of(_GIVEN, CHARGEBACKS)
    return DeferredRevenue(
        opening=opening,
        bought=recovered_by_purchases - sum_of(_BOUGHT, DEFERRED),
        transferred=recovered_by_gifts - sum_of(_GIVEN, DEFERRED),
        earned=sum_of(_USAGE, DEFERRED),
        breakage=sum_of(_BREAKAGE, DEFERRED),
        taken_back=sum_of(("CLAWBACK",), DEFERRED),
        recovered=recovered_by_purchases + recovered_by_gifts,
        closing=opening - by_account(moved).get(DEFERRED, 0),
    )


def _accounts(moved: Moved, prefix: str, sign: int) -> tuple[AccountLine, ...]:
    return tuple(
        AccountLine(account, sign * amount)
        for account, amount in sorted(by_account(moved).items())
        if account.startswith(prefix) and amount
    )
