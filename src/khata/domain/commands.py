"""The table of contents: every command, every outcome, and the one function that decides."""

from msgspec import Struct
from msgspec.structs import replace

from khata.domain.consume import Consume, consume
from khata.domain.disputes import (
    Clawback,
    LockPurchase,
    UnlockPurchase,
    clawback,
    lock,
    unlock,
)
from khata.domain.evolve import evolve
from khata.domain.grants import GrantCredits, Purchase, grant, purchase
from khata.domain.holds import (
    CaptureHold,
    ExtendHold,
    OpenHold,
    ReleaseHold,
    capture,
    extend,
    open_hold,
    release,
)
from khata.domain.ids import WalletId
from khata.domain.ledger import Posting, Stamp, Transaction, record
from khata.domain.payouts import HoldPayout, ReleasePayout, hold_payout, release_payout
from khata.domain.refunds import RefundUsage, refund
from khata.domain.refusals import AnyRefusal, WalletFrozen
from khata.domain.restores import RestoreRefund, restore
from khata.domain.rules import Rules, WalletCommand
from khata.domain.settle import settle
from khata.domain.transfers import Transfer, leg_ids, to_itself, transfer_in, transfer_out
from khata.domain.wallet import Book, Hold

__all__ = [
    "CaptureHold",
    "Claimed",
    "Clawback",
    "Command",
    "Consume",
    "Decision",
    "ExtendHold",
    "Extended",
    "GrantCredits",
    "HoldPayout",
    "LockPurchase",
    "OpenHold",
    "Outcome",
    "Purchase",
    "Recorded",
    "RefundUsage",
    "ReleaseHold",
    "ReleasePayout",
    "RestoreRefund",
    "SettleWallet",
    "Settled",
    "Transfer",
    "UnlockPurchase",
    "decide",
    "evolve",
    "wallets_of",
]


class SettleWallet(WalletCommand, frozen=True, gc=False, kw_only=True, tag="settle"):
    """Book what has expired. Has no key: a second one finds nothing to do."""


Command = (
    Consume
    | OpenHold
    | CaptureHold
    | ReleaseHold
    | ExtendHold
    | GrantCredits
    | Purchase
    | RefundUsage
    | Transfer
    | LockPurchase
    | UnlockPurchase
    | Clawback
    | RestoreRefund
    | HoldPayout
    | ReleasePayout
    | SettleWallet
)

_LEAVE_THE_WALLET = (Consume, OpenHold, ExtendHold, Transfer, HoldPayout)


class Recorded(Struct, frozen=True, gc=False):
    """The command's own transaction."""

    transaction: Transaction


class Extended(Struct, frozen=True, gc=False, tag_field="refusal", tag="extended"):
    """A hold that lives longer. No transaction: no credits moved."""

    hold: Hold
    available: int
    reserved: int
    locked: int
    sequence: int


class Claimed(Struct, frozen=True, gc=False, tag_field="refusal", tag="claimed"):
    """A key that stands for what no rule here decides, such as an order: its id."""

    by: str


class Settled(Struct, frozen=True, gc=False):
    """How many expiries a sweep booked."""

    transactions: int


Outcome = Recorded | Extended | Settled | AnyRefusal


class Decision(Struct, frozen=True, gc=False):
    """What a command led to: its outcome, all that is to be recorded, and the books after it."""

    outcome: Outcome
    transactions: tuple[Transaction, ...]
    book: Book
    counterpart: Book | None = None


def wallets_of(command: Command) -> tuple[WalletId, ...]:
    """Every wallet the command may touch, its own first."""
    if isinstance(command, Transfer):
        return command.wallet_id, command.to_wallet_id
    return (command.wallet_id,)


def decide(
    book: Book, command: Command, stamp: Stamp, rules: Rules, counterpart: Book | None = None
) -> Decision:
    """Settles what has expired, then applies the command's rule to its wallet's book.

    `stamp.at_us` must not be before the book's last transaction. `counterpart` is the receiving
    wallet's book of a transfer.
    """
    settled: tuple[Transaction, ...] = ()
    if book.due_us <= stamp.at_us:
        book, settled = settle(book, stamp, rules)
    if book.wallet.status != "active" and (refusal := _frozen(book, command)):
        return Decision(refusal, settled, book)
    if counterpart is not None:
        assert isinstance(command, Transfer), "only a transfer has two books"
        return _transferred(book, counterpart, command, stamp, rules, settled)
    verdict = _verdict(book, command, stamp, rules, len(settled) + 1)
    match verdict:
        case Posting():
            return _recorded(book, (verdict,), command, stamp, rules, settled)
        case tuple():
            return _recorded(book, verdict, command, stamp, rules, settled)
        case Hold():
            return _extended(book, verdict, settled)
        case None:
            return Decision(Settled(len(settled)), settled, book)
        case _:
            return Decision(verdict, settled, book)


def _verdict(
    book: Book, command: Command, stamp: Stamp, rules: Rules, number: int
) -> Posting | tuple[Posting, ...] | Hold | AnyRefusal | None:
    match command:
        case Consume():
            return consume(book, command, rules, stamp)
        case OpenHold():
            return open_hold(book, command, rules, stamp)
        case CaptureHold():
            return capture(book, command, rules, stamp)
        case ReleaseHold():
            return release(book, command, rules, stamp.at_us)
        case ExtendHold():
            return extend(book, command, stamp.at_us)
        case GrantCredits():
            return grant(book, command, stamp)
        case Purchase():
            return purchase(book, command, stamp, number)
        case RefundUsage():
            return refund(book, command, stamp.at_us)
        case LockPurchase():
            return lock(book, command)
        case UnlockPurchase():
            return unlock(book, command)
        case Clawback():
            return clawback(book, command)
        case RestoreRefund():
            return restore(book, command)
        case HoldPayout():
            return hold_payout(book, command, stamp)
        case ReleasePayout():
            return release_payout(book, command)
        case SettleWallet():
            return None
        case Transfer():
            raise AssertionError("a transfer has two books")


def _frozen(book: Book, command: Command) -> WalletFrozen | None:
    frozen = WalletFrozen(book.wallet.status, book.wallet.frozen_reason)
    takes_back = isinstance(command, GrantCredits) and command.credits < 0
    if isinstance(command, _LEAVE_THE_WALLET) or takes_back:
        return frozen
    closed_to_new = isinstance(command, GrantCredits | Purchase)
    return frozen if closed_to_new and frozen.wallet_status == "closed" else None


def _recorded(
    book: Book,
    postings: tuple[Posting, ...],
    command: Command,
    stamp: Stamp,
    rules: Rules,
    settled: tuple[Transaction, ...],
) -> Decision:
    own = record(book, postings[0], stamp, key=command.idempotency_key)
    book = evolve(book, own)
    done = (*settled, own)
    for posting in postings[1:]:
        further = record(book, posting, stamp, number=len(done))
        book = evolve(book, further)
        done = (*done, further)
    if book.due_us <= stamp.at_us:
        book, expired_at_once = settle(book, stamp, rules, len(done))
        done = (*done, *expired_at_once)
    return Decision(Recorded(own), done, book)


def _transferred(
    source: Book,
    target: Book,
    command: Transfer,
    stamp: Stamp,
    rules: Rules,
    settled: tuple[Transaction, ...],
) -> Decision:
    if target.wallet.id == source.wallet.id:
        return Decision(to_itself(command), settled, source)
    # What the giver's holds gave back to shared budgets is there before the receiver's do.
    if target.counts.shared is not source.counts.shared:
        target = replace(target, counts=replace(target.counts, shared=source.counts.shared))
    target, theirs = settle(target, stamp, rules, len(settled) + 1)
    settled = (*settled, *theirs)
    given = transfer_out(source, target, command)
    if not isinstance(given, Posting):
        return Decision(given, settled, source, target)
    number = len(settled) + 1
    legs = leg_ids(stamp, number, source, target)
    out = record(source, replace(given, source_id=legs[1]), stamp, key=command.idempotency_key)
    arrival = transfer_in(source, target, given.draws, command, stamp, number)
    into = record(target, replace(arrival, source_id=legs[0]), stamp, number=number)
    done = (*settled, out, into)
    return Decision(Recorded(out), done, evolve(source, out), evolve(target, into))


def _extended(book: Book, hold: Hold, settled: tuple[Transaction, ...]) -> Decision:
    accounts = book.accounts
    due_us = min(book.due_us, hold.expires_at_us)
    book = replace(book, holds={**book.holds, hold.id: hold}, due_us=due_us)
    outcome = Extended(
        hold, accounts.available, accounts.reserved, accounts.locked, accounts.sequence
    )
    return Decision(outcome, settled, book)
