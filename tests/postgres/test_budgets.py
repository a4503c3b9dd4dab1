"""Budgets in the registry, and as the engine sees them: from the next charge on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial

import pytest
from msgspec.structs import replace

from khata.domain.budgets import Budget, Spender
from khata.domain.commands import Consume, GrantCredits, Outcome, Recorded
from khata.domain.ids import OrganizationId, WalletId
from khata.engine.engine import Engine
from khata.engine.spender import spending_as
from khata.postgres import budgets as store
from khata.postgres import wallets
from khata.postgres.asking import Connection, borrowed
from khata.postgres.books import PostgresBooks
from khata.postgres.budgets import BudgetChange, BudgetFilter, KeptBudget
from khata.postgres.connect import Pool, open_engine_connection, registry_pool
from khata.postgres.server import Server
from khata.testing import NEW_YEAR_US, rules, wallet, wallet_id
from khata.testing.builders import ORGANIZATION
from lives import budget
from stored import Reader, add_wallets, verified

ACME, ZEN = wallet_id("acme"), wallet_id("zen")
ADD_MEMBER = """
insert into members (id, organization_id, external_id, team_id, name, role, state, created_at,
  updated_at)
values ($1, $2, $3, $4, 'Somebody', 'member', 'active', now(), now())"""


class Shop:
    """Two wallets with credits, an engine that remembers them, and the registry of budgets."""

    def __init__(self, database: Server, pool: Pool, books: PostgresBooks) -> None:
        self.database = database
        self.pool = pool
        self._engine = Engine(books, rules, lambda: NEW_YEAR_US)
        self._keys = 0

    async def consume(
        self,
        credits: int,
        wallet_id: WalletId = ACME,
        spender: Spender | None = None,
        member_id: str | None = None,
    ) -> Outcome:
        self._keys += 1
        command = Consume(
            wallet_id=wallet_id,
            idempotency_key=f"key-{self._keys:04}",
            feature="USE",
            quantity=credits,
            member_id=member_id,
        )
        with spending_as(spender or Spender()):
            return (await self._engine.submit(command)).outcome

    async def is_refused(
        self, credits: int, wallet_id: WalletId = ACME, member_id: str | None = None
    ) -> bool:
        outcome = await self.consume(credits, wallet_id, member_id=member_id)
        assert isinstance(outcome, Recorded) or getattr(outcome, "code", "") == "BUDGET_EXCEEDED"
        return not isinstance(outcome, Recorded)

    async def grant(self, wallet_id: WalletId) -> None:
        command = GrantCredits(
            wallet_id=wallet_id, idempotency_key="begin", kind="plan", credits=1_000, note=""
        )
        await self._engine.submit(command)

    async def make(self, made: Budget, wallet_id: WalletId | None = ACME) -> KeptBudget:
        kept = KeptBudget(
            made, ORGANIZATION, wallet_id, None, of_key=False, created_at_us=1, updated_at_us=1
        )
        async with borrowed(self.pool) as connection:
            await store.insert_budget(connection, kept)
        return kept


@pytest.fixture
async def shop(database: Server) -> AsyncIterator[Shop]:
    async with AsyncExitStack() as stack:
        add_wallets(database.owner_dsn, wallet("somebody"))  # and the organization
        pool = await stack.enter_async_context(registry_pool(database.app_dsn, size=4))
        books = PostgresBooks(partial(open_engine_connection, database.app_dsn))
        stack.push_async_callback(books.close)
        opened = Shop(database, pool, books)
        async with borrowed(pool) as connection:
            for each in (wallet("acme"), wallet("zen")):
                await wallets.insert_wallet(connection, each)
        for each in (ACME, ZEN):
            await opened.grant(each)
        yield opened
        assert verified(database.owner_dsn).differences == []


async def test_a_budget_counts_from_the_next_charge_on(shop: Shop) -> None:
    assert not await shop.is_refused(30)
    kept = await shop.make(budget("daily", "credits", 40, window="day"))
    assert not await shop.is_refused(40)
    assert await shop.is_refused(1)
    assert not await shop.is_refused(1, ZEN)
    async with borrowed(shop.pool) as connection:
        changed = await store.change_budget(connection, kept.budget.id, BudgetChange(limit=50), 2)
    assert changed == replace(kept, budget=replace(kept.budget, limit=50), updated_at_us=2)
    assert not await shop.is_refused(10)
    assert await shop.is_refused(1)
    async with borrowed(shop.pool) as connection:
        await store.end_budget(connection, kept.budget.id, 3)
        assert await store.end_budget(connection, kept.budget.id, 4) is None
        assert await store.change_budget(connection, kept.budget.id, BudgetChange(9), 4) is None
    assert not await shop.is_refused(500)


async def test_a_budget_over_all_wallets_counts_them_together_and_new_ones_too(
    shop: Shop,
) -> None:
    shared = budget("together", "credits", 100, window="month", time_zone="UTC")
    await shop.make(shared, None)
    await shop.make(budget("own", "credits", 70))
    late = wallet("late")
    async with borrowed(shop.pool) as connection:
        assert await wallets.insert_wallet(connection, late) is None
    await shop.grant(late.id)
    assert await shop.is_refused(71)
    assert not await shop.is_refused(60)
    assert not await shop.is_refused(30, ZEN)
    assert await shop.is_refused(11, late.id)
    assert not await shop.is_refused(10, late.id)
    assert await shop.is_refused(1)


async def test_no_wallet_is_made_beside_a_budget_over_all(shop: Shop) -> None:
    """Wallets and budgets over all of them are made at once: each wallet has each budget."""
    made = [wallet(f"new {number}") for number in range(12)]
    shared = [
        budget(f"shared {number}", "credits", 100 + number, time_zone="UTC") for number in range(4)
    ]

    async def insert(number: int) -> None:
        async with borrowed(shop.pool) as connection:
            await wallets.insert_wallet(connection, made[number])

    await asyncio.gather(
        *(insert(number) for number in range(12)), *(shop.make(each, None) for each in shared)
    )
    async with borrowed(shop.pool) as connection:
        for each in (*made, wallet("acme")):
            found = await wallets.wallet(connection, each.id)
            assert found is not None
            assert {budget.id for budget in found.budgets} == {budget.id for budget in shared}


async def test_a_budget_of_another_organization_counts_nothing_here(shop: Shop) -> None:
    elsewhere = OrganizationId("org_elsewhere")
    foreign = replace(wallet("foreign"), organization_id=elsewhere)
    add_wallets(shop.database.owner_dsn, foreign)
    shared = budget("theirs", "credits", 1, time_zone="UTC")
    kept = KeptBudget(
        shared, elsewhere, None, "Theirs", of_key=False, created_at_us=1, updated_at_us=1
    )
    async with borrowed(shop.pool) as connection:
        await store.insert_budget(connection, kept)
    assert not await shop.is_refused(50)


async def test_a_keys_own_limit_comes_with_its_calls(shop: Shop) -> None:
    limit = budget("limit", "credits", 50, level="key", subject="key_1", time_zone="UTC")
    limited = Spender("key_1", ORGANIZATION, limit)
    assert isinstance(await shop.consume(30, ACME, limited), Recorded)
    assert isinstance(await shop.consume(20, ZEN, limited), Recorded)
    refused = await shop.consume(1, ACME, limited)
    assert (getattr(refused, "level", ""), getattr(refused, "used", 0)) == ("key", 50)
    assert isinstance(await shop.consume(99, ACME, Spender("key_2")), Recorded)


async def test_a_teams_members_count_together_by_whichever_name(shop: Shop) -> None:
    """Asha is known by the platform's own name and by ours; ravi is in her team, lila in none."""
    with Reader(shop.database.owner_dsn) as owner:
        owner.ask("insert into teams values ('tea_red', $1, 'Red', now())", ORGANIZATION)
        for member, external, team in (
            ("mem_asha", "asha", "tea_red"),
            ("mem_ravi", None, "tea_red"),
            ("mem_lila", "lila", None),
        ):
            owner.ask(ADD_MEMBER, member, ORGANIZATION, external, team)
    await shop.make(budget("teams", "credits", 100, level="team"))
    await shop.make(budget("members", "credits", 70, level="member"))
    assert not await shop.is_refused(40, member_id="asha")
    assert not await shop.is_refused(30, member_id="mem_asha")
    refused = await shop.consume(1, member_id="asha")
    assert (getattr(refused, "level", ""), getattr(refused, "subject", "")) == ("member", "asha")
    refused = await shop.consume(31, member_id="mem_ravi")
    assert (getattr(refused, "level", ""), getattr(refused, "subject", "")) == ("team", "tea_red")
    assert not await shop.is_refused(30, member_id="mem_ravi")
    assert not await shop.is_refused(70, member_id="lila")
    assert not await shop.is_refused(70, member_id="somebody else")
    assert not await shop.is_refused(200)


async def test_lists_are_filtered_and_leave_out_what_has_ended(shop: Shop) -> None:
    own = await shop.make(budget("own", "credits", 9))
    theirs = await shop.make(budget("theirs", "count", 9, level="member"), ZEN)
    shared = await shop.make(budget("all", "credits", 9, time_zone="UTC"), None)
    ended = await shop.make(budget("ended", "credits", 9))

    async def listed(connection: Connection, **how: str) -> set[str]:
        found = await store.budgets(connection, BudgetFilter(**how), 50, "")
        return {each.budget.id for each in found}

    async with borrowed(shop.pool) as connection:
        await store.end_budget(connection, ended.budget.id, 2)
        everything = {each.budget.id for each in (own, theirs, shared)}
        assert await listed(connection) == everything
        assert await listed(connection, wallet_id=ZEN) == {theirs.budget.id}
        assert await listed(connection, level="organization") == {own.budget.id, shared.budget.id}
        assert await listed(connection, organization_id="org_elsewhere") == set()
        first = await store.budgets(connection, BudgetFilter(), 2, "")
        rest = await store.budgets(connection, BudgetFilter(), 2, first[-1].budget.id)
        assert {each.budget.id for each in (*first, *rest)} == everything
        found = await store.budget(connection, ended.budget.id)
        assert found is not None
        assert found.ended_at_us == 2
