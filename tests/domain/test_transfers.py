"""Gifts: what was given keeps its expiry, its cost and its source; promos stay at home."""

import pytest

from khata.domain.commands import Recorded, Transfer
from khata.domain.wallet import NEVER_US
from khata.testing import (
    NEW_YEAR_US,
    MemoryBooks,
    Story,
    audit,
    decided,
    empty_book,
    tell,
    wallet_id,
)

ACME, ZEN = wallet_id("acme"), wallet_id("zen")


def lots_of(story: Story, books: MemoryBooks | None = None) -> dict[str, tuple[int, int, int]]:
    book = (books or story.books).book(ZEN)
    return {
        story.names.lots[lot.id]: (lot.granted, lot.cost_paise, lot.expires_at_us)
        for lot in book.lots
    }


def test_a_gift_takes_its_lots_along_in_burn_down_order() -> None:
    told = tell(
        """
        wallet   acme
        wallet   zen
        grant    bonus 20 until 13:00
        grant    paid 100 for ₹10
        consume  50                        -> 20 bonus, 30 paid
        grant    bonus 15 as late until 14:00
        give     55 to zen                 -> 15 late, 40 paid, available 30
        consume  20 on zen                 -> 15 late, 5 paid
        lots     at 14:00 on zen           -> 35 paid
        """
    )
    late_us = NEW_YEAR_US + 4 * 86_400_000_000 + (14 * 60 - 330) * 60_000_000
    assert lots_of(told) == {"late": (15, 0, late_us), "paid": (40, 400, NEVER_US)}
    out, into = told.books.transactions(ACME)[-1], told.books.transactions(ZEN)[0]
    assert (out.type, out.source_id, out.idempotency_key) == ("TRANSFER_OUT", into.id, "line-5")
    assert (into.type, into.source_id, into.idempotency_key) == ("TRANSFER_IN", out.id, None)
    assert out.facts.counterpart_wallet_id == ZEN
    assert into.facts.counterpart_wallet_id == ACME
    for wallet in (ACME, ZEN):
        audit(told.books.book(wallet), told.books.transactions(wallet))


def test_promos_and_personal_lots_stay_at_home() -> None:
    tell(
        """
        wallet   acme
        wallet   zen
        grant    promo 50
        grant    bonus 7 personal as own
        grant    paid 10
        give     11 to zen    -> NOT_TRANSFERABLE  requested 11, transferable 10
        give     68 to zen    -> INSUFFICIENT_CREDITS  required 68, available 67
        give     10 to zen    -> 10 paid, available 57
        """
    )


@pytest.mark.parametrize(
    ("receiver", "code"),
    [
        ("wallet zen of elsewhere", "NOT_TRANSFERABLE"),
        ("wallet zen\nstatus closed on zen", "NOT_TRANSFERABLE"),
        ("wallet zen\nstatus frozen on zen", None),
        ("wallet zen", None),
    ],
)
def test_who_may_receive(receiver: str, code: str | None) -> None:
    expected = f"-> {code}" if code else "-> 5 bonus"
    tell(f"wallet acme\n{receiver}\ngrant bonus 9\ngive 5 to zen {expected}")


def test_a_wallet_cannot_give_to_itself_even_when_something_is_due() -> None:
    tell(
        """
        wallet   acme
        grant    bonus 10 until 13:00
        grant    paid 10
        give     5 to acme at 13:00        -> NOT_TRANSFERABLE
        accounts                           -> available 10, expired 10, transferred 0
        ledger   -> BONUS_CREDIT, CREDIT_PURCHASE, EXPIRY
        """
    )


def test_both_wallets_are_settled_before_a_gift() -> None:
    tell(
        """
        wallet   acme
        wallet   zen
        grant    bonus 10 until 13:00
        grant    bonus 10 until 13:00 as other on zen
        grant    paid 10
        give     11 to zen at 13:00        -> INSUFFICIENT_CREDITS  required 11, available 10
        ledger   -> BONUS_CREDIT, CREDIT_PURCHASE, EXPIRY
        ledger   on zen -> BONUS_CREDIT, EXPIRY
        """
    )


def test_a_received_paid_lot_pays_the_debt_first() -> None:
    tell(
        """
        wallet   acme
        wallet   zen
        grant    paid 100 as gift
        grant    paid 30 as lost on zen
        consume  30 on zen
        clawback lost whole on zen         -> available -30, debt 30
        give     50 to zen                 -> 50 gift
        accounts on zen                    -> available 20, debt 0
        lots     on zen                    -> 20 gift
        """
    )


def test_a_transfer_was_loaded_with_its_receiver() -> None:
    book = empty_book("acme")
    command = Transfer(
        wallet_id=ACME, idempotency_key="key-1", to_wallet_id=ZEN, credits=5, note=""
    )
    with pytest.raises(AssertionError):
        decided(book, command)
    assert not isinstance(decided(book, command, counterpart=empty_book("zen")).outcome, Recorded)


def test_a_gift_takes_its_part_of_an_uneven_price() -> None:
    told = tell(
        """
        wallet   acme
        wallet   zen
        grant    paid 3 for ₹1
        consume  1                         -> recognized 33 paise
        give     1 to zen                  -> recognized 34 paise
        consume  1                         -> recognized 33 paise
        consume  1 on zen                  -> recognized 34 paise
        """
    )
    assert lots_of(told) == {"paid": (1, 34, NEVER_US)}
