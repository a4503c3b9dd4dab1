"""The batcher: batches gather by themselves, and one bad command fails alone."""

import asyncio
from collections.abc import Sequence

import pytest

from khata.domain.commands import Command, Consume, GrantCredits, Recorded
from khata.engine import batcher as batcher_module
from khata.engine.batch import Answer
from khata.engine.batcher import Batcher, Bug
from khata.engine.books import Changes, Interrupted, Unavailable
from khata.engine.engine import Engine
from khata.testing import HandClock, MemoryBooks, audit, rules, wallet, wallet_id

ACME = wallet_id("acme")

pytestmark = pytest.mark.anyio


class Shop:
    """Runs batches of numbers when the test lets it, and remembers them."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.begun = asyncio.Event()

    async def run(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.begun.set()
        await self.open.wait()
        if 13 in items:
            raise ZeroDivisionError("thirteen")
        return [item * 10 for item in items]


async def test_while_one_batch_is_under_way_the_next_one_gathers() -> None:
    shop = Shop()
    shop.open.clear()
    batcher = Batcher(shop.run)
    first = batcher.submit(1)
    await shop.begun.wait()
    others = [batcher.submit(number) for number in range(2, 12)]
    shop.open.set()
    assert await asyncio.gather(first, *others) == [number * 10 for number in range(1, 12)]
    assert shop.batches == [[1], list(range(2, 12))]
    assert (batcher.batches, batcher.items) == (2, 11)


async def test_a_batch_has_its_limit() -> None:
    shop = Shop()
    batcher = Batcher(shop.run, max_batch=4)
    await asyncio.gather(*(batcher.submit(number) for number in range(10)))
    assert shop.batches == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


async def test_a_poisonous_item_is_found_by_halves_and_fails_alone() -> None:
    shop = Shop()
    batcher = Batcher(shop.run)
    numbers = range(10, 18)
    waiting = (batcher.submit(number) for number in numbers)
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(answers[3], Bug)
    assert [answer for answer in answers if not isinstance(answer, Bug)] == [
        number * 10 for number in numbers if number != 13
    ]
    assert shop.batches[1:] == [
        [10, 11, 12, 13],
        [10, 11],
        [12, 13],
        [12],
        [13],
        [14, 15, 16, 17],
    ]


async def test_a_caller_who_went_away_does_not_disturb_the_others() -> None:
    shop = Shop()
    batcher = Batcher(shop.run)
    gone, here = batcher.submit(1), batcher.submit(2)
    gone.cancel()
    assert await here == 20


async def test_too_many_waiting_are_turned_away_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batcher_module, "MAX_WAITING", 3)
    shop = Shop()
    batcher = Batcher(shop.run)
    waiting = [batcher.submit(number) for number in range(3)]
    with pytest.raises(Unavailable, match="too busy"):
        await batcher.submit(4)
    assert await asyncio.gather(*waiting) == [0, 10, 20]
    assert await batcher.submit(5) == 50


async def test_draining_finishes_what_was_submitted_and_takes_nothing_more() -> None:
    shop = Shop()
    batcher = Batcher(shop.run, max_batch=2)
    waiting = [batcher.submit(number) for number in range(5)]
    await batcher.drain()
    assert [future.result() for future in waiting] == [0, 10, 20, 30, 40]
    with pytest.raises(Unavailable, match="shutting down"):
        await batcher.submit(6)
    await batcher.drain()


class UnluckyBooks(MemoryBooks):
    """Books where a commit goes wrong in the ways told beforehand."""

    def __init__(self) -> None:
        super().__init__(wallet("acme"))
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.poison = ""

    def before_commit(self, changes: Changes) -> None:
        if self.poison and any(t.member_id == self.poison for t in changes.transactions):
            raise ZeroDivisionError(self.poison)
        if self.before:
            raise self.before.pop(0)

    def after_commit(self, changes: Changes) -> None:  # noqa: ARG002
        if self.after:
            raise self.after.pop(0)


def consume(number: int, member: str | None = None) -> Command:
    return Consume(wallet_id=ACME, idempotency_key=f"key-{number}", feature="USE", member_id=member)


async def opened(books: MemoryBooks) -> Engine:
    engine = Engine(books, rules, HandClock())
    await engine.submit(
        GrantCredits(wallet_id=ACME, idempotency_key="first", kind="bonus", credits=100, note="")
    )
    return engine


async def all_of(engine: Engine, commands: list[Command]) -> list[Answer | BaseException]:
    return await asyncio.gather(*map(engine.submit, commands), return_exceptions=True)


async def test_a_command_that_meets_a_bug_fails_alone_and_leaves_nothing(
    logs: list[dict[str, object]],
) -> None:
    books = UnluckyBooks()
    engine = await opened(books)
    books.poison = "mem-bad"
    commands = [consume(number, "mem-bad" if number == 7 else None) for number in range(20)]
    answers = await all_of(engine, commands)
    assert [entry["event"] for entry in logs] == ["command_failed"]
    assert [isinstance(answer, Bug) for answer in answers] == [n == 7 for n in range(20)]
    assert books.book(ACME).accounts.available == 81
    audit(books.book(ACME), books.transactions(ACME))
    books.poison = ""
    assert isinstance(await engine.submit(commands[7]), Answer)
    assert books.book(ACME).accounts.available == 80


async def test_a_lost_answer_is_looked_up_by_its_keys_and_nothing_happens_twice() -> None:
    books = UnluckyBooks()
    engine = await opened(books)
    books.after = [Interrupted("the commit stands"), Interrupted("and again")]
    books.before = []
    answers = await all_of(engine, [consume(number) for number in range(10)])
    for answer in answers:
        assert isinstance(answer, Answer)
        assert isinstance(answer.outcome, Recorded)
        assert not answer.replayed
    assert books.book(ACME).accounts.available == 90
    audit(books.book(ACME), books.transactions(ACME))


async def test_a_batch_cut_off_before_its_commit_runs_again() -> None:
    books = UnluckyBooks()
    engine = await opened(books)
    books.before = [Interrupted("nothing stands")]
    await all_of(engine, [consume(number) for number in range(10)])
    assert books.book(ACME).accounts.available == 90


async def test_an_outcome_that_stays_unknown_is_unavailable_and_safe_to_retry() -> None:
    books = UnluckyBooks()
    engine = await opened(books)
    books.after = [Interrupted("the commit stands")]
    books.before = [Interrupted("cut off")] * 5
    answers = await all_of(engine, [consume(number) for number in range(3)])
    assert [type(answer) for answer in answers] == [Unavailable] * 3
    answers = await all_of(engine, [consume(number) for number in range(3)])
    assert all(isinstance(answer, Answer) for answer in answers)
    assert books.book(ACME).accounts.available == 97


async def test_a_lost_store_fails_the_whole_batch_at_once_and_the_next_one_goes_on() -> None:
    books = UnluckyBooks()
    engine = await opened(books)
    books.before = [Unavailable("gone")]
    answers = await all_of(engine, [consume(number) for number in range(10)])
    assert [type(answer) for answer in answers] == [Unavailable] * 10
    assert books.book(ACME).accounts.available == 100
    await all_of(engine, [consume(number) for number in range(10)])
    assert books.book(ACME).accounts.available == 90


async def test_draining_the_engine_answers_everybody() -> None:
    books = UnluckyBooks()
    engine = await opened(books)
    waiting = [asyncio.ensure_future(engine.submit(consume(number))) for number in range(300)]
    await asyncio.sleep(0)
    await engine.drain()
    answers = await asyncio.gather(*waiting)
    assert sum(isinstance(answer.outcome, Recorded) for answer in answers) == 100
    with pytest.raises(Unavailable):
        await engine.submit(consume(1))


async def test_two_engines_on_the_same_books_spend_no_credit_twice() -> None:
    books = UnluckyBooks()
    engines = [await opened(books), Engine(books, rules, HandClock())]
    waiting = [engines[number % 2].submit(consume(number)) for number in range(150)]
    answers = await asyncio.gather(*waiting)
    assert sum(isinstance(answer.outcome, Recorded) for answer in answers) == 100
    assert books.book(ACME).accounts.available == 0
    audit(books.book(ACME), books.transactions(ACME))


@pytest.mark.parametrize("lanes", [1, 4])
async def test_lanes_change_nothing(lanes: int) -> None:
    names = [f"wallet {number}" for number in range(12)]
    books = MemoryBooks(*map(wallet, names))
    engine = Engine(books, rules, HandClock(), lanes=lanes, max_batch=3)
    for name in names:
        command = GrantCredits(
            wallet_id=wallet_id(name), idempotency_key="key-1", kind="bonus", credits=9, note=""
        )
        await engine.submit(command)
    for shelf in books.shelves.values():
        assert shelf.book.accounts.available == 9


async def test_commands_that_come_together_while_the_store_is_gone_are_all_unavailable() -> None:
    books = UnluckyBooks()
    engine = await opened(books)
    books.before = [Unavailable("gone")]
    answers = await engine.submit_together([consume(number) for number in range(5)])
    assert [type(answer) for answer in answers] == [Unavailable] * 5
    assert books.book(ACME).accounts.available == 100
