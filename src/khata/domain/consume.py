"""Consume: one priced operation, charged to the lots at once."""

from khata.domain.ledger import CONSUMED, NO_FACTS, CapUse, Facts, Posting
from khata.domain.limits import take_operation
from khata.domain.lots import burn_down
from khata.domain.pricing import Bill, bill
from khata.domain.refusals import (
    CapReached,
    InsufficientCredits,
    PricingMismatch,
    UnknownFeature,
)
from khata.domain.rules import Rules, WalletCommand
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
    book: Book, command: Consume, rules: Rules, at_us: int
) -> Posting | UnknownFeature | PricingMismatch | CapReached | InsufficientCredits:
    """The charge for this operation, or why there is none. `book` has no expired lots."""
    prices = rules.prices.at(at_us)
    price = prices.features.get(command.feature)
    if price is None:
        return UnknownFeature(command.feature, prices.version)
    billed = bill(price, command.quantity, book.meters.get(price.feature))
    if command.credits is not None and command.credits != billed.credits:
        return PricingMismatch(billed.credits, command.credits, prices.version)
    cap = take_operation(book, price, rules.caps, at_us)
    if isinstance(cap, CapReached):
        return cap
    cost, available = billed.credits, book.accounts.available
    if cost > available:
        return InsufficientCredits.of(cost, available)
    return Posting(
        "USAGE_DEDUCTION",
        available_change=-cost,
        account=CONSUMED + price.category if cost else None,
        draws=burn_down(book.lots, cost),
        facts=usage_facts(cap, billed),
        feature=price.feature,
        category=price.category,
        quantity=command.quantity,
        price_version=prices.version,
        member_id=command.member_id,
        metadata=command.metadata,
    )


def usage_facts(cap: CapUse | None, billed: Bill) -> Facts:
    """What a charge says of the cap it counted against and the remainder it carried."""
    if cap is None and billed.after is None:
        return NO_FACTS
    return Facts(
        caps=() if cap is None else (cap,),
        remainder_before=billed.before,
        remainder_after=billed.after,
    )
