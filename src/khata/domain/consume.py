"""Consume: one priced operation, charged to the lots at once."""

from khata.domain.budgets import BudgetUse
from khata.domain.ledger import CONSUMED, NO_FACTS, CapUse, Facts, Posting, Stamp
from khata.domain.limits import take_operation
from khata.domain.lots import burn_down
from khata.domain.pricing import Bill, bill
from khata.domain.refusals import (
    BudgetExceeded,
    CapReached,
    InsufficientCredits,
    PricingMismatch,
    UnknownFeature,
)
from khata.domain.rules import Rules, WalletCommand
from khata.domain.spending import Spending, spend
from khata.domain.wallet import Book


class Consume(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="consume", omit_defaults=True
):
    """Charge `quantity` of a feature. `credits`, where given, asserts the price."""

    feature: str
    quantity: int = 1
    credits: int | None = None
    member_id: str | None = None
    metadata: str | None = None


def consume(
    book: Book, command: Consume, rules: Rules, stamp: Stamp
) -> Posting | UnknownFeature | PricingMismatch | CapReached | BudgetExceeded | InsufficientCredits:
    """The charge for this operation, or why there is none. `book` has no expired lots."""
    prices = rules.prices.at(stamp.at_us)
    price = prices.features.get(command.feature)
    if price is None:
        return UnknownFeature(command.feature, prices.version)
    billed = bill(price, command.quantity, book.meters.get(price.feature))
    if command.credits is not None and command.credits != billed.credits:
        return PricingMismatch(billed.credits, command.credits, prices.version)
    cap = take_operation(book, price, rules.caps, stamp.at_us)
    if isinstance(cap, CapReached):
        return cap
    cost, available = billed.credits, book.accounts.available
    spending = Spending(price.feature, price.category, command.member_id, cost)
    budgets = spend(book, spending, stamp.spender, stamp.at_us)
    if isinstance(budgets, BudgetExceeded):
        return budgets
    if cost > available:
        return InsufficientCredits.of(cost, available)
    return Posting(
        "USAGE_DEDUCTION",
        available_change=-cost,
        account=CONSUMED + price.category if cost else None,
        draws=burn_down(book.lots, cost),
        facts=usage_facts(cap, billed, budgets),
        feature=price.feature,
        category=price.category,
        quantity=command.quantity,
        price_version=prices.version,
        member_id=command.member_id,
        metadata=command.metadata,
    )


def usage_facts(cap: CapUse | None, billed: Bill, budgets: tuple[BudgetUse, ...]) -> Facts:
    """What a charge says of the cap and budgets that counted it and the remainder it carried."""
    if cap is None and billed.after is None and not budgets:
        return NO_FACTS
    return Facts(
        caps=() if cap is None else (cap,),
        remainder_before=billed.before,
        remainder_after=billed.after,
        budgets=budgets,
    )
