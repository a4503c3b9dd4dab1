"""A recharge goes as the table says: at once or with a notice, within limits, with pauses after."""

from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from khata.domain.ids import OrganizationId
from khata.domain.limits import DAY_US, HOUR_US
from khata.domain.recharge import (
    TRANSITIONS,
    UNDER_WAY,
    Begin,
    Debit,
    End,
    Look,
    Method,
    Recharge,
    RechargeEvent,
    RechargeSettings,
    RechargeState,
    Spent,
    Standing,
    Wait,
    next_state,
    next_step,
)
from khata.domain.recharge_failures import BACK_OFF_US, after, after_success, failed
from khata.domain.recharge_times import (
    NOTICE_AHEAD_US,
    day_bounds_us,
    early_line,
    month_bounds_us,
    off_peak_us,
)
from khata.testing import wallet_id

INDIA = ZoneInfo("Asia/Kolkata")
ORG = OrganizationId("org_1")
WALLET = wallet_id("acme")


def india(text: str) -> int:
    """An instant by the Indian clock, as `2026-11-22 09:30`."""
    return round(datetime.fromisoformat(text).replace(tzinfo=INDIA).timestamp()) * 1_000_000


NOON = india("2026-11-22 12:00")
SETTINGS = RechargeSettings(
    wallet_id=WALLET,
    organization_id=ORG,
    enabled=True,
    amount_paise=50_000,
    payment_method_id="pm_1",
)
INSTANT = Method(id="pm_1", kind="upi", state="confirmed", is_instant=True)
UPI = replace(INSTANT, is_instant=False)
CARD = replace(UPI, kind="card")
NOTHING_SPENT = Spent(0, 0, NOON + HOUR_US, NOON + DAY_US)
STANDING = Standing(settings=SETTINGS, method=INSTANT, wallet_status="active", spent=NOTHING_SPENT)
TRIGGERED = Recharge(
    wallet_id=WALLET,
    number=7,
    organization_id=ORG,
    state="triggered",
    created_at_us=NOON,
    updated_at_us=NOON,
)


def in_state(state: RechargeState, next_at_us: int | None = None) -> Recharge:
    return replace(
        TRIGGERED,
        state=state,
        amount_paise=50_000,
        payment_method_id="pm_1",
        next_at_us=next_at_us,
    )


def test_its_key_is_the_wallets_and_its_number() -> None:
    assert TRIGGERED.key == f"auto-{WALLET}-7"


def test_each_state_has_its_events_and_ends_have_none() -> None:
    assert set(TRANSITIONS) == set(get_args(RechargeState))
    ends = set(get_args(RechargeState)) - UNDER_WAY
    assert ends == {"succeeded", "failed", "cancelled_by_customer", "needs_customer_action"}
    reached = {state for events in TRANSITIONS.values() for state in events.values()}
    assert reached == set(get_args(RechargeState)) - {"triggered"}
    for end in ends:
        assert not any(next_state(end, event) for event in get_args(RechargeEvent))


def test_a_recharge_without_notice_is_charged_at_once() -> None:
    assert next_step(TRIGGERED, STANDING, NOON) == Begin(50_000, "pm_1", None)
    assert next_step(in_state("debit_due"), STANDING, NOON) == Debit()
    assert next_step(in_state("debiting"), STANDING, NOON) == Look()
    assert next_step(in_state("succeeded"), STANDING, NOON) is None


def test_a_card_is_charged_a_day_after_the_notice() -> None:
    standing = replace(STANDING, method=CARD)
    due = NOON + NOTICE_AHEAD_US
    assert next_step(TRIGGERED, standing, NOON) == Begin(50_000, "pm_1", due)
    for state in ("notice_sent", "notice_delivered"):
        assert next_step(in_state(state, due), standing, due - 1) == Wait(due)
        assert next_step(in_state(state, due), standing, due) == Debit()


def test_upi_is_charged_off_the_peak_only() -> None:
    standing = replace(STANDING, method=UPI)
    evening = india("2026-11-23 13:00")
    assert next_step(TRIGGERED, standing, NOON) == Begin(50_000, "pm_1", evening)
    late = india("2026-11-23 18:00")  # the worker was away until then
    assert next_step(in_state("notice_delivered", evening), standing, late) == Wait(
        india("2026-11-23 21:30")
    )
    night = india("2026-11-23 21:30")
    assert next_step(in_state("notice_delivered", evening), standing, night) == Debit()


@pytest.mark.parametrize(
    ("at", "debited"),
    [
        ("09:59", "09:59"),
        ("10:00", "13:00"),
        ("12:59", "13:00"),
        ("13:00", "13:00"),
        ("16:59", "16:59"),
        ("17:00", "21:30"),
        ("21:29", "21:30"),
        ("21:30", "21:30"),
        ("00:00", "00:00"),
    ],
)
def test_the_peaks_of_upi(at: str, debited: str) -> None:
    assert off_peak_us(india(f"2026-11-22 {at}")) == india(f"2026-11-22 {debited}")


@pytest.mark.parametrize(
    ("standing", "end"),
    [
        (replace(STANDING, method=None), End("consent_lost", "method_removed")),
        (
            replace(STANDING, settings=replace(SETTINGS, enabled=False)),
            End("cancelled", "turned_off"),
        ),
        (
            replace(
                STANDING,
                method=None,
                settings=replace(SETTINGS, enabled=False, disabled_reason="method_removed"),
            ),
            End("cancelled", "method_removed"),
        ),
        (
            replace(STANDING, method=replace(INSTANT, state="cancelled")),
            End("cancelled", "mandate_cancelled"),
        ),
        (
            replace(STANDING, method=replace(INSTANT, state="paused")),
            End("consent_lost", "mandate_paused"),
        ),
        (
            replace(STANDING, wallet_status="frozen"),
            End("refused", "wallet_frozen", NOON + HOUR_US),
        ),
    ],
)
def test_what_stands_against_a_debit_ends_it_until_it_is_asked_for(
    standing: Standing, end: End
) -> None:
    for state in ("triggered", "notice_sent", "notice_delivered", "debit_due"):
        assert next_step(in_state(state, NOON), standing, NOON) == end
    assert next_step(in_state("debiting"), standing, NOON) == Look()


@pytest.mark.parametrize(
    ("daily", "monthly", "today", "month", "end"),
    [
        (None, None, 10**9, 10**9, None),
        (100_000, None, 50_000, 0, None),
        (100_000, None, 50_001, 0, End("refused", "daily_limit", NOON + HOUR_US)),
        (None, 200_000, 0, 150_000, None),
        (None, 200_000, 0, 150_001, End("refused", "monthly_limit", NOON + DAY_US)),
        (100_000, 200_000, 60_000, 160_000, End("refused", "monthly_limit", NOON + DAY_US)),
        (50_000, 50_000, 0, 0, None),
    ],
)
def test_the_limits_count_this_recharge_too(
    daily: int | None, monthly: int | None, today: int, month: int, end: End | None
) -> None:
    limited = replace(SETTINGS, daily_limit_paise=daily, monthly_limit_paise=monthly)
    spent = replace(NOTHING_SPENT, today_paise=today, month_paise=month)
    standing = replace(STANDING, settings=limited, spent=spent)
    assert next_step(TRIGGERED, standing, NOON) == (end or Begin(50_000, "pm_1", None))


def test_days_and_months_are_the_wallets_own() -> None:
    at = india("2026-12-31 23:59")
    assert day_bounds_us("Asia/Kolkata", at) == (india("2026-12-31"), india("2027-01-01"))
    assert month_bounds_us("Asia/Kolkata", at) == (india("2026-12-01"), india("2027-01-01"))
    # In Kiritimati it is the new year already.
    first, following = month_bounds_us("Pacific/Kiritimati", at)
    assert first == india("2026-12-31 15:30")
    assert following == india("2027-01-31 15:30")


def test_three_declines_in_a_row_turn_it_off() -> None:
    settings, pauses = SETTINGS, list[int]()
    for decline in (1, 2, 3):
        aftermath = after(failed("insufficient_funds", NOON), settings, NOON)
        settings = aftermath.settings
        pauses.append((settings.backing_off_until_us or 0) - NOON)
        assert settings.declines == decline
        assert aftermath.is_alert == (decline == 3)
    assert pauses == list(BACK_OFF_US) == [HOUR_US, 6 * HOUR_US, 24 * HOUR_US]
    assert (settings.enabled, settings.disabled_reason) == (False, "declined")


def test_one_that_goes_well_forgets_the_declines() -> None:
    once = after(failed("debit_declined", NOON), SETTINGS, NOON).settings
    assert after_success(once) == SETTINGS


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        ("bank_technical_error", End("refused", "bank_technical_error", NOON + HOUR_US)),
        (
            "pre_debit_notification_failed",
            End("refused", "pre_debit_notification_failed", NOON + HOUR_US),
        ),
        ("payment_cancelled", End("cancelled", "payment_cancelled", NOON + DAY_US)),
    ],
)
def test_what_no_bank_decided_counts_as_no_decline(reason: str, end: End) -> None:
    assert failed(reason, NOON) == end
    aftermath = after(end, SETTINGS, NOON)
    assert not aftermath.is_alert
    assert aftermath.settings == replace(SETTINGS, backing_off_until_us=end.resume_at_us)


@pytest.mark.parametrize(
    ("reason", "event"),
    [
        ("mandate_cancelled", "cancelled"),
        ("mandate_paused", "consent_lost"),
        ("mandate_expired", "consent_lost"),
        ("invalid_token", "consent_lost"),
        ("FRAUD_BLOCKED", "refused"),
    ],
)
def test_without_consent_it_is_turned_off_at_once(reason: str, event: RechargeEvent) -> None:
    end = failed(reason, NOON)
    assert end.event == event
    aftermath = after(end, SETTINGS, NOON)
    assert aftermath.is_alert
    assert (aftermath.settings.enabled, aftermath.settings.disabled_reason) == (False, reason)


def test_what_the_customer_turned_off_stays_as_they_left_it() -> None:
    off = replace(SETTINGS, enabled=False)
    assert after(End("cancelled", "turned_off"), off, NOON).settings == off


@pytest.mark.parametrize(
    ("threshold", "used", "line"),
    [(200, 0, 200), (200, 168, 236), (200, 1, 201), (0, 7 * 24 * 100, 3_600), (200, -5, 200)],
)
def test_the_early_line_adds_what_a_day_and_a_half_will_use(
    threshold: int, used: int, line: int
) -> None:
    assert early_line(threshold, used) == line
