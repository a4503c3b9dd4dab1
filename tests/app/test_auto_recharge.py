"""Settings of auto-recharge: what may be set, and that the wallet's line follows them at once."""

import pytest
from msgspec.structs import replace

from desk import SECOND_US, Desk
from khata.app.invalid import Invalid
from khata.app.recharge.lines import Lines
from khata.app.recharge.settings import AutoRecharge, RechargeChange
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId
from khata.domain.quotes import BelowMinimum
from khata.domain.recharge import RechargeSettings
from khata.postgres.asking import ask_pool, borrowed
from khata.postgres.payment_methods import PaymentMethod, insert_method, save_method
from khata.postgres.recharge_settings import save_settings

LINE = "select recharge_below, recharges from accounts where wallet_id = $1"
RECHARGES = "select number, state from recharges where wallet_id = $1"
JOBS = "select kind, subject from jobs where wallet_id = $1 order by kind"
HOUR_US = 3600 * SECOND_US
BY = Actor("key_1", "203.0.113.7")


def method(desk: Desk, *, is_instant: bool = True, most: int | None = None) -> PaymentMethod:
    return PaymentMethod(
        wallet_id=desk.wallet.id,
        id="pm_1",
        organization_id=desk.wallet.organization_id,
        provider="simulator",
        kind="upi",
        label="su…@razorpay",
        state="confirmed",
        is_instant=is_instant,
        max_amount_paise=most,
        created_at_us=desk.clock(),
    )


async def add(desk: Desk, made: PaymentMethod) -> None:
    async with borrowed(desk.khata.registries) as connection:
        await insert_method(connection, made)


async def change(desk: Desk, change: RechargeChange) -> AutoRecharge:
    organization_id = OrganizationId(desk.wallet.organization_id)
    changed = await desk.khata.recharging.settings.change(
        desk.wallet.id, organization_id, change, BY
    )
    assert isinstance(changed, AutoRecharge), changed
    return changed


async def rows(desk: Desk, statement: str) -> list[tuple[object, ...]]:
    return await ask_pool(desk.khata.registries, statement, desk.wallet.id)


ON = RechargeChange(enabled=True, payment_method_id="pm_1")


async def test_who_turns_it_on_arms_the_wallet(desk: Desk) -> None:
    await add(desk, method(desk))
    await desk.grant(500)
    shown = await change(desk, ON)
    assert shown.state == "idle"
    assert (shown.settings.threshold_credits, shown.settings.amount_paise) == (200, 15_000)
    assert await rows(desk, LINE) == [(200, 0)]
    await desk.consume("EMAIL_SEND", 301)
    assert await rows(desk, LINE) == [(None, 1)]
    assert await rows(desk, RECHARGES) == [(1, "triggered")]
    found = await desk.khata.recharging.settings.of_wallets([desk.wallet.id])
    assert found[desk.wallet.id].state == "scheduled"


async def test_who_turns_it_on_below_the_line_starts_a_recharge(desk: Desk) -> None:
    await add(desk, method(desk))
    await desk.grant(150)
    assert (await change(desk, ON)).state == "scheduled"
    assert await rows(desk, RECHARGES) == [(1, "triggered")]
    assert await rows(desk, JOBS) == [("recharge", f"{desk.wallet.id}/1")]
    assert (await change(desk, replace(ON, threshold_credits=900))).state == "scheduled"
    assert await rows(desk, RECHARGES) == [(1, "triggered")]


async def test_who_turns_it_off_disarms_the_wallet(desk: Desk) -> None:
    await add(desk, method(desk))
    await desk.grant(500)
    await change(desk, ON)
    off = await change(desk, RechargeChange(enabled=False))
    assert off.settings.payment_method_id == "pm_1"
    await desk.consume("EMAIL_SEND", 400)
    assert await rows(desk, RECHARGES) == []


async def test_what_is_left_out_stays_and_null_is_no_limit(desk: Desk) -> None:
    await add(desk, method(desk))
    whole = replace(ON, threshold_credits=50, amount_paise=50_000, daily_limit_paise=100_000)
    await change(desk, whole)
    again = await change(desk, RechargeChange(enabled=True, monthly_limit_paise=500_000))
    settings = again.settings
    assert (settings.threshold_credits, settings.amount_paise) == (50, 50_000)
    assert (settings.daily_limit_paise, settings.monthly_limit_paise) == (100_000, 500_000)
    none = await change(desk, RechargeChange(enabled=True, daily_limit_paise=None))
    assert none.settings.daily_limit_paise is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (RechargeChange(enabled=True), "payment_method_id"),
        (RechargeChange(enabled=True, payment_method_id="pm_9"), "payment_method_id"),
        (replace(ON, daily_limit_paise=14_999), "daily_limit"),
        (replace(ON, monthly_limit_paise=14_999), "monthly_limit"),
        (replace(ON, amount_paise=100_000), "amount"),
    ],
)
async def test_what_could_never_be_charged_is_refused(
    desk: Desk, wrong: RechargeChange, field: str
) -> None:
    await add(desk, method(desk, most=50_000))
    with pytest.raises(Invalid) as refused:
        await change(desk, wrong)
    assert refused.value.field == field
    assert await rows(desk, LINE) == [(None, 0)]


async def test_an_amount_below_the_minimum_is_refused(desk: Desk) -> None:
    await add(desk, method(desk))
    organization_id = OrganizationId(desk.wallet.organization_id)
    wish = replace(ON, amount_paise=14_990)
    refused = await desk.khata.recharging.settings.change(desk.wallet.id, organization_id, wish, BY)
    assert refused == BelowMinimum(14_990, 15_000)


async def test_a_method_that_is_not_confirmed_is_refused(desk: Desk) -> None:
    await add(desk, replace(method(desk), state="initiated"))
    with pytest.raises(Invalid, match="initiated"):
        await change(desk, ON)


async def test_a_mandate_with_notice_begins_early_and_follows_use(desk: Desk) -> None:
    """168 credits in the last seven days are one an hour: 36 until the money is there."""
    await add(desk, method(desk, is_instant=False))
    await desk.grant(1_000)
    await desk.consume("EMAIL_SEND", 168)
    await change(desk, ON)
    assert await rows(desk, LINE) == [(236, 0)]
    assert await rows(desk, JOBS) == [("recharge-line", desk.wallet.id)]
    desk.clock.turn(days=2)
    await desk.consume("EMAIL_SEND", 168)
    assert await desk.khata.worker.work_once() == 1
    assert await rows(desk, LINE) == [(272, 0)]
    desk.clock.turn(days=6)
    assert await desk.khata.worker.work_once() == 1
    assert await rows(desk, LINE) == [(236, 0)]


async def test_while_backing_off_nothing_begins(desk: Desk) -> None:
    await add(desk, method(desk))
    await desk.grant(150)
    resting = RechargeSettings(
        wallet_id=desk.wallet.id,
        organization_id=OrganizationId(desk.wallet.organization_id),
        payment_method_id="pm_1",
        declines=1,
        backing_off_until_us=desk.clock() + HOUR_US,
    )
    async with borrowed(desk.khata.registries) as connection:
        await save_settings(connection, resting)
    assert (await change(desk, RechargeChange(enabled=True))).state == "backing_off"
    assert await rows(desk, RECHARGES) == []
    desk.clock.turn(seconds=3600)
    assert await desk.khata.worker.work_once() == 1
    assert await rows(desk, RECHARGES) == [(1, "triggered")]


async def test_another_method_begins_anew(desk: Desk) -> None:
    await add(desk, method(desk))
    await add(desk, replace(method(desk), id="pm_2"))
    await desk.grant(150)
    resting = RechargeSettings(
        wallet_id=desk.wallet.id,
        organization_id=OrganizationId(desk.wallet.organization_id),
        payment_method_id="pm_1",
        declines=3,
        backing_off_until_us=desk.clock() + HOUR_US,
        disabled_reason="declined",
    )
    async with borrowed(desk.khata.registries) as connection:
        await save_settings(connection, resting)
    changed = await change(desk, replace(ON, payment_method_id="pm_2"))
    assert (changed.state, changed.settings.declines) == ("scheduled", 0)


async def test_a_mandate_that_was_paused_turns_it_off_with_an_alert(desk: Desk) -> None:
    await add(desk, method(desk))
    await desk.grant(500)
    await change(desk, ON)
    async with borrowed(desk.khata.registries) as connection:
        await save_method(connection, replace(method(desk), state="paused"))
    lines = Lines(desk.khata.registries, desk.clock)
    assert await lines.step(desk.wallet.id, desk.wallet.id) is None
    found = (await desk.khata.recharging.settings.of_wallets([desk.wallet.id]))[desk.wallet.id]
    assert (found.state, found.settings.disabled_reason) == ("disabled", "mandate_paused")
    assert await rows(desk, LINE) == [(None, 0)]
    (alert,) = await desk.khata.alerts.list(desk.wallet.id, None, 10, None)
    assert (alert.type, alert.facts["reason"]) == ("RECHARGE_FAILED", "mandate_paused")
    seen = await desk.khata.alerts.acknowledge(desk.wallet.id, alert.id)
    assert seen is not None
    assert (seen.state, seen.acknowledged_at_us) == ("acknowledged", desk.clock())
    desk.clock.turn(seconds=5)
    assert await desk.khata.alerts.acknowledge(desk.wallet.id, alert.id) == seen
    assert await desk.khata.alerts.list(desk.wallet.id, "open", 10, None) == []


async def test_each_change_is_written_down_with_who_made_it(desk: Desk) -> None:
    await add(desk, method(desk))
    await change(desk, ON)
    await change(desk, RechargeChange(enabled=False))
    logged = """select actor, address, action, subject, before::json ->> 'enabled',
        after::json ->> 'enabled' from audit_log
where subject = $1 and action not like 'wallet.%' order by id"""
    told = ("key_1", "203.0.113.7", "auto_recharge.changed", desk.wallet.id)
    assert await rows(desk, logged) == [(*told, None, "true"), (*told, "true", "false")]
