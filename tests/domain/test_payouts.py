"""Payouts: bought credits set aside, and given back to the very lots, once."""

import pytest
from msgspec.structs import replace

from khata.domain.commands import HoldPayout, Recorded, ReleasePayout, decide, evolve
from khata.domain.ledger import Stamp
from khata.domain.payouts import held_for_payouts, payouts_after
from khata.domain.wallet import Book, Draw
from khata.testing import NEW_YEAR_US, decided, rules, tell, wallet_id
from khata.testing.builders import ulid_named

BOUGHT = """
wallet  acme
buy     100 + 20 bonus for ₹10 as pay-1
"""


def test_only_bought_credits_are_set_aside_in_burn_down_order() -> None:
    tell(
        """
        wallet  acme
        grant   bonus 10
        grant   promo 10
        grant   plan 10
        grant   adjustment 10
        grant   paid 50 as late
        grant   paid 50 until 12:00 as soon
        payout  70              -> 50 soon, 20 late, available 70, locked 70
        payout  31              -> NOT_PAYABLE  requested 31, payable 30
        payout  30              -> 30 late, available 40, locked 100
        payout  1               -> NOT_PAYABLE  payable 0
        """
    )


def test_what_is_set_aside_can_be_neither_spent_nor_given_nor_set_aside_again() -> None:
    tell(
        """
        wallet  acme
        wallet  zen
        grant   paid 100
        payout  90              -> 90 paid
        consume 11              -> INSUFFICIENT_CREDITS  available 10
        hold    11              -> INSUFFICIENT_CREDITS
        give    11 to zen       -> INSUFFICIENT_CREDITS
        payout  11              -> INSUFFICIENT_CREDITS  required 11, available 10
        grant   adjustment -11  -> INSUFFICIENT_CREDITS
        """
    )


def test_a_release_gives_back_the_lots_of_its_own_payout() -> None:
    tell(
        """
        wallet  acme
        grant   paid 50 as pay-1
        grant   paid 50 as pay-2
        payout  40 as first     -> 40 pay-1
        payout  40 as second    -> 10 pay-1, 30 pay-2, locked 80
        recall  second          -> 10 pay-1, 30 pay-2, available 60, locked 40
        recall  second          -> PAYOUT_NOT_HELD
        recall  first           -> 40 pay-1, available 100, locked 0
        lots                    -> 50 pay-1, 50 pay-2
        """
    )


def test_a_payout_is_known_in_its_own_wallet_only() -> None:
    tell(
        """
        wallet  acme
        wallet  zen
        grant   paid 50
        grant   paid 50 on zen
        payout  40 as mine
        recall  mine on zen     -> PAYOUT_NOT_FOUND
        """
    )


@pytest.mark.parametrize(
    "endings",
    [
        "unlock pay-1 -> 70 pay-1, 20 pay-1 bonus\nrecall it -> 30 pay-1, locked 0",
        "recall it -> 30 pay-1, locked 90\nunlock pay-1 -> 70 pay-1, 20 pay-1 bonus, locked 0",
    ],
)
def test_a_dispute_that_is_won_and_a_release_each_give_back_their_own(endings: str) -> None:
    tell(
        BOUGHT
        + """
        payout  30              -> 30 pay-1
        lock    pay-1           -> 20 pay-1 bonus, 70 pay-1, available 0, locked 120
        """
        + endings.replace("70 pay-1, 20 pay-1 bonus", "20 pay-1 bonus, 70 pay-1")
        + "\naccounts -> available 120, locked 0"
    )


@pytest.mark.parametrize(
    "endings",
    [
        "recall it -> 30 pay-1, locked 10\nunlock pay-1 -> 10 pay-1",
        "unlock pay-1 -> 10 pay-1, locked 30\nrecall it -> 30 pay-1",
    ],
)
def test_what_a_clawback_took_in_part_is_missing_from_the_dispute_first(endings: str) -> None:
    tell(
        BOUGHT
        + """
        payout   30
        lock     pay-1
        clawback pay-1 80       -> 20 pay-1 bonus, 60 pay-1, locked 40
        """
        + endings
        + "\naccounts -> available 40, locked 0"
    )


def test_what_was_clawed_back_whole_does_not_come_back() -> None:
    tell(
        BOUGHT
        + """
        payout   30
        clawback pay-1 whole    -> 20 pay-1 bonus, 100 pay-1, available 0, locked 0, debt 0
        recall   it             -> nothing, available 0
        recall   it             -> PAYOUT_NOT_HELD
        """
    )


def test_debt_leaves_nothing_to_pay_out() -> None:
    tell(
        BOUGHT
        + """
        consume  120
        clawback pay-1 whole    -> nothing, debt 120
        payout   1              -> INSUFFICIENT_CREDITS  required 1, available -120
        """
    )


def test_no_payout_leaves_a_frozen_wallet_and_one_comes_back() -> None:
    tell(
        BOUGHT
        + """
        payout  30
        status  frozen
        payout  30              -> WALLET_FROZEN
        recall  it              -> 30 pay-1
        """
    )


def test_nothing_is_earned_by_a_payout_or_its_release() -> None:
    tell(
        BOUGHT
        + """
        payout  30              -> recognized 0 paise
        recall  it              -> recognized 0 paise
        """
    )


def test_the_ledger_says_what_they_are() -> None:
    told = tell(BOUGHT + "payout 30\nrecall it\n")
    *_, held, released = told.books.transactions(wallet_id("acme"))
    assert (held.type, released.type) == ("PAYOUT_HOLD", "PAYOUT_RELEASE")
    assert held.source == released.source == "payout"
    assert held.source_id == released.source_id == f"pyo_{held.id.removeprefix('txn_')}"
    assert held.draws == released.draws
    assert held.account is released.account is None


def test_a_book_that_was_loaded_without_payouts_still_evolves() -> None:
    """As `verify` does, which lends a book with no more than what a transaction names."""
    told = tell(BOUGHT + "payout 30\n")
    book = told.books.book(wallet_id("acme"))
    assert book.payouts == {}
    *_, held = told.books.transactions(wallet_id("acme"))
    known = replace(book, payouts={str(held.source_id): held.draws})
    command = ReleasePayout(wallet_id=book.wallet.id, payout_id=str(held.source_id))
    stamp = Stamp(ulid_named("release"), NEW_YEAR_US * 2)
    decision = decide(known, command, stamp, rules())
    assert isinstance(decision.outcome, Recorded)
    after = evolve(book, decision.outcome.transaction)
    assert after.accounts == decision.book.accounts
    assert after.lots == decision.book.lots


def test_payouts_are_told_from_their_movements_in_any_order() -> None:
    movements = [
        ("PAYOUT_HOLD", "pyo_1", (Draw(LOT, 5),)),
        ("PAYOUT_HOLD", "pyo_2", (Draw(LOT, 7),)),
        ("PAYOUT_RELEASE", "pyo_1", (Draw(LOT, 5),)),
    ]
    held = {"pyo_1": (), "pyo_2": (Draw(LOT, 7),)}
    assert payouts_after({}, movements) == held
    assert payouts_after({}, [*movements[::-1], *movements]) == held


def test_no_more_is_held_for_payouts_than_is_locked() -> None:
    book: Book = replace(BOOK, payouts={"pyo_1": (Draw(LOT, 70),), "pyo_2": (Draw(LOT, 40),)})
    (lot,) = book.lots
    assert held_for_payouts(book, replace(lot, available=0, locked=100)) == 100
    assert held_for_payouts(book, replace(lot, available=0, locked=110)) == 110


BOOK = decided(
    tell("wallet acme\ngrant paid 100\n").books.book(wallet_id("acme")),
    HoldPayout(wallet_id=wallet_id("acme"), credits=10, idempotency_key="key-1"),
).book
LOT = BOOK.lots[0].id
