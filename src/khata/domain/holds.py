"""Holds: credits set aside for work under way, then captured or given back."""

from collections.abc import Mapping
from typing import Literal

from msgspec.structs import replace

from khata.domain import spending
from khata.domain.budgets import BudgetUse
from khata.domain.ids import HoldId
from khata.domain.ledger import CONSUMED, CapUse, Facts, Posting, Stamp, TransactionType
from khata.domain.limits import give_operation_back, take_operation
from khata.domain.lots import burn_down, first_drawn, merged
from khata.domain.pricing import Bill, Price, bill, reserve
from khata.domain.refusals import (
    BudgetExceeded,
    CapReached,
    CaptureExceedsHold,
    HoldExpired,
    HoldNotFound,
    HoldNotOpen,
    InsufficientCredits,
    UnknownFeature,
    WalletFrozen,
)
from khata.domain.rules import Rules, WalletCommand
from khata.domain.spending import Spending, spend
from khata.domain.wallet import Book, Hold, HoldState

SECOND_US = 1_000_000
DEFAULT_TTL_SECONDS = 600
MAX_TTL_SECONDS = 86_400


class OpenHold(WalletCommand, frozen=True, gc=False, kw_only=True, tag="hold", omit_defaults=True):
    """Set aside the price of `quantity`, or exactly `credits`, for `ttl_seconds`."""

    feature: str
    quantity: int | None = None
    credits: int | None = None
    ttl_seconds: int = DEFAULT_TTL_SECONDS
    member_id: str | None = None
    metadata: str | None = None


class CaptureHold(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="capture", omit_defaults=True
):
    """Charge the price of `quantity`, or exactly `credits`, against a hold."""

    hold_id: HoldId
    quantity: int | None = None
    credits: int | None = None
    over_capture: Literal["reject", "if_available"] = "reject"


class ReleaseHold(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="release", omit_defaults=True
):
    """Give a hold's credits back."""

    hold_id: HoldId


class ExtendHold(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="extend", omit_defaults=True
):
    """Let a hold live for `ttl_seconds` from now."""

    hold_id: HoldId
    ttl_seconds: int


# The states of a hold, and what may follow each.
TRANSITIONS: Mapping[HoldState, frozenset[HoldState]] = {
    "open": frozenset({"open", "captured", "released", "expired"}),
    "captured": frozenset(),
    "released": frozenset(),
    "expired": frozenset(),
}

NotOpen = HoldNotFound | HoldNotOpen | HoldExpired


def moved_to(hold: Hold, state: HoldState) -> Hold:
    """The hold in its next state. A move that `TRANSITIONS` does not name is a bug."""
    assert state in TRANSITIONS[hold.state], f"{hold.id}: {hold.state} -> {state}"
    return replace(hold, state=state)


def open_hold(
    book: Book, command: OpenHold, rules: Rules, stamp: Stamp
) -> Posting | UnknownFeature | CapReached | BudgetExceeded | InsufficientCredits:
    """Sets the credits aside and counts the operation. A metered quantity rounds up."""
    at_us = stamp.at_us
    prices = rules.prices.at(at_us)
    price = prices.features.get(command.feature)
    if price is None:
        return UnknownFeature(command.feature, prices.version)
    cap = take_operation(book, price, rules.caps, at_us)
    if isinstance(cap, CapReached):
        return cap
    cost, available = _amount_to_hold(price, command), book.accounts.available
    wanted = Spending(price.feature, price.category, command.member_id, cost)
    budgets = spend(book, wanted, stamp.spender, at_us)
    if isinstance(budgets, BudgetExceeded):
        return budgets
    if cost > available:
        return InsufficientCredits.of(cost, available)
    hold = Hold(
        id=HoldId("hld_" + stamp.ulid),
        feature=price.feature,
        category=price.category,
        credits=cost,
        price_version=prices.version,
        expires_at_us=at_us + command.ttl_seconds * SECOND_US,
        created_at_us=at_us,
        draws=burn_down(book.lots, cost),
        quantity=command.quantity,
        member_id=command.member_id,
        cap=cap.cap if cap else None,
        day=cap.day if cap else 0,
        metadata=command.metadata,
        budgets=budgets,
    )
    return replace(
        _posting("HOLD", hold, caps=(cap,) if cap else (), budgets=budgets),
        available_change=-cost,
        reserved_change=cost,
        draws=hold.draws,
        quantity=command.quantity,
        metadata=command.metadata,
    )


def capture(
    book: Book, command: CaptureHold, rules: Rules, stamp: Stamp
) -> Posting | NotOpen | CaptureExceedsHold | WalletFrozen | BudgetExceeded | InsufficientCredits:
    """Charges what the work came to and gives the rest back, in one transaction.

    What goes beyond the hold counts against the budgets of this moment, and may be refused by
    them; the hold then stays open.
    """
    hold = the_open_hold(book, command.hold_id, stamp.at_us)
    if not isinstance(hold, Hold):
        return hold
    billed = _amount_to_capture(book, hold, command, rules)
    extra = billed.credits - hold.credits
    if extra > 0 and command.over_capture == "reject":
        return CaptureExceedsHold(billed.credits, hold.credits)
    if extra > 0 and book.wallet.status != "active":
        return WalletFrozen(book.wallet.status, book.wallet.frozen_reason)
    budgets = _counted_at_capture(book, hold, extra, stamp)
    if isinstance(budgets, BudgetExceeded):
        return budgets
    if extra > max(book.accounts.available, 0):
        return InsufficientCredits.of(extra, book.accounts.available)
    held = first_drawn(hold.draws, billed.credits)
    draws = merged(held, burn_down(book.lots, extra)) if extra > 0 else held
    captured = replace(moved_to(hold, "captured"), captured=billed.credits)
    return replace(
        _posting("HOLD_CAPTURE", captured, billed=billed, budgets=budgets),
        available_change=hold.credits - billed.credits,
        reserved_change=-hold.credits,
        account=CONSUMED + hold.category if billed.credits else None,
        draws=draws,
        quantity=command.quantity,
        metadata=hold.metadata,
    )


def release(book: Book, command: ReleaseHold, rules: Rules, at_us: int) -> Posting | NotOpen:
    """Gives all credits and the counted operation back."""
    hold = the_open_hold(book, command.hold_id, at_us)
    if not isinstance(hold, Hold):
        return hold
    return give_back(book, hold, "released", rules, None)


def extend(book: Book, command: ExtendHold, at_us: int) -> Hold | NotOpen:
    """The hold with a new expiry, counted from now. Moves no credits."""
    hold = the_open_hold(book, command.hold_id, at_us)
    if not isinstance(hold, Hold):
        return hold
    return replace(hold, expires_at_us=at_us + command.ttl_seconds * SECOND_US)


def give_back(
    book: Book, hold: Hold, state: HoldState, rules: Rules, occurred_at_us: int | None
) -> Posting:
    """The posting that ends a hold without a charge."""
    ended = moved_to(hold, state)
    caps = give_operation_back(book, hold, rules.caps)
    budgets = spending.give_back(book.counts, hold.budgets, hold.credits, operations=1)
    return replace(
        _posting("HOLD_RELEASE", ended, caps=caps, budgets=budgets, occurred_at_us=occurred_at_us),
        available_change=hold.credits,
        reserved_change=-hold.credits,
    )


def the_open_hold(book: Book, hold_id: HoldId, at_us: int) -> Hold | NotOpen:
    """The hold if it can still be captured, released or extended."""
    hold = book.holds.get(hold_id)
    if hold is None:
        return HoldNotFound(hold_id)
    if hold.state == "expired" or (hold.state == "open" and hold.expires_at_us <= at_us):
        return HoldExpired(hold.id, hold.expires_at_us)
    if hold.state != "open":
        return HoldNotOpen(hold.id, hold.state)
    return hold


def _counted_at_capture(
    book: Book, hold: Hold, extra: int, stamp: Stamp
) -> tuple[BudgetUse, ...] | BudgetExceeded:
    """The budgets after a capture of so much more than was held, or less."""
    if extra < 0:
        return spending.give_back(book.counts, hold.budgets, -extra, operations=0)
    if extra == 0:
        return ()
    more = Spending(hold.feature, hold.category, hold.member_id, extra, operations=0)
    return spend(book, more, stamp.spender, stamp.at_us)


def _amount_to_hold(price: Price, command: OpenHold) -> int:
    if command.credits is not None:
        return command.credits
    assert command.quantity is not None
    return reserve(price, command.quantity)


def _amount_to_capture(book: Book, hold: Hold, command: CaptureHold, rules: Rules) -> Bill:
    if command.credits is not None:
        return Bill(command.credits)
    assert command.quantity is not None
    price = rules.prices.version(hold.price_version).features[hold.feature]
    return bill(price, command.quantity, book.meters.get(hold.feature))


def _posting(
    type: TransactionType,
    hold: Hold,
    *,
    caps: tuple[CapUse, ...] = (),
    budgets: tuple[BudgetUse, ...] = (),
    billed: Bill | None = None,
    occurred_at_us: int | None = None,
) -> Posting:
    return Posting(
        type,
        facts=Facts(
            caps=caps,
            hold=hold,
            remainder_before=billed.before if billed else None,
            remainder_after=billed.after if billed else None,
            occurred_at_us=occurred_at_us,
            budgets=budgets,
        ),
        feature=hold.feature,
        category=hold.category,
        price_version=hold.price_version,
        member_id=hold.member_id,
        source="hold",
        source_id=hold.id,
    )
