"""Price trial: what the real usage of a period would have cost under other prices.

Each transaction of the period is decided once more, in its order and by the very rules that decided
it, on a book on which the proposed prices hold from the period's start. Grants, purchases, gifts
and what admins took come as they came; expiries follow from what is left then. A hold that was
taken before the period keeps the prices it was taken at, as any hold does. Amounts that were named
in credits stay these credits, and daily caps refuse nothing: the usage was real.
"""

from collections.abc import Mapping, Sequence

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
from khata.domain.grants import GrantCredits, grant, paying_debt
from khata.domain.holds import (
    SECOND_US,
    CaptureHold,
    OpenHold,
    ReleaseHold,
    capture,
    open_hold,
    release,
)
from khata.domain.ids import GrantId, TransactionId, Ulid
from khata.domain.ledger import Facts, Posting, Stamp, Transaction
from khata.domain.lots import burn_down, total
from khata.domain.money import MAX_WALLET_CREDITS, half_up
from khata.domain.payouts import HoldPayout, ReleasePayout, hold_payout, release_payout
from khata.domain.pricing import Price, PriceList, PriceLists
from khata.domain.refunds import RefundUsage, refund
from khata.domain.refusals import AnyRefusal, InsufficientCredits, NotPayable, NotTransferable
from khata.domain.restores import RestoreRefund, restore, taken_back
from khata.domain.rules import Rules
from khata.domain.wallet import NEVER_US, Book, Charge, Draw, Hold, Lot

# What the wallet did and could not have done.
UNCOVERED = (InsufficientCredits, NotTransferable, NotPayable)
# The few transactions from which it follows what is locked.
LOCKING: frozenset[str] = frozenset({"LOCK", "UNLOCK", "PAYOUT_HOLD", "PAYOUT_RELEASE", "CLAWBACK"})
# Drawn last, and more than a wallet ever holds.
_LENT = GrantId("grt_lent")
_LAST = 2**15 - 1


class Charged(Struct, frozen=True, gc=False):
    """A charge of the period that is refunded later: what it was, what of it was given back, and
    the same charge under the proposed prices."""

    credits: int
    returned: int
    again: Charge


class FeatureTried(Struct, frozen=True, gc=False, kw_only=True):
    """One feature's usage in the period: charges less refunds, as they were and as proposed.

    One that `is_priced` no more costs nothing: it would have been refused.
    """

    feature: str
    category: str
    is_priced: bool
    count: int
    quantity: int
    actual_credits: int
    proposed_credits: int


class WalletTried(Struct, frozen=True, gc=False):
    """One wallet's usage, and when its credits first would not have covered what it did."""

    wallet_id: str
    actual_credits: int
    proposed_credits: int
    runs_dry_at_us: int | None


class PriceTrial(Struct, frozen=True, gc=False, kw_only=True):
    """A period's usage as it was and as proposed: the features by what they cost; the wallets that
    would have run dry, soonest first, and then those whose costs change most."""

    from_us: int
    to_us: int
    actual_credits: int
    proposed_credits: int
    features: tuple[FeatureTried, ...]
    wallets: tuple[WalletTried, ...]
    wallet_count: int
    runs_dry_count: int


def trial_rules(
    proposed: Mapping[str, Price], published: Sequence[PriceList], from_us: int
) -> Rules:
    """The rules of a trial: the proposed prices are the latest version from `from_us` on."""
    number = max((prices.version for prices in published), default=0) + 1
    latest = PriceList(number, from_us, proposed)
    return Rules(PriceLists((*published, latest)), {})


def trial_book(book: Book) -> Book:
    """The book to try on: it recharges nothing, and no cap, budget or freeze of today refuses what
    was."""
    return replace(
        book,
        wallet=replace(book.wallet, status="active", caps={}, budgets=()),
        holds={each.id: replace(each, budgets=()) for each in book.holds.values()},
        recharge_below=None,
        due_us=min((lot.expires_at_us for lot in book.lots if lot.available), default=NEVER_US),
    )


def with_carried(book: Book, t: Transaction) -> Book:
    """The book with the remainder that the period's first metered charge of a feature found."""
    carried, feature = t.facts.remainder_before, t.feature
    if carried is None or feature is None or feature in book.meters:
        return book
    return replace(book, meters={**book.meters, feature: carried})


def with_hold(book: Book, t: Transaction, from_us: int) -> Book:
    """The book with the hold that this transaction ends, if it was taken before the period."""
    hold = t.facts.hold
    if hold is None or hold.created_at_us >= from_us or hold.id in book.holds:
        return book
    taken = replace(hold, state="open", captured=0, expires_at_us=NEVER_US, budgets=())
    return replace(book, holds={**book.holds, hold.id: taken})


def with_clawback(book: Book, t: Transaction, posting: Posting) -> Book:
    """The book with what a clawback took here, by which it is undone if its refund fails."""
    facts = replace(posting.facts, refund_id=t.facts.refund_id)
    taken = taken_back(t.id, posting.draws, facts) if t.source == "payment" else None
    if taken is None:
        return book
    return replace(book, clawbacks={**book.clawbacks, taken.id: taken})


def goes_on(t: Transaction, before: Transaction | None) -> bool:
    """Whether a purchase goes on with its bonus or its review, before anything can expire."""
    return (
        before is not None
        and t.type in ("BONUS_CREDIT", "LOCK")
        and before.at_us == t.at_us
        and before.facts.payment_id == t.facts.payment_id is not None
        and before.type in ("CREDIT_PURCHASE", "BONUS_CREDIT")
    )


def decided_again(book: Book, t: Transaction, rules: Rules) -> Posting | AnyRefusal | None:
    """What becomes of this transaction on that book; nothing of an expiry, which `settle` books.

    `book` has no expired lots, and the lots that `t` may touch. Refunds of usage are given back by
    `returned_again`.
    """
    match t.type:
        case "USAGE_DEDUCTION" | "HOLD" | "HOLD_CAPTURE" | "HOLD_RELEASE":
            return _used_again(book, t, rules)
        case "CREDIT_PURCHASE" | "BONUS_CREDIT" | "TRANSFER_IN":
            return _granted_again(book, t)
        case "ADMIN_ADJUSTMENT":
            return _granted_again(book, t) if t.facts.grants else _taken_again(book, t)
        case "TRANSFER_OUT":
            return _given_again(book, t)
        case "EXPIRY" | "REFUND":
            return None
        case _:
            return _locked_again(book, t)


def returned_again(book: Book, t: Transaction, known: Charged | None) -> Posting | None:
    """The refund `t` of a charge: its share of what the charge costs now, the whole for the whole.

    A charge from before the period is none of the trial's, and gives back what it gave back.
    """
    if known is None:
        return Posting(
            "REFUND", available_change=t.available_change, account=t.account, draws=t.draws
        )
    due = half_up(known.again.credits * (known.returned + t.available_change), known.credits)
    credits = due - known.again.refunded
    if not credits:
        return None
    asked = RefundUsage(
        wallet_id=t.wallet_id, transaction_id=known.again.id, reason="", credits=credits
    )
    posting = refund(replace(book, charges={known.again.id: known.again}), asked, t.at_us)
    assert isinstance(posting, Posting), "a share of a charge is no more than the charge"
    return posting


def charged_again(t: Transaction, posting: Posting | None) -> Charged:
    """A charge to remember, with what it came to here; nothing where it was refused."""
    credits, draws = (0, ()) if posting is None else (_cost(posting), posting.draws)
    again = Charge(t.id, credits, 0, draws, t.feature, t.category, t.member_id)
    return Charged(t.account_change, 0, again)


def after_return(known: Charged, t: Transaction, posting: Posting | None) -> Charged:
    """The charge after the refund `t` of it, which gave back `posting` here."""
    credits = 0 if posting is None else posting.available_change
    again = replace(known.again, refunded=known.again.refunded + credits)
    return replace(known, returned=known.returned + t.available_change, again=again)


def lent(at_us: int) -> Posting:
    """Credits without end for a wallet that ran dry, so that the rest of its usage is priced."""
    lot = Lot(
        id=_LENT,
        kind="purchase",
        granted=MAX_WALLET_CREDITS,
        available=MAX_WALLET_CREDITS,
        sequence=0,
        created_at_us=at_us,
        priority=_LAST,
    )
    return Posting(
        "ADMIN_ADJUSTMENT",
        available_change=lot.granted,
        account="adjusted",
        facts=Facts(grants=(lot,)),
    )


def locked_after(
    locked: Mapping[GrantId, int], type_: str, draws: tuple[Draw, ...]
) -> Mapping[GrantId, int]:
    """The locked credits of each lot after a transaction of that type, as `evolve` has them."""
    after = dict(locked)
    for draw in draws:
        has = after.get(draw.grant_id, 0)
        match type_:
            case "LOCK" | "PAYOUT_HOLD":
                after[draw.grant_id] = has + draw.credits
            case "UNLOCK" | "PAYOUT_RELEASE":
                after[draw.grant_id] = has - draw.credits
            case "CLAWBACK":
                after[draw.grant_id] = has - max(min(draw.credits, has), 0)
            case _:
                raise AssertionError(f"{type_} locks nothing")
    return after


def stamp_of(t: Transaction) -> Stamp:
    """The id and time that this transaction was decided with."""
    return Stamp(Ulid(t.id.removeprefix("txn_")), t.at_us)


def _cost(posting: Posting) -> int:
    return -(posting.available_change + posting.reserved_change + posting.locked_change)


def _used_again(book: Book, t: Transaction, rules: Rules) -> Posting | AnyRefusal:
    hold = t.facts.hold
    if hold is None:
        assert t.feature is not None, "a charge is of a feature"
        assert t.quantity is not None, "a charge is of a quantity"
        asked = Consume(wallet_id=t.wallet_id, feature=t.feature, quantity=t.quantity)
        return consume(book, asked, rules, stamp_of(t))
    if t.type == "HOLD":
        return _held_again(book, t, hold, rules)
    if t.type == "HOLD_RELEASE":
        return release(book, ReleaseHold(wallet_id=t.wallet_id, hold_id=hold.id), rules, t.at_us)
    captured = CaptureHold(
        wallet_id=t.wallet_id,
        hold_id=hold.id,
        quantity=t.quantity,
        credits=hold.captured if t.quantity is None else None,
        over_capture="if_available",
    )
    return capture(book, captured, rules, stamp_of(t))


def _held_again(book: Book, t: Transaction, hold: Hold, rules: Rules) -> Posting | AnyRefusal:
    asked = OpenHold(
        wallet_id=t.wallet_id,
        feature=hold.feature,
        quantity=hold.quantity,
        credits=hold.credits if hold.quantity is None else None,
        # It ends when it ended: its time may have been extended, which no transaction tells.
        ttl_seconds=(NEVER_US - t.at_us) // SECOND_US,
    )
    return open_hold(book, asked, rules, Stamp(Ulid(hold.id.removeprefix("hld_")), t.at_us))


def _granted_again(book: Book, t: Transaction) -> Posting:
    """The same lots, of which the debt that there is here takes its part."""
    paid = {draw.grant_id: draw.credits for draw in t.draws}
    lots = tuple(
        replace(lot, available=lot.available + paid.get(lot.id, 0)) for lot in t.facts.grants
    )
    left, draws = paying_debt(lots, book.accounts.debt)
    return Posting(
        t.type,
        available_change=t.available_change,
        account=t.account,
        draws=draws,
        facts=Facts(grants=left),
    )


def _taken_again(book: Book, t: Transaction) -> Posting | AnyRefusal:
    asked = GrantCredits(
        wallet_id=t.wallet_id, kind="adjustment", credits=t.available_change, note=""
    )
    return grant(book, asked, stamp_of(t))


def _given_again(book: Book, t: Transaction) -> Posting | AnyRefusal:
    credits = -t.available_change
    draws = burn_down((lot for lot in book.lots if lot.transferable), credits)
    if credits > book.accounts.available or total(draws) < credits:
        return NotTransferable(credits, total(draws), "The wallet would not have had them.")
    return Posting("TRANSFER_OUT", available_change=-credits, account=t.account, draws=draws)


def _locked_again(book: Book, t: Transaction) -> Posting | AnyRefusal:
    payment_id = t.facts.payment_id or ""
    match t.type:
        case "LOCK":
            return lock(book, LockPurchase(wallet_id=t.wallet_id, payment_id=payment_id))
        case "UNLOCK":
            return unlock(book, UnlockPurchase(wallet_id=t.wallet_id, payment_id=payment_id))
        case "PAYOUT_HOLD":
            asked = HoldPayout(wallet_id=t.wallet_id, credits=t.locked_change)
            ulid = Ulid((t.source_id or "").removeprefix("pyo_"))
            return hold_payout(book, asked, Stamp(ulid, t.at_us))
        case "PAYOUT_RELEASE":
            freed = ReleasePayout(wallet_id=t.wallet_id, payout_id=t.source_id or "")
            return release_payout(book, freed)
        case _:
            return _clawed_again(book, t, payment_id)


def _clawed_again(book: Book, t: Transaction, payment_id: str) -> Posting | AnyRefusal:
    """What was clawed back into debt is so again; of what was unspent, what is still there."""
    if t.source == "transaction":
        clawed = TransactionId(t.source_id or "")
        undoing = RestoreRefund(wallet_id=t.wallet_id, transaction_id=clawed, payment_id=payment_id)
        return restore(book, undoing)
    asked = Clawback(wallet_id=t.wallet_id, payment_id=payment_id, reach="whole")
    if t.facts.dispute_id is not None or t.draws != t.facts.clawed:
        return clawback(book, asked)
    credits = total(t.facts.clawed)
    unspent = replace(asked, reach="unspent", credits=credits)
    verdict = clawback(book, unspent)
    return (
        verdict if isinstance(verdict, Posting) else clawback(book, replace(unspent, credits=None))
    )
