"""Two laws, on whole lives of two wallets: a batch equals one by one, and credits are conserved."""

from collections.abc import Coroutine, Sequence
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.engine.batch import Answers, Item, run_batch
from khata.testing import MemoryBooks, wallet
from khata.testing.audit import audit
from lives import RULES, Life, lives

Result = TypeVar("Result")


def new_books() -> MemoryBooks:
    """Two wallets, one of them with a cap of its own."""
    return MemoryBooks(wallet("acme"), replace(wallet("zen"), caps={"AI": 2}))


def done(running: Coroutine[object, None, Result]) -> Result:
    """The result of a coroutine that waits for nobody."""
    try:
        running.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits for something")


def carry_out(books: MemoryBooks, items: Sequence[Item], at_us: int) -> list[Answers]:
    return done(run_batch(books, items, RULES, at_us))


def audit_all(books: MemoryBooks) -> None:
    for wallet_id in books.shelves:
        audit(books.book(wallet_id), books.transactions(wallet_id))
    given = sum(shelf.book.accounts.transferred for shelf in books.shelves.values())
    assert given == 0


def pieces(items: list[Item], size: int) -> list[list[Item]]:
    return [items[place : place + size] for place in range(0, len(items), size)]


def everything(books: MemoryBooks) -> list[object]:
    """All that is kept; when the first expiry is due is but a hint, and may be early."""
    return [
        (replace(shelf.book, due_us=0), shelf.transactions, shelf.answers)
        for shelf in books.shelves.values()
    ]


@given(life=lives())
def test_credits_are_conserved_after_every_step(life: Life) -> None:
    books = new_books()
    for moment in life:
        for item in moment.items:
            carry_out(books, [item], moment.at_us)
            audit_all(books)


@given(life=lives(), size=st.integers(2, 7))
def test_a_batch_equals_one_by_one(life: Life, size: int) -> None:
    alone, together = new_books(), new_books()
    for moment in life:
        one_by_one = [carry_out(alone, [item], moment.at_us)[0] for item in moment.items]
        parts = pieces(moment.items, size)
        in_batches = [
            answer for part in parts for answer in carry_out(together, part, moment.at_us)
        ]
        assert in_batches == one_by_one
    assert everything(together) == everything(alone)
