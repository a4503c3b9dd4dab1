"""Grants and purchases: how credits come into a wallet, as lots."""

from typing import Literal

from msgspec.structs import replace

from khata.domain.disputes import locked
from khata.domain.ids import GrantId
from khata.domain.inr import DEFERRED, OFFLINE, Leg, Legs, bought
from khata.domain.ledger import Facts, Posting, Stamp, TransactionType, numbered
from khata.domain.lots import burn_down
from khata.domain.money import MAX_WALLET_CREDITS, half_up
from khata.domain.refusals import GrantExpired, InsufficientCredits, InvalidCreditAmount
from khata.domain.rules import WalletCommand
from khata.domain.wallet import NEVER_US, Book, Draw, GrantKind, Lot

DEFAULT_PRIORITY = 50

# The bonus lot's share of the price is among the legs of the purchase. Said by a leg of nothing,
# since rows from before there were legs say nothing and their lots' cost is told by the lots.
_POSTED_WITH_THE_PURCHASE = (Leg(DEFERRED, 0),)


class GrantCredits(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="grant", omit_defaults=True
):
    """Give credits, or take some back by a negative adjustment."""

    kind: Literal["bonus", "promo", "adjustment", "plan"]
    credits: int
    note: str
    expires_at_us: int = NEVER_US
    priority: int = DEFAULT_PRIORITY
    transferable: bool | None = None


class Purchase(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="purchase", omit_defaults=True
):
    """Credits bought with a payment, with its bonus. `price_paise` is the price before tax.

    `fee_paise` is the platform's fee before tax; deferred, it is earned with the credits.
    `payable_paise` is what was paid: price, fee, taxes and round-off. Credits `under_review` are
    locked as they come.
    """

    credits: int
    price_paise: int
    payment_id: str
    bonus_credits: int = 0
    expires_at_us: int = NEVER_US
    order_id: str | None = None
    gateway: str = OFFLINE
    payable_paise: int | None = None
    fee_paise: int = 0
    cgst_paise: int = 0
    sgst_paise: int = 0
    igst_paise: int = 0
    round_off_paise: int = 0
    fee_deferred: bool = True
    under_review: bool = False


_TYPES: dict[GrantKind, tuple[TransactionType, str]] = {
    "purchase": ("CREDIT_PURCHASE", "issued.purchase"),
    "bonus": ("BONUS_CREDIT", "issued.bonus"),
    "promo": ("BONUS_CREDIT", "issued.promo"),
    "plan": ("BONUS_CREDIT", "issued.plan"),
    "adjustment": ("ADMIN_ADJUSTMENT", "adjusted"),
}


def grant(
    book: Book, command: GrantCredits, stamp: Stamp
) -> Posting | InsufficientCredits | InvalidCreditAmount | GrantExpired:
    """A new lot; or, for a negative adjustment, credits taken from the lots."""
    if command.credits < 0:
        return _taken_back(book, command)
    if command.expires_at_us <= stamp.at_us:
        return GrantExpired(command.expires_at_us)
    transferable = command.kind != "promo" if command.transferable is None else command.transferable
    lot = Lot(
        id=GrantId("grt_" + stamp.ulid),
        kind=command.kind,
        granted=command.credits,
        available=command.credits,
        sequence=book.accounts.sequence + 1,
        created_at_us=stamp.at_us,
        priority=command.priority,
        expires_at_us=command.expires_at_us,
        transferable=transferable and command.kind != "promo",
        note=command.note,
    )
    return too_much(book, command.credits) or _granted(book, lot, command.note)


def purchase(
    book: Book, command: Purchase, stamp: Stamp, number: int
) -> tuple[Posting, ...] | InvalidCreditAmount:
    """The paid lot, which pays a debt first, and the bonus lot. They share what is deferred."""
    assert command.credits > 0, "something is bought"
    assert command.bonus_credits >= 0, "a bonus is not negative"
    everything = command.credits + command.bonus_credits
    if (refusal := too_much(book, everything)) is not None:
        return refusal
    cost = _deferred(command)
    paid_cost = half_up(cost * command.credits, everything)
    paid = Lot(
        id=GrantId("grt_" + stamp.ulid),
        kind="purchase",
        granted=command.credits,
        available=command.credits,
        sequence=book.accounts.sequence + 1,
        created_at_us=stamp.at_us,
        expires_at_us=command.expires_at_us,
        cost_paise=paid_cost,
        payment_id=command.payment_id,
    )
    postings = (_bought(_granted(book, paid, None), command, _paid_with(command)),)
    if command.bonus_credits:
        bonus = replace(
            paid,
            id=GrantId("grt_" + numbered(stamp.ulid, number, book.wallet.id)),
            kind="bonus",
            granted=command.bonus_credits,
            available=command.bonus_credits,
            sequence=paid.sequence + 1,
            cost_paise=cost - paid_cost,
        )
        own = _POSTED_WITH_THE_PURCHASE if bonus.cost_paise else ()
        postings = (*postings, _bought(_granted(book, bonus, None), command, own))
    return (*postings, *_reviewed(postings, command))


def paying_debt(lots: tuple[Lot, ...], debt: int) -> tuple[tuple[Lot, ...], tuple[Draw, ...]]:
    """New lots after the paid ones among them have paid what they can of a debt, with the draws."""
    draws = burn_down((lot for lot in lots if lot.kind == "purchase"), debt)
    paid = {draw.grant_id: draw.credits for draw in draws}
    left = tuple(replace(lot, available=lot.available - paid.get(lot.id, 0)) for lot in lots)
    return left, draws


def too_much(book: Book, credits: int) -> InvalidCreditAmount | None:
    """The refusal of more credits than a wallet may hold."""
    accounts = book.accounts
    room = MAX_WALLET_CREDITS - max(accounts.available, 0) - accounts.reserved - accounts.locked
    return InvalidCreditAmount(credits, 1, room) if credits > room else None


def _granted(book: Book, lot: Lot, note: str | None) -> Posting:
    type_, account = _TYPES[lot.kind]
    lots, draws = paying_debt((lot,), book.accounts.debt)
    return Posting(
        type_,
        available_change=lot.granted,
        account=account,
        draws=draws,
        facts=Facts(grants=lots, note=note, payment_id=lot.payment_id),
        source="payment" if lot.payment_id else "grant",
        source_id=lot.payment_id or lot.id,
    )


def _deferred(command: Purchase) -> int:
    """What is earned with the credits, in paise: the price, and the fee where it is deferred."""
    return command.price_paise + (command.fee_paise if command.fee_deferred else 0)


def _paid_with(command: Purchase) -> Legs:
    taxes = (command.cgst_paise, command.sgst_paise, command.igst_paise)
    round_off = command.round_off_paise
    payable = command.price_paise + command.fee_paise + sum(taxes) + round_off
    return bought(
        gateway=command.gateway,
        payable=payable if command.payable_paise is None else command.payable_paise,
        deferred=_deferred(command),
        fee=0 if command.fee_deferred else command.fee_paise,
        taxes=taxes,
        round_off=round_off,
    )


def _bought(posting: Posting, command: Purchase, money: Legs) -> Posting:
    return replace(posting, facts=replace(posting.facts, money=money, order_id=command.order_id))


def _reviewed(postings: tuple[Posting, ...], command: Purchase) -> tuple[Posting, ...]:
    """Under review, what a debt left of the lots is locked at once."""
    lots = (lot for posting in postings for lot in posting.facts.grants)
    draws = tuple(Draw(lot.id, lot.available) for lot in lots if lot.available)
    if not command.under_review or not draws:
        return ()
    return (locked(draws, command.payment_id),)


def _taken_back(book: Book, command: GrantCredits) -> Posting | InsufficientCredits:
    assert command.kind == "adjustment", "only an adjustment takes credits back"
    credits = -command.credits
    if credits > book.accounts.available:
        return InsufficientCredits.of(credits, book.accounts.available)
    return Posting(
        "ADMIN_ADJUSTMENT",
        available_change=-credits,
        account="adjusted",
        draws=burn_down(book.lots, credits),
        facts=Facts(note=command.note),
    )
