"""The gate: what a feature asks before it shows itself. It decides nothing and moves nothing."""

from msgspec import Struct

from khata.domain.budgets import NOBODY, BudgetUse, Spender
from khata.domain.ledger import CapUse
from khata.domain.limits import day_start_us, local_day, take_operation
from khata.domain.pricing import Price, bill
from khata.domain.protection import Protection, protection_of
from khata.domain.refusals import (
    BudgetExceeded,
    CapReached,
    InsufficientCredits,
    UnknownFeature,
    WalletFrozen,
)
from khata.domain.rules import Rules
from khata.domain.spending import Spending, spend, standings
from khata.domain.wallet import Book


class Asked(Struct, frozen=True, gc=False):
    """What would be consumed, and by whom."""

    feature: str
    quantity: int = 1
    member_id: str | None = None
    spender: Spender = NOBODY


class CapStanding(Struct, frozen=True, gc=False):
    """Operations of this wallet's day so far under one cap, and when its next day begins."""

    cap: str
    used: int
    limit: int
    resets_at_us: int


class Gate(Struct, frozen=True, gc=False):
    """What a consume of this feature would meet now, and what the feature should show.

    `code` is the refusal a consume would get. At zero credits core features stay `allowed` beside
    it: the platform serves them unbilled. `budgets` are those that would count it, each with what
    it has counted so far in `before`.
    """

    can_use_premium: bool
    is_low_balance: bool
    is_exhausted: bool
    hard_limit_reached: bool
    available_credits: int
    threshold: int
    allowed: bool
    code: str | None
    price: int
    caps: tuple[CapStanding, ...]
    budgets: tuple[BudgetUse, ...] = ()
    protection: Protection | None = None


def gate(book: Book, asked: Asked, rules: Rules, at_us: int) -> Gate | UnknownFeature:
    """The gate of a feature on a settled book, which has what its budgets have counted by then."""
    prices = rules.prices.at(at_us)
    price = prices.features.get(asked.feature)
    if price is None:
        return UnknownFeature(asked.feature, prices.version)
    available, is_active = book.accounts.available, book.wallet.status == "active"
    cost = bill(price, asked.quantity, book.meters.get(price.feature)).credits
    cap = take_operation(book, price, rules.caps, at_us)
    spending = Spending(price.feature, price.category, asked.member_id, cost)
    budgets = spend(book, spending, asked.spender, at_us)
    code = _refusal_code(book, cap, budgets, cost)
    return Gate(
        can_use_premium=is_active and available > 0,
        is_low_balance=available <= book.wallet.low_balance_threshold,
        is_exhausted=available <= 0,
        hard_limit_reached=isinstance(cap, CapReached) or isinstance(budgets, BudgetExceeded),
        available_credits=available,
        threshold=book.wallet.low_balance_threshold,
        allowed=_is_allowed(price, code),
        code=code,
        price=cost,
        caps=() if cap is None else (_standing(book, cap, at_us),),
        budgets=standings(book, spending, asked.spender, at_us),
        protection=protection_of(book.wallet),
    )


def _refusal_code(
    book: Book,
    cap: CapUse | CapReached | None,
    budgets: tuple[BudgetUse, ...] | BudgetExceeded,
    cost: int,
) -> str | None:
    """In the order in which a consume checks."""
    available = book.accounts.available
    if book.wallet.status != "active":
        return WalletFrozen.code
    if isinstance(cap, CapReached):
        return cap.code
    if isinstance(budgets, BudgetExceeded):
        return budgets.code
    if cost > available:
        return InsufficientCredits.code
    return None


def _is_allowed(price: Price, code: str | None) -> bool:
    return code is None or (code == InsufficientCredits.code and not price.premium)


def _standing(book: Book, cap: CapUse | CapReached, at_us: int) -> CapStanding:
    if isinstance(cap, CapReached):
        return CapStanding(cap.cap, cap.used, cap.limit, cap.resets_at_us)
    zone = book.wallet.time_zone
    tomorrow = day_start_us(zone, local_day(zone, at_us) + 1)
    return CapStanding(cap.cap, cap.before, cap.limit, tomorrow)
