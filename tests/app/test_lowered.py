"""A cap or a budget that is lowered below what is used is told of at once, and just once."""

import pytest

from desk import Desk
from khata.app.budgets import BudgetChange, BudgetWish, KeptBudget
from khata.app.keys import NewKey, SpendingLimit
from khata.app.wallets import WalletPatch
from khata.domain.actor import SERVICE
from khata.domain.budgets import OnLimit, Spender
from khata.domain.commands import Consume
from khata.domain.refusals import BudgetExceeded
from khata.engine.spender import spending_as
from khata.postgres.alerts import Alert, AlertFilter
from watched import live, watch, work


async def cap(desk: Desk, limit: int | None) -> None:
    assert await desk.khata.wallets.change(desk.wallet.id, WalletPatch(caps={"AI": limit}))
    await work(desk)


async def alerts(desk: Desk) -> list[Alert]:
    found = await desk.khata.alerts.list_all(None, AlertFilter(), 10, None)
    reached = ("CAP_REACHED", "BUDGET_REACHED")
    return [each for each in reversed(found) if each.type in reached]


async def search(desk: Desk, times: int) -> None:
    for _ in range(times):
        await desk.consume("AI_SEARCH")


async def budget(
    desk: Desk, limit: int, percent: int | None = None, *, on_limit: OnLimit = "alert", **of: bool
) -> KeptBudget:
    wish = BudgetWish(
        level="member" if of.get("member") else "organization",
        unit="credits",
        window="day",
        limit=limit,
        wallet_id=None if of.get("shared") else desk.wallet.id,
        organization_id=desk.wallet.organization_id if of.get("shared") else None,
        on_limit=on_limit,
        alert_at_percent=percent,
    )
    return (await desk.khata.budgets.create(wish, SERVICE)).kept


async def charged(desk: Desk, credits: int) -> bool:
    """Whether so many credits were charged, and not refused by a budget."""
    wish = Consume(
        wallet_id=desk.wallet.id, idempotency_key=desk.key, feature="EMAIL_SEND", quantity=credits
    )
    return not isinstance((await desk.khata.engine.submit(wish)).outcome, BudgetExceeded)


async def lower(desk: Desk, kept: KeptBudget, change: BudgetChange) -> KeptBudget:
    counted = await desk.khata.budgets.change(kept, change, SERVICE)
    assert counted is not None
    await work(desk)
    return counted.kept


async def told(desk: Desk) -> list[tuple[object, ...]]:
    return [
        (one.facts["subject"], one.facts["percent"], one.facts["used"], one.facts["limit"])
        for one in await alerts(desk)
    ]


async def test_a_cap_that_is_lowered_below_its_use_is_told_of_once(desk: Desk) -> None:
    await live(desk, [1_000])
    await search(desk, 3)
    await watch(desk)
    await cap(desk, 4)
    assert await alerts(desk) == []
    await cap(desk, 2)
    (alert,) = await alerts(desk)
    assert alert.wallet_id == desk.wallet.id
    assert alert.facts == {
        "cap": "AI",
        "used": 3,
        "limit": 2,
        "resets_at": "2026-11-22T18:30:00.000000Z",
    }
    await cap(desk, 4)
    await search(desk, 1)
    await watch(desk)
    await cap(desk, 1)
    assert len(await alerts(desk)) == 1
    desk.clock.turn(days=1)
    await work(desk)
    assert [one.state for one in await alerts(desk)] == ["resolved"]


async def test_a_cap_that_a_charge_has_used_up_is_told_of_by_it_alone(desk: Desk) -> None:
    await live(desk, [1_000])
    await cap(desk, 2)
    await search(desk, 2)
    await cap(desk, 1)
    await watch(desk)
    assert len(await alerts(desk)) == 1


async def test_what_another_day_has_used_of_a_cap_is_not_told_of(desk: Desk) -> None:
    await live(desk, [1_000])
    await cap(desk, 0)
    await cap(desk, 5)
    await search(desk, 3)
    desk.clock.turn(days=1)
    await cap(desk, 2)
    assert await alerts(desk) == []


async def test_a_wallet_is_told_though_nothing_of_it_was_watched_yet(desk: Desk) -> None:
    await desk.grant(1_000)
    await search(desk, 3)
    await cap(desk, 2)
    assert len(await alerts(desk)) == 1


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("on_limit", ["alert", "refuse"])
async def test_a_budget_that_is_lowered_below_its_use_is_told_of_once(
    desk: Desk, on_limit: OnLimit, shared: bool
) -> None:
    kept = await budget(desk, 100, on_limit=on_limit, shared=shared)
    await live(desk, [1_000, -60])
    kept = await lower(desk, kept, BudgetChange(limit=61))
    assert await told(desk) == []
    kept = await lower(desk, kept, BudgetChange(limit=50))
    assert await told(desk) == [(None, 100, 60, 50)]
    (alert,) = await alerts(desk)
    assert alert.wallet_id == (None if shared else desk.wallet.id)
    assert alert.organization_id == desk.wallet.organization_id
    assert await charged(desk, 5) == (on_limit == "alert")
    await watch(desk)
    await desk.khata.watching.refused.look()
    kept = await lower(desk, kept, BudgetChange(limit=40))
    assert len(await alerts(desk)) == 1
    desk.clock.turn(days=1)
    await work(desk)
    assert [one.state for one in await alerts(desk)] == ["resolved"]
    await lower(desk, kept, BudgetChange(limit=30))  # nothing is used of the new window
    assert len(await alerts(desk)) == 1


async def test_each_whom_a_lowered_budget_counts_is_told_of_at_the_step_that_was_reached(
    desk: Desk,
) -> None:
    kept = await budget(desk, 100, member=True)
    await live(desk, [1_000])
    for member, credits in (("asha", 40), ("bala", 60), ("careful", 39)):
        await desk.consume("EMAIL_SEND", credits, member)
    await lower(desk, kept, BudgetChange(limit=50, alert_at_percent=80))
    assert sorted(await told(desk)) == [("asha", 80, 40, 50), ("bala", 100, 60, 50)]
    await desk.consume("EMAIL_SEND", 10, "asha")
    await watch(desk)
    assert sorted(await told(desk))[:2] == [("asha", 80, 40, 50), ("asha", 100, 50, 50)]


async def test_a_budget_that_is_raised_or_renamed_is_not_looked_at(desk: Desk) -> None:
    kept = await budget(desk, 100, 60)
    await live(desk, [1_000, -100])
    assert await told(desk) == [(None, 100, 100, 100)]
    kept = await lower(desk, kept, BudgetChange(limit=150))
    await lower(desk, kept, BudgetChange(name="Research"))
    assert await told(desk) == [(None, 100, 100, 100)]


async def test_a_keys_limit_that_is_lowered_below_what_it_has_spent_is_told_of(desk: Desk) -> None:
    within = desk.wallet.organization_id
    wanted = NewKey(
        name="Night",
        scopes=["wallets:consume"],
        organization_id=within,
        limit=SpendingLimit(100, "day"),
    )
    key, _ = await desk.khata.keys.create(wanted)
    await live(desk, [1_000])
    with spending_as(Spender(key.id, within, key.limit)):
        assert await charged(desk, 60)
    assert await desk.khata.keys.limit(key.id, SpendingLimit(50, "day"), SERVICE)
    await work(desk)
    assert await told(desk) == [(key.id, 100, 60, 50)]
    assert (await alerts(desk))[0].wallet_id is None


async def test_the_key_of_a_platform_is_lowered_and_nobody_is_told(desk: Desk) -> None:
    wanted = NewKey(name="All", scopes=["wallets:consume"], limit=SpendingLimit(100, "day"))
    key, _ = await desk.khata.keys.create(wanted)
    await live(desk, [1_000])
    with spending_as(Spender(key.id, None, key.limit)):
        assert await charged(desk, 60)
    assert await desk.khata.keys.limit(key.id, SpendingLimit(50, "day"), SERVICE)
    await work(desk)
    assert await alerts(desk) == []
