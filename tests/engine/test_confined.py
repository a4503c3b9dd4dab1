"""What the engine refuses whoever is confined to an organization: all that is of another one."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from khata.domain.commands import Consume, GrantCredits, Recorded, Transfer
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.refusals import WalletNotFound
from khata.engine.batch import Answer
from khata.engine.confined import confine
from khata.engine.engine import Engine
from khata.testing import NEW_YEAR_US, MemoryBooks, rules, wallet, wallet_id

OURS, THEIRS = OrganizationId("org_ours"), OrganizationId("org_theirs")
ACME, ZEN, FAR, NOBODY = map(wallet_id, ("acme", "zen", "far", "nobody"))


@pytest.fixture
def books() -> MemoryBooks:
    """Two wallets of ours and one of theirs."""
    return MemoryBooks(
        replace(wallet("acme"), organization_id=OURS),
        replace(wallet("zen"), organization_id=OURS),
        replace(wallet("far"), organization_id=THEIRS),
    )


@pytest.fixture
async def engine(books: MemoryBooks) -> AsyncIterator[Engine]:
    """Each wallet has 100 credits, under the key `start`."""
    opened = Engine(books, rules, lambda: NEW_YEAR_US)
    for each in (ACME, ZEN, FAR):
        assert isinstance((await opened.submit(grant(each))).outcome, Recorded)
    yield opened
    confine(None)
    await opened.drain()


def grant(to: WalletId) -> GrantCredits:
    return GrantCredits(wallet_id=to, idempotency_key="start", kind="bonus", credits=100, note="")


def consume(wallet_id: WalletId, key: str = "use") -> Consume:
    return Consume(wallet_id=wallet_id, idempotency_key=key, feature="USE")


def gift(to: WalletId) -> Transfer:
    return Transfer(wallet_id=ACME, idempotency_key=f"to-{to}", to_wallet_id=to, credits=5, note="")


async def test_a_wallet_of_another_organization_is_none(engine: Engine, books: MemoryBooks) -> None:
    confine(OURS)
    assert isinstance((await engine.submit(consume(ACME))).outcome, Recorded)
    for each in (FAR, NOBODY):
        assert (await engine.submit(consume(each))).outcome == WalletNotFound(each)
    assert books.book(FAR).accounts.available == 100


async def test_what_a_key_stands_for_there_is_not_told(engine: Engine) -> None:
    confine(OURS)
    assert (await engine.submit(grant(ACME))).replayed
    assert await engine.submit(grant(FAR)) == Answer(WalletNotFound(FAR))


async def test_nothing_is_given_to_another_organization(engine: Engine, books: MemoryBooks) -> None:
    confine(OURS)
    assert isinstance((await engine.submit(gift(ZEN))).outcome, Recorded)
    for each in (FAR, NOBODY):
        assert (await engine.submit(gift(each))).outcome == WalletNotFound(each)
    assert books.book(FAR).accounts.available == 100


async def test_a_group_leaves_no_key_there_and_is_answered_as_for_none(engine: Engine) -> None:
    """Neither the one that stood already nor those that were aborted."""
    confine(OURS)
    told = [
        await engine.submit_atomic([grant(each), consume(each, "use-1"), consume(each, "use-2")])
        for each in (FAR, NOBODY)
    ]
    assert str(told[0]).replace(FAR, "<wallet>") == str(told[1]).replace(NOBODY, "<wallet>")
    confine(None)
    assert isinstance((await engine.submit(consume(FAR, "use-2"))).outcome, Recorded)


async def test_in_one_batch_each_is_confined_by_itself(engine: Engine) -> None:
    """The lane was started by somebody confined, and works for all."""

    async def by(organization_id: OrganizationId | None, wallet_id: WalletId) -> bool:
        confine(organization_id)
        answer = await engine.submit(consume(wallet_id, f"use-{organization_id}"))
        return isinstance(answer.outcome, Recorded)

    asked = [(OURS, ACME), (OURS, FAR), (THEIRS, FAR), (THEIRS, ACME), (None, ACME), (None, FAR)]
    batches = engine.lanes[0].batches
    done = await asyncio.gather(*(asyncio.create_task(by(*each)) for each in asked))
    assert done == [True, False, True, False, True, True]
    assert engine.lanes[0].batches == batches + 1
