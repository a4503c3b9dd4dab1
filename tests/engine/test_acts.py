"""What the audit log is told of credits that somebody moves: each act once, in its own commit."""

import pytest
from typing_extensions import override

from khata.domain.actor import Actor
from khata.domain.commands import Command, Consume, GrantCredits, Recorded, RefundUsage, Transfer
from khata.domain.ids import TransactionId
from khata.domain.payouts import HoldPayout, ReleasePayout
from khata.engine.batch import Answer
from khata.engine.books import Changes, Interrupted
from khata.engine.engine import Engine
from khata.testing import NEW_YEAR_US, MemoryBooks, rules, wallet, wallet_id

ACME, ZEN = wallet_id("acme"), wallet_id("zen")
ASHA = Actor("usr_asha", "192.0.2.7", "req-1")


def opened(books: MemoryBooks) -> Engine:
    return Engine(books, rules, lambda: NEW_YEAR_US)


def grant(key: str, credits: int = 100) -> GrantCredits:
    return GrantCredits(
        wallet_id=ACME, idempotency_key=key, kind="adjustment", credits=credits, note="told"
    )


def consume(key: str) -> Consume:
    return Consume(wallet_id=ACME, idempotency_key=key, feature="USE")


def refund(transaction_id: str) -> RefundUsage:
    named = TransactionId(transaction_id)
    return RefundUsage(wallet_id=ACME, idempotency_key="back", transaction_id=named, reason="")


def gift(credits: int) -> Transfer:
    return Transfer(
        wallet_id=ACME,
        idempotency_key=f"gift-{credits}",
        to_wallet_id=ZEN,
        credits=credits,
        note="",
    )


@pytest.fixture
def books() -> MemoryBooks:
    return MemoryBooks(wallet("acme"), wallet("zen"))


async def done(engine: Engine, command: Command, by: Actor | None = ASHA) -> str:
    """The id of the transaction that came of it."""
    outcome = (await engine.submit(command, by)).outcome
    assert isinstance(outcome, Recorded)
    return outcome.transaction.id


async def test_each_kind_of_act_has_its_name(books: MemoryBooks) -> None:
    engine = opened(books)
    given = await done(engine, grant("give"))
    taken = await done(engine, grant("take", -10))
    used = await done(engine, consume("use"))
    refunded = await done(engine, refund(used))
    given_on = await done(engine, gift(5))
    assert [(act.action, act.transaction.id, act.by) for act in books.acts] == [
        ("credits.granted", given, ASHA),
        ("credits.taken_back", taken, ASHA),
        ("usage.refunded", refunded, ASHA),
        ("credits.transferred", given_on, ASHA),
    ]


async def test_an_act_tells_what_there_was_and_what_there_is(books: MemoryBooks) -> None:
    engine = opened(books)
    await done(engine, grant("first"))
    second = await done(engine, grant("second", -30))
    act = books.acts[-1]
    assert act.before == {"available_credits": 100, "locked_credits": 0}
    assert act.after == {
        "available_credits": 70,
        "locked_credits": 0,
        "transaction_id": second,
        "note": "told",
    }


@pytest.mark.parametrize("by", [None, ASHA])
async def test_charges_are_no_acts_nor_is_what_nobody_asked_for(
    books: MemoryBooks, by: Actor | None
) -> None:
    engine = opened(books)
    await done(engine, grant("by nobody"), by=None)
    await done(engine, consume("use"), by)
    assert books.acts == []


async def test_what_is_refused_or_comes_again_is_not_told(books: MemoryBooks) -> None:
    engine = opened(books)
    for _ in range(3):
        await done(engine, grant("once"))
    for command in (grant("too much", -101), gift(101), refund("txn_none")):
        assert not isinstance((await engine.submit(command, ASHA)).outcome, Recorded)
    assert len(books.acts) == 1
    payout = HoldPayout(wallet_id=ACME, idempotency_key="pay", credits=10)
    release = ReleasePayout(wallet_id=ACME, idempotency_key="unpay", payout_id="pyo_none")
    for command in (payout, release):  # nothing of it was bought
        assert not isinstance((await engine.submit(command, ASHA)).outcome, Recorded)
    assert len(books.acts) == 1


async def test_an_atomic_batch_that_aborts_was_no_act(books: MemoryBooks) -> None:
    engine = opened(books)
    await engine.submit_atomic([grant("a"), grant("b", -500)], ASHA)
    assert books.acts == []
    await engine.submit_atomic([grant("c"), grant("d", -50)], ASHA)
    assert [act.action for act in books.acts] == ["credits.granted", "credits.taken_back"]


async def test_together_each_that_stands_is_told(books: MemoryBooks) -> None:
    engine = opened(books)
    answers = await engine.submit_together([grant("a"), grant("b", -500), grant("c")], ASHA)
    stand = [one.outcome for one in answers if isinstance(one, Answer)]
    recorded = [one.transaction.id for one in stand if isinstance(one, Recorded)]
    assert [act.transaction.id for act in books.acts] == recorded
    assert len({act.id for act in books.acts}) == 2


async def test_a_commit_whose_answer_was_lost_is_told_once() -> None:
    class Losing(MemoryBooks):
        lost = False

        @override
        def after_commit(self, changes: Changes) -> None:
            if not self.lost:
                self.lost = True
                raise Interrupted("the commit stands")

    books = Losing(wallet("acme"))
    await done(opened(books), grant("once"))
    assert (books.lost, len(books.acts)) == (True, 1)
