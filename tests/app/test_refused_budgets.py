"""A budget that refuses is told of, once a window; the ledger says nothing of what is refused."""

import asyncio

import pytest

from desk import Desk
from khata.app.budgets import BudgetWish
from khata.app.watching import refused
from khata.app.watching.refused import SLACK_US, RefusedBudgets
from khata.domain.actor import SERVICE
from khata.domain.commands import Consume
from khata.domain.limits import DAY_US, QUARTER_US
from khata.domain.refusals import BudgetExceeded
from khata.engine.books import Unavailable
from khata.postgres.alerts import Alert, AlertFilter
from khata.postgres.asking import Connection, ask_pool
from khata.postgres.binary import Instant
from khata.postgres.refusals import OF_BUDGETS, RefusedByBudget
from watched import work


async def ask(desk: Desk, credits: int, member_id: str | None = None) -> bool:
    """Whether so many credits were charged, and not refused by a budget."""
    wish = Consume(
        wallet_id=desk.wallet.id,
        idempotency_key=desk.key,
        feature="EMAIL_SEND",
        quantity=credits,
        member_id=member_id,
    )
    return not isinstance((await desk.khata.engine.submit(wish)).outcome, BudgetExceeded)


async def watch(desk: Desk) -> None:
    await desk.khata.events.relay.relay_once()
    await desk.khata.watching.reader.read_once()
    await desk.khata.watching.refused.look()


async def budget(desk: Desk, *, is_shared: bool = False, member: bool = False) -> str:
    wish = BudgetWish(
        level="member" if member else "organization",
        unit="credits",
        window="day",
        limit=95,
        wallet_id=None if is_shared else desk.wallet.id,
        organization_id=desk.wallet.organization_id if is_shared else None,
        time_zone=desk.wallet.time_zone if is_shared else None,
    )
    return (await desk.khata.budgets.create(wish, SERVICE)).kept.budget.id


async def alerts(desk: Desk) -> list[Alert]:
    found = await desk.khata.alerts.list_all(None, AlertFilter(type="BUDGET_REACHED"), 10, None)
    return list(reversed(found))


OTHERS = """
insert into answers (bucket, wallet_id, idempotency_key, organization_id, fingerprint, at, outcome,
  refusal_id, code)
select 0, 'wal_' || repeat('0', 26), 'key-' || n, 'org_1', '', to_timestamp($1), '{}', 'ref_' || n,
  'INSUFFICIENT_CREDITS'
from generate_series(1, 20000) n"""


async def test_a_look_costs_what_budgets_refused_and_not_what_else_is_kept(desk: Desk) -> None:
    await desk.grant(1_000)
    await budget(desk)
    assert not await ask(desk, 96)
    pool = desk.khata.registries
    await ask_pool(pool, OTHERS, desk.clock() / 1_000_000)
    asked = f"explain (analyze, buffers, format json) {OF_BUDGETS}"
    ((plan,),) = await ask_pool(pool, asked, Instant(desk.clock()), Instant(desk.clock() + DAY_US))
    read = plan[0]["Plan"]
    assert read["Actual Rows"] == 1
    assert read["Shared Hit Blocks"] + read["Shared Read Blocks"] < 20


@pytest.mark.parametrize("is_shared", [False, True])
async def test_the_first_refusal_of_a_window_is_told_of(desk: Desk, is_shared: bool) -> None:
    await desk.grant(1_000)
    budget_id = await budget(desk, is_shared=is_shared)
    assert await ask(desk, 90)
    await watch(desk)
    assert await alerts(desk) == []
    for _ in range(3):
        assert not await ask(desk, 10)
        await watch(desk)
    (alert,) = await alerts(desk)
    assert alert.wallet_id == (None if is_shared else desk.wallet.id)
    assert alert.organization_id == desk.wallet.organization_id
    assert alert.facts == {
        "budget_id": budget_id,
        "level": "organization",
        "subject": None,
        "category": None,
        "feature": None,
        "unit": "credits",
        "window": "day",
        "used": 90,
        "limit": 95,
        "percent": 94,
        "refused": 10,
        "resets_at": "2026-11-22T18:30:00.000000Z",
    }
    desk.clock.turn(days=1)
    await work(desk)
    assert [one.state for one in await alerts(desk)] == ["resolved"]
    assert await ask(desk, 90)
    assert not await ask(desk, 10)
    await watch(desk)
    assert [one.state for one in await alerts(desk)] == ["resolved", "open"]


async def test_what_is_used_up_to_the_last_is_told_of_by_the_charge_alone(desk: Desk) -> None:
    await desk.grant(1_000)
    await budget(desk)
    assert await ask(desk, 95)
    assert not await ask(desk, 1)
    await watch(desk)
    await watch(desk)
    (alert,) = await alerts(desk)
    assert (alert.facts["percent"], alert.facts["used"]) == (100, 95)
    assert "refused" not in alert.facts


async def test_each_whom_it_refuses_is_told_of_and_nobody_else(desk: Desk) -> None:
    await desk.grant(1_000)
    await budget(desk, member=True)
    for member in ("asha", "bala"):
        assert await ask(desk, 90, member)
        assert not await ask(desk, 6, member)
    assert await ask(desk, 95, "careful")
    await watch(desk)
    told = sorted((one.facts["subject"], one.facts.get("refused")) for one in await alerts(desk))
    assert told == [("asha", 6), ("bala", 6), ("careful", None)]


async def test_two_who_look_tell_it_once_and_one_who_was_away_for_hours_tells_it(
    desk: Desk,
) -> None:
    await desk.grant(1_000)
    await budget(desk)
    assert not await ask(desk, 96)
    desk.clock.turn(days=0.2)
    first, second = (RefusedBudgets(desk.khata.registries, desk.clock) for _ in range(2))
    assert sorted(await asyncio.gather(first.look(), second.look())) == [0, 1]


async def test_a_first_look_takes_its_day_in_quarters_and_goes_on_where_it_failed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    is_away = True

    async def refused_in(_: Connection, since_us: int, until_us: int) -> list[RefusedByBudget]:
        asked.append((since_us, until_us))
        if is_away and len(asked) == 3:
            raise Unavailable
        return []

    monkeypatch.setattr(refused, "refused_by_budgets", refused_in)
    looking = RefusedBudgets(desk.khata.registries, desk.clock)
    with pytest.raises(Unavailable):
        await looking.look()
    is_away = False
    began_us, now_us = desk.clock() - DAY_US, desk.clock()
    assert asked == [(began_us + n * QUARTER_US, began_us + (n + 1) * QUARTER_US) for n in range(3)]
    asked.clear()
    assert await looking.look() == 0
    assert asked[0][0] == began_us + 2 * QUARTER_US - SLACK_US
    assert [since for since, _ in asked[1:]] == [until for _, until in asked[:-1]]
    assert asked[-1][0] <= now_us < asked[-1][1]
    asked.clear()
    desk.clock.turn(days=0.001)
    assert await looking.look() == 0
    assert [since for since, _ in asked] == [now_us - SLACK_US]


@pytest.mark.parametrize(("days", "told"), [(0.2, 1), (0.521, 1), (0.53, 0)])
async def test_a_window_that_is_over_is_told_of_no_more_but_for_its_last_seconds(
    desk: Desk, days: float, told: int
) -> None:
    await desk.grant(1_000)
    await budget(desk)
    assert not await ask(desk, 96)
    desk.clock.turn(days=days)  # it ends after 0.5208
    assert await RefusedBudgets(desk.khata.registries, desk.clock).look() == told


async def test_a_budget_that_ended_is_told_of_no_more(desk: Desk) -> None:
    await desk.grant(1_000)
    budget_id = await budget(desk)
    assert not await ask(desk, 96)
    kept = await desk.khata.budgets.find(budget_id)
    assert kept is not None
    await desk.khata.budgets.end(kept, SERVICE)
    assert await desk.khata.watching.refused.look() == 0
