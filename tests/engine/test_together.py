"""Commands that come together: each stands alone, and one that breaks takes no other with it."""

import pytest
from typing_extensions import override

from khata.domain.commands import Consume, GrantCredits, Recorded
from khata.domain.refusals import InsufficientCredits
from khata.engine.batch import Answer
from khata.engine.batcher import Bug
from khata.engine.books import Changes
from khata.engine.engine import Engine
from khata.testing import NEW_YEAR_US, MemoryBooks, rules, wallet, wallet_id

ACME, ZETA = wallet_id("acme"), wallet_id("zeta")


def grant(key: str) -> GrantCredits:
    return GrantCredits(wallet_id=ACME, idempotency_key=key, kind="bonus", credits=10, note="")


def consume(key: str, quantity: int = 1) -> Consume:
    return Consume(wallet_id=ACME, idempotency_key=key, quantity=quantity, feature="USE")


def engine(books: MemoryBooks, lanes: int = 1) -> Engine:
    return Engine(books, rules, lambda: NEW_YEAR_US, lanes=lanes)


@pytest.mark.parametrize("lanes", [1, 2])
async def test_each_has_its_own_answer_in_the_order_they_came(lanes: int) -> None:
    books = MemoryBooks(wallet("acme"), wallet("zeta"))
    commands = [grant("key-1"), consume("key-2", 99), consume("key-3"), grant("key-1")]
    answers = await engine(books, lanes).submit_together(commands)
    assert [type(one.outcome) for one in answers if isinstance(one, Answer)] == [
        Recorded,
        InsufficientCredits,
        Recorded,
        Recorded,
    ]
    assert isinstance(answers[3], Answer)
    assert answers[3].replayed


async def test_one_that_breaks_fails_alone() -> None:
    class Breaking(MemoryBooks):
        @override
        def before_commit(self, changes: Changes) -> None:
            if any(t.idempotency_key == "key-bad" for t in changes.transactions):
                raise RuntimeError("poison")

    books = Breaking(wallet("acme"))
    answers = await engine(books).submit_together(
        [grant("key-1"), grant("key-bad"), grant("key-2")]
    )
    assert [type(answer) for answer in answers] == [Answer, Bug, Answer]
    assert books.book(ACME).accounts.available == 20
