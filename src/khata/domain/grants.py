"""Grants and purchases: how credits come into a wallet, as lots."""

from typing import Literal

from msgspec.structs import replace

from khata.domain.ids import GrantId
from khata.domain.ledger import Facts, Posting, Stamp, TransactionType, numbered
from khata.domain.lots import burn_down
from khata.domain.money import MAX_WALLET_CREDITS, half_up
from khata.domain.refusals import GrantExpired, InsufficientCredits, InvalidCreditAmount
from khata.domain.rules import WalletCommand
from khata.domain.wallet import NEVER_US, Book, Draw, GrantKind, Lot

DEFAULT_PRIORITY = 50


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
    """Credits bought with a payment, with its bonus. `price_paise` is the price before tax."""

    credits: int
    price_paise: int
    payment_id: str
    bonus_credits: int = 0
    expires_at_us: int = NEVER_US


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
    """The paid lot, which pays a debt first, and the bonus lot. They share the price."""
    assert command.credits > 0, "something is bought"
    assert command.bonus_credits >= 0, "a bonus is not negative"
    everything = command.credits + command.bonus_credits
    if (refusal := too_much(book, everything)) is not None:
        return refusal
    paid_cost = half_up(command.price_paise * command.credits, everything)
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
    if not command.bonus_credits:
        return (_granted(book, paid, None),)
    bonus = replace(
        paid,
        id=GrantId("grt_" + numbered(stamp.ulid, number, book.wallet.id)),
        kind="bonus",
        granted=command.bonus_credits,
        available=command.bonus_credits,
        sequence=paid.sequence + 1,
        cost_paise=command.price_paise - paid_cost,
    )
    return _granted(book, paid, None), _granted(book, bonus, None)


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
