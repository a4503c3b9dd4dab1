"""All or nothing: what an atomic batch answers, keeps, and answers again."""

from collections.abc import Coroutine, Iterator
from typing import TypeVar

import pytest

from khata.domain.commands import Command, Consume, GrantCredits, Recorded
from khata.domain.refusals import AnyRefusal
from khata.engine.batch import Answer, Atomic, Submission, run_batch
from khata.engine.engine import fingerprint
from khata.testing import NEW_YEAR_US, CountedUlids, MemoryBooks, rules, wallet, wallet_id

Result = TypeVar("Result")
ACME = wallet_id("acme")
ULIDS = CountedUlids()


def done(running: Coroutine[object, None, Result]) -> Result:
    """The result of a coroutine that waits for nobody."""
    try:
        running.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits for something")


def grant(key: str) -> Command:
    return GrantCredits(wallet_id=ACME, idempotency_key=key, kind="bonus", credits=10, note="")


def consume(key: str, quantity: int = 1, feature: str = "USE") -> Command:
    return Consume(wallet_id=ACME, idempotency_key=key, quantity=quantity, feature=feature)


def submission(command: Command) -> Submission:
    return Submission(command, ULIDS.for_wallet(command.wallet_id), fingerprint(command))


def atomic(books: MemoryBooks, *commands: Command) -> tuple[Answer, ...]:
    group = Atomic(tuple(submission(command) for command in commands))
    (answers,) = done(run_batch(books, [group], rules(), NEW_YEAR_US))
    assert not isinstance(answers, Answer)
    return answers


def alone(books: MemoryBooks, command: Command) -> Answer:
    (answer,) = done(run_batch(books, [submission(command)], rules(), NEW_YEAR_US))
    assert isinstance(answer, Answer)
    return answer


def codes(answers: tuple[Answer, ...]) -> list[str]:
    return list(_codes(answers))


def _codes(answers: tuple[Answer, ...]) -> Iterator[str]:
    for answer in answers:
        outcome = answer.outcome
        said = outcome.code if isinstance(outcome, AnyRefusal) else type(outcome).__name__
        yield said + (" again" if answer.replayed else "")


@pytest.fixture
def books() -> MemoryBooks:
    return MemoryBooks(wallet("acme"))


def test_everything_is_carried_out_once_however_often_it_is_sent(books: MemoryBooks) -> None:
    commands = (grant("key-1"), consume("key-2"), consume("key-3", 9))
    assert codes(atomic(books, *commands)) == ["Recorded", "Recorded", "Recorded"]
    assert codes(atomic(books, *commands)) == ["Recorded again"] * 3
    assert books.book(ACME).accounts.available == 0
    assert [t.sequence for t in books.transactions(ACME)] == [1, 2, 3]


def test_nothing_is_carried_out_when_one_item_is_refused_and_all_keep_that(
    books: MemoryBooks,
) -> None:
    commands = (grant("key-1"), consume("key-2"), consume("key-3", 99), consume("key-4"))
    aborted = ["BATCH_ABORTED", "BATCH_ABORTED", "INSUFFICIENT_CREDITS", "BATCH_ABORTED"]
    assert codes(atomic(books, *commands)) == aborted
    assert books.transactions(ACME) == ()
    assert codes(atomic(books, *commands)) == [f"{code} again" for code in aborted]
    alone(books, grant("key-5"))
    assert codes((alone(books, commands[1]),)) == ["BATCH_ABORTED again"]
    assert codes(atomic(books, *commands)) == [f"{code} again" for code in aborted]


def test_an_item_that_reached_no_decision_gives_its_own_reason_each_time(
    books: MemoryBooks,
) -> None:
    commands = (grant("key-1"), consume("key-2", feature="NOWHERE"), consume("key-3"))
    first = codes(atomic(books, *commands))
    assert first == ["BATCH_ABORTED", "UNKNOWN_FEATURE", "BATCH_ABORTED"]
    again = codes(atomic(books, *commands))
    assert again == ["BATCH_ABORTED again", "UNKNOWN_FEATURE", "BATCH_ABORTED again"]
    alone(books, grant("key-4"))
    assert codes((alone(books, consume("key-2")),)) == ["Recorded"]


def test_what_was_decided_before_stands_when_the_batch_around_it_fails(
    books: MemoryBooks,
) -> None:
    alone(books, grant("key-1"))
    answers = atomic(books, grant("key-1"), consume("key-2"), consume("key-3", 99))
    assert codes(answers) == ["Recorded again", "BATCH_ABORTED", "INSUFFICIENT_CREDITS"]
    assert books.book(ACME).accounts.available == 10


def test_a_reused_key_aborts_the_batch_and_stands_for_what_it_stood_for(
    books: MemoryBooks,
) -> None:
    alone(books, grant("key-1"))
    answers = atomic(books, consume("key-2"), consume("key-1"))
    assert codes(answers) == ["BATCH_ABORTED", "IDEMPOTENCY_KEY_REUSED"]
    assert isinstance(alone(books, grant("key-1")).outcome, Recorded)


def test_one_key_twice_in_a_batch_is_one_charge(books: MemoryBooks) -> None:
    answers = atomic(books, grant("key-1"), consume("key-2", 4), consume("key-2", 4))
    assert codes(answers) == ["Recorded", "Recorded", "Recorded again"]
    assert books.book(ACME).accounts.available == 6


def test_an_unknown_wallet_keeps_nothing(books: MemoryBooks) -> None:
    stranger = Consume(wallet_id=wallet_id("nobody"), idempotency_key="key-1", feature="USE")
    assert codes(atomic(books, stranger, stranger)) == ["WALLET_NOT_FOUND", "BATCH_ABORTED"]
    assert codes((alone(books, stranger),)) == ["WALLET_NOT_FOUND"]
