"""The first check that fails answers, in the order of the contract."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from khata.domain.budgets import EVERYBODY, Budget, Counter, Counts
from khata.domain.commands import Command, Consume, GrantCredits, OpenHold, Transfer
from khata.domain.pricing import Price
from khata.domain.refusals import AnyRefusal
from khata.domain.wallet import Accounts, Book
from khata.testing import decided, empty_book, in_organization, price_list, rules

CALL = Price("CALL", "AI", 15, cap="AI")
RULES = rules(price_list(CALL), caps={"AI": 0})
UNCAPPED = rules(price_list(CALL))

FROZEN = "WALLET_FROZEN"
UNKNOWN = "UNKNOWN_FEATURE"
MISMATCH = "PRICING_MATRIX_MISMATCH"
CAPPED = "DAILY_LIMIT_EXCEEDED_AI"
BUDGET = "BUDGET_EXCEEDED"
POOR = "INSUFFICIENT_CREDITS"
NOTHING = Budget("bud_1", "organization", "credits", "lifetime", 0)


def code_of(book: Book, command: Command, wrongs: Sequence[str], other: Book | None = None) -> str:
    """The refusal's code when all of these are wrong at once."""
    if FROZEN in wrongs:
        book = replace(book, wallet=replace(book.wallet, status="frozen"))
    if BUDGET in wrongs:
        counts = Counts({Counter("bud_1", 0, EVERYBODY): 0})
        book = replace(book, wallet=replace(book.wallet, budgets=(NOTHING,)), counts=counts)
    given = RULES if CAPPED in wrongs else UNCAPPED
    outcome = decided(book, command, given=given, counterpart=other).outcome
    assert isinstance(outcome, AnyRefusal)
    return outcome.code


@pytest.mark.parametrize(
    "wrongs",
    [
        (FROZEN, UNKNOWN, MISMATCH, CAPPED, BUDGET, POOR),
        (UNKNOWN, MISMATCH, CAPPED, BUDGET, POOR),
        (MISMATCH, CAPPED, BUDGET, POOR),
        (CAPPED, BUDGET, POOR),
        (BUDGET, POOR),
        (POOR,),
    ],
    ids=lambda wrongs: wrongs[0],
)
def test_consume_answers_what_stands_first(wrongs: tuple[str, ...]) -> None:
    book = empty_book()
    command = Consume(
        wallet_id=book.wallet.id,
        idempotency_key="key-1",
        feature="NOWHERE" if UNKNOWN in wrongs else "CALL",
        credits=14 if MISMATCH in wrongs else None,
    )
    assert code_of(book, command, wrongs) == wrongs[0]


@pytest.mark.parametrize(
    "wrongs",
    [
        (FROZEN, UNKNOWN, CAPPED, BUDGET, POOR),
        (UNKNOWN, CAPPED, BUDGET, POOR),
        (CAPPED, BUDGET, POOR),
        (BUDGET, POOR),
        (POOR,),
    ],
    ids=lambda wrongs: wrongs[0],
)
def test_a_hold_answers_what_stands_first(wrongs: tuple[str, ...]) -> None:
    book = empty_book()
    feature = "NOWHERE" if UNKNOWN in wrongs else "CALL"
    command = OpenHold(
        wallet_id=book.wallet.id, idempotency_key="key-1", feature=feature, quantity=1
    )
    assert code_of(book, command, wrongs) == wrongs[0]


@pytest.mark.parametrize(
    "wrongs", [(FROZEN, "NOT_TRANSFERABLE", POOR), ("NOT_TRANSFERABLE", POOR), (POOR,)]
)
def test_a_gift_answers_what_stands_first(wrongs: tuple[str, ...]) -> None:
    book, zen = empty_book(), empty_book("zen")
    other = in_organization(zen, "elsewhere") if "NOT_TRANSFERABLE" in wrongs else zen
    command = Transfer(
        wallet_id=book.wallet.id,
        idempotency_key="key-1",
        to_wallet_id=zen.wallet.id,
        credits=5,
        note="",
    )
    assert code_of(book, command, wrongs, other) == wrongs[0]


@pytest.mark.parametrize("status", ["frozen", "closed"])
def test_credits_come_into_a_frozen_wallet_but_not_into_a_closed_one(status: str) -> None:
    book = empty_book()
    shut = replace(book, wallet=replace(book.wallet, status=status))
    command = GrantCredits(
        wallet_id=book.wallet.id, idempotency_key="key-1", kind="bonus", credits=5, note=""
    )
    refused = isinstance(decided(shut, command).outcome, AnyRefusal)
    assert refused == (status == "closed")


def test_in_debt_every_charge_is_refused_even_one_that_costs_nothing() -> None:
    book = replace(empty_book(), accounts=Accounts(available=-1, debt=1, clawed_back=1))
    for command in (
        Consume(wallet_id=book.wallet.id, idempotency_key="key-1", feature="FREE"),
        OpenHold(wallet_id=book.wallet.id, idempotency_key="key-1", feature="FREE", quantity=1),
    ):
        outcome = decided(book, command, given=rules(price_list(Price("FREE", "AI", 0)))).outcome
        assert isinstance(outcome, AnyRefusal)
        assert outcome.code == POOR


def test_an_asserted_price_that_is_right_is_charged() -> None:
    outcome = decided(
        empty_book(),
        Consume(
            wallet_id=empty_book().wallet.id, idempotency_key="key-1", feature="FREE", credits=0
        ),
        given=rules(price_list(Price("FREE", "AI", 0))),
    ).outcome
    assert not isinstance(outcome, AnyRefusal)
