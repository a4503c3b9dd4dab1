"""What people are told of a wallet as its ledger goes on: once a crossing, until it is over."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from desk import SECOND_US, Clock, Desk
from khata.app.runtime import Khata
from khata.app.wallets import WalletPatch
from khata.app.watching.watcher import SLACK_US
from khata.domain.budgets import Budget
from khata.domain.commands import CaptureHold, RefundUsage
from khata.domain.limits import DAY_US, HOUR_US
from khata.engine.ids import UlidMint
from khata.postgres.alerts import Alert, AlertFilter
from khata.postgres.asking import ask, borrowed
from khata.postgres.budgets import KeptBudget, insert_budget
from khata.postgres.watches import Due
from watched import live, spend, told, watch, work

Facts = Mapping[str, str | int | None]


async def newest(desk: Desk) -> Alert:
    return (await desk.khata.alerts.list(desk.wallet.id, None, 1, None))[0]


async def change(desk: Desk, patch: WalletPatch) -> None:
    assert await desk.khata.wallets.change(desk.wallet.id, patch)
    await work(desk)


LIVES: Sequence[tuple[list[int], list[tuple[str, str]]]] = (
    ([], []),
    ([100, -50], []),
    ([100, -100], [("CREDITS_EXHAUSTED", "open")]),
    ([500, -250, -50, -1], [("LOW_BALANCE", "open")]),
    ([500, -300, 100], [("LOW_BALANCE", "resolved")]),
    (
        [500, -500, 500, -500],
        [
            ("LOW_BALANCE", "resolved"),
            ("CREDITS_EXHAUSTED", "resolved"),
            ("LOW_BALANCE", "open"),
            ("CREDITS_EXHAUSTED", "open"),
        ],
    ),
)


@pytest.mark.parametrize("looks_often", [True, False])
async def test_low_and_exhausted_wallets_are_told_of_once_and_until_it_is_over(
    khata: Khata, clock: Clock, looks_often: bool
) -> None:
    for number, (amounts, expected) in enumerate(LIVES):
        wallet, _, _ = await khata.wallets.create(None, "user", f"asha-{number}", "Asha")
        desk = Desk(khata, wallet, clock)
        await live(desk, amounts, looks_often=looks_often)
        assert await told(desk) == expected
        await watch(desk)
        assert await told(desk) == expected


async def test_a_low_wallet_is_told_with_when_it_will_be_empty(desk: Desk) -> None:
    await desk.grant(1_000)
    await spend(desk, 600)
    desk.clock.turn(seconds=7_200)
    await spend(desk, 300)
    await watch(desk)
    assert (await newest(desk)).facts == {
        "available": 100,
        "threshold": 200,
        "exhausts_at": "2026-11-22T08:13:20.000000Z",  # 900 in two hours
    }


async def test_what_is_told_is_of_then_however_late_it_is_told(khata: Khata, clock: Clock) -> None:
    """A wallet runs low, burns and is filled up again, before the eyes of a watcher or days
    later."""
    seen: list[list[tuple[str, Facts]]] = []
    began_us = clock.at_us
    for name, looks_often in (("soon", True), ("late", False)):
        clock.at_us = began_us
        wallet, _, _ = await khata.wallets.create(None, "user", name, "Asha")
        desk = Desk(khata, wallet, clock)
        for amount in (7_000, -100, -6_750, 9_000, -3_000, -900, 3_000, -3_000):
            clock.turn(days=0.3)
            await (desk.grant(amount) if amount > 0 else spend(desk, -amount))
            if looks_often:
                await watch(desk)
        await watch(desk)
        alerts = await khata.alerts.list(wallet.id, None, 9, None)
        seen.append([(each.type, each.facts) for each in reversed(alerts)])
    assert [type for type, _ in seen[0]] == ["LOW_BALANCE", "RAPID_BURN", "RAPID_BURN"]
    assert seen[0] == seen[1]


async def test_a_threshold_that_is_moved_is_looked_at_at_once(desk: Desk) -> None:
    await live(desk, [300, -1])
    await change(desk, WalletPatch(low_balance_threshold=299))
    assert await told(desk) == [("LOW_BALANCE", "open")]
    await change(desk, WalletPatch(low_balance_threshold=298))
    assert await told(desk) == [("LOW_BALANCE", "resolved")]


@pytest.mark.parametrize("looks_often", [True, False])
async def test_a_rapid_burn_is_told_of_once_with_what_burns(desk: Desk, looks_often: bool) -> None:
    await live(desk, [20_000], looks_often=looks_often)
    since = desk.clock.at_us + SECOND_US
    for _ in range(2):
        desk.clock.turn(seconds=1)
        await spend(desk, 1_000, "mem-a")
    await desk.consume("AI_SUMMARY", 190, "mem-b")
    await watch(desk)
    assert await told(desk) == []
    desk.clock.turn(seconds=3_600)
    await live(desk, [-200, -1_000], looks_often=looks_often)
    assert await told(desk) == [("RAPID_BURN", "open")]
    alert = await newest(desk)
    assert alert.raised_at_us == desk.clock.at_us - SECOND_US
    assert dict(alert.facts) | {"available": 0, "exhausts_at": ""} == {
        "used": 5_050,
        "limit": 5_000,
        "since": "2026-11-22T06:00:02.000000Z",
        "available": 0,
        "exhausts_at": "",
        "top_feature": "AI_SUMMARY",
        "top_feature_credits": 2_850,
        "top_member": "mem-b",
        "top_member_credits": 2_850,
        "action": "alert",
    }
    assert since == desk.clock.at_us - 3_603 * SECOND_US


async def test_a_burn_ends_by_time_alone_when_the_window_has_emptied(desk: Desk) -> None:
    await live(desk, [20_000, -3_000])
    first_us = desk.clock.at_us
    desk.clock.turn(seconds=3_600)
    await live(desk, [-2_500])
    desk.clock.at_us = first_us + DAY_US + SLACK_US - 1
    await work(desk)
    assert await told(desk) == [("RAPID_BURN", "open")]
    desk.clock.turn(seconds=1)
    await work(desk)
    assert await told(desk) == [("RAPID_BURN", "resolved")]
    resolved = await resolved_at_us(desk)
    assert resolved == first_us + DAY_US
    await live(desk, [-2_501])
    assert await told(desk) == [("RAPID_BURN", "resolved"), ("RAPID_BURN", "open")]


async def test_a_wallet_that_goes_on_burning_is_not_told_of_again(desk: Desk) -> None:
    await live(desk, [100_000, -5_001])
    for _ in range(60):
        desk.clock.turn(seconds=3_600)
        await spend(desk, 200)  # 4,800 a day: below the limit and above four fifths of it
        await watch(desk)
        await work(desk)
    assert await told(desk) == [("RAPID_BURN", "open")]


async def test_of_several_watchers_at_once_each_crossing_is_told_of_by_one(desk: Desk) -> None:
    await desk.grant(20_000)
    await spend(desk, 19_900)
    await asyncio.gather(*(watch(desk) for _ in range(3)))
    assert sorted(await told(desk)) == [("LOW_BALANCE", "open"), ("RAPID_BURN", "open")]


async def test_captures_burn_and_holds_and_refunds_do_not(desk: Desk) -> None:
    await live(desk, [20_000])
    hold = await desk.hold(5_001)
    await watch(desk)
    assert await told(desk) == []
    capture = CaptureHold(
        wallet_id=desk.wallet.id, idempotency_key=desk.key, hold_id=hold.id, credits=4_999
    )
    captured = await desk.do(capture)
    refund = RefundUsage(
        wallet_id=desk.wallet.id,
        idempotency_key=desk.key,
        transaction_id=captured.id,
        reason="for a test",
    )
    await desk.do(refund)
    await live(desk, [-1])
    assert await told(desk) == []
    await live(desk, [-1])
    assert await told(desk) == [("RAPID_BURN", "open")]


async def test_settings_that_are_looked_at_before_the_first_event_skip_none(desk: Desk) -> None:
    await desk.grant(500, expires_at_us=desk.clock.at_us + 20 * DAY_US)
    await spend(desk, 400)
    await desk.grant(1_000)
    await change(desk, WalletPatch(low_balance_threshold=150))
    await watch(desk)
    desk.clock.turn(days=13)
    await work(desk)
    assert await told(desk) == [("LOW_BALANCE", "resolved"), ("CREDITS_EXPIRING", "open")]


async def test_a_limit_that_is_moved_is_looked_at_at_once(desk: Desk) -> None:
    await live(desk, [20_000, -3_000])
    await change(desk, WalletPatch(rapid_burn_limit=2_999))
    assert await told(desk) == [("RAPID_BURN", "open")]
    await change(desk, WalletPatch(rapid_burn_limit=3_749))
    assert await told(desk) == [("RAPID_BURN", "open")]
    await change(desk, WalletPatch(rapid_burn_limit=3_750))
    assert await told(desk) == [("RAPID_BURN", "resolved")]


async def test_a_wallet_with_a_history_is_watched_from_where_it_stood(desk: Desk) -> None:
    await desk.grant(20_000)
    await spend(desk, 4_000)
    desk.clock.turn(seconds=10)
    await spend(desk, 1_500)
    desk.clock.at_us += DAY_US - 10 * SECOND_US  # the first has just left
    last = await desk.consume("EMAIL_SEND", 3_500)
    async with borrowed(desk.khata.registries) as connection, connection.transaction():
        due = Due(desk.wallet.id, desk.wallet.organization_id, last.sequence, last.sequence)
        await desk.khata.watching.watcher.watch(connection, [due])
    assert await told(desk) == []
    await live(desk, [-1])
    assert await told(desk) == [("RAPID_BURN", "open")]


async def test_a_cap_is_told_of_once_a_day_and_until_the_day_ends(desk: Desk) -> None:
    await change(desk, WalletPatch(caps={"AI": 2}))
    await live(desk, [1_000])
    for _ in range(2):
        await desk.consume("AI_SEARCH")
    await watch(desk)
    assert await told(desk) == [("CAP_REACHED", "open")]
    assert (await newest(desk)).facts == {
        "cap": "AI",
        "used": 2,
        "limit": 2,
        "resets_at": "2026-11-22T18:30:00.000000Z",
    }
    desk.clock.turn(seconds=12.5 * 3_600 - 2)
    await work(desk)
    assert await told(desk) == [("CAP_REACHED", "open")]
    desk.clock.turn(seconds=1)
    await work(desk)
    assert await told(desk) == [("CAP_REACHED", "resolved")]


async def resolved_at_us(desk: Desk) -> int:
    statement = "select resolved_at from alerts where wallet_id = $1 order by id desc limit 1"
    async with borrowed(desk.khata.registries) as connection:
        return (await ask(connection, statement, desk.wallet.id))[0][0]


async def test_credits_that_expire_are_told_of_three_times_and_until_they_are_used(
    desk: Desk,
) -> None:
    begun = desk.clock.at_us
    await desk.grant(500, expires_at_us=begun + 40 * DAY_US)
    await desk.grant(70, expires_at_us=begun + 40 * DAY_US + HOUR_US)
    await watch(desk)
    expected: list[tuple[str, str]] = []
    for day, seen in ((9, 0), (10, 1), (32, 1), (33, 2), (38, 2), (39, 3), (41, 3)):
        desk.clock.at_us = begun + day * DAY_US
        await desk.khata.sweeper.sweep_once()
        await work(desk)
        expected = [("CREDITS_EXPIRING", "resolved")] * seen
        if 10 <= day < 40:
            expected[-1] = ("CREDITS_EXPIRING", "open")
        assert await told(desk) == expected, day
    assert (await newest(desk)).facts == {
        "credits": 570,
        "days": 1,
        "expires_at": "2027-01-01T06:00:00.000000Z",
        "lots": 2,
    }


async def test_what_is_used_up_before_it_expires_is_over_within_a_day(desk: Desk) -> None:
    await desk.grant(500, expires_at_us=desk.clock.at_us + 20 * DAY_US)
    await watch(desk)
    desk.clock.turn(days=13)
    await work(desk)
    assert await told(desk) == [("CREDITS_EXPIRING", "open")]
    await spend(desk, 500)
    desk.clock.turn(days=1)
    await work(desk)
    assert await told(desk) == [("CREDITS_EXPIRING", "resolved")]


@pytest.mark.parametrize("is_shared", [False, True])
async def test_a_budget_is_told_of_until_its_window_ends(desk: Desk, is_shared: bool) -> None:
    await live(desk, [1_000])
    budget = Budget(
        id="bud_" + UlidMint().for_wallet(desk.wallet.id),
        level="organization",
        unit="count",
        window="day",
        limit=3,
        alert_at_percent=60,
        time_zone=desk.wallet.time_zone if is_shared else None,
    )
    kept = KeptBudget(
        budget=budget,
        organization_id=desk.wallet.organization_id,
        wallet_id=None if is_shared else desk.wallet.id,
        name="Three a day",
        of_key=False,
        created_at_us=desk.clock(),
        updated_at_us=desk.clock(),
    )
    async with borrowed(desk.khata.registries) as connection, connection.transaction():
        await insert_budget(connection, kept)
    await live(desk, [-1, -1, -1], looks_often=True)
    alerts = await desk.khata.alerts.list_all(None, AlertFilter(type="BUDGET_REACHED"), 10, None)
    told = [(alert.facts["percent"], alert.facts["used"], alert.state) for alert in alerts]
    assert sorted(told, key=str) == [(100, 3, "open"), (60, 2, "open")]
    whose = None if is_shared else desk.wallet.id
    assert {alert.wallet_id for alert in alerts} == {whose}
    desk.clock.turn(days=1)
    await work(desk)
    alerts = await desk.khata.alerts.list_all(None, AlertFilter(state="open"), 10, None)
    assert alerts == []
