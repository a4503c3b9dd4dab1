"""A budget that refuses is told of, once a window; the ledger says nothing of what is refused."""

import asyncio

import pytest

from desk import Desk
from khata.app.budgets import BudgetWish
from khata.app.watching.refused import RefusedBudgets
from khata.domain.actor import SERVICE
from khata.domain.commands import Consume
from khata.domain.refusals import BudgetExceeded
from khata.postgres.alerts import Alert, AlertFilter
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
