"""A recharge: what becomes of it between the line that was crossed and the credits, as a table.

Where the rails want it, the payer is told a day before each debit, and may stop it until then. A
debit is asked for once; what the bank refused is not asked again under the same recharge, but under
the next one, after a pause.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId
from khata.domain.limits import HOUR_US
from khata.domain.recharge_times import NOTICE_AHEAD_US, off_peak_us
from khata.domain.wallet import WalletStatus

RechargeState = Literal[
    "triggered",
    "notice_sent",
    "notice_delivered",
    "debit_due",
    "debiting",
    "succeeded",
    "failed",
    "cancelled_by_customer",
    "needs_customer_action",
]
RechargeEvent = Literal[
    "notice_asked",
    "needs_no_notice",
    "notice_read",
    "came_due",
    "debit_asked",
    "paid",
    "refused",
    "cancelled",
    "consent_lost",
]
MethodState = Literal["initiated", "confirmed", "rejected", "paused", "cancelled"]

_ENDS: Mapping[RechargeEvent, RechargeState] = {
    "refused": "failed",
    "cancelled": "cancelled_by_customer",
    "consent_lost": "needs_customer_action",
}
TRANSITIONS: Mapping[RechargeState, Mapping[RechargeEvent, RechargeState]] = {
    "triggered": {"notice_asked": "notice_sent", "needs_no_notice": "debit_due", **_ENDS},
    "notice_sent": {"notice_read": "notice_delivered", "came_due": "debit_due", **_ENDS},
    "notice_delivered": {"came_due": "debit_due", **_ENDS},
    "debit_due": {"debit_asked": "debiting", **_ENDS},
    "debiting": {"paid": "succeeded", **_ENDS},
    "succeeded": {},
    "failed": {},
    "cancelled_by_customer": {},
    "needs_customer_action": {},
}
UNDER_WAY: frozenset[RechargeState] = frozenset(
    state for state, events in TRANSITIONS.items() if events
)


class RechargeSettings(Struct, frozen=True, kw_only=True):
    """When and how a wallet recharges itself, and how the last recharges went.

    Amounts and limits are paise before tax. `disabled_reason` is there where it was turned off, and
    not by the customer.
    """

    wallet_id: WalletId
    organization_id: OrganizationId
    enabled: bool = False
    threshold_credits: int = 200
    amount_paise: int = 15_000
    currency: str = "INR"
    payment_method_id: str | None = None
    daily_limit_paise: int | None = None
    monthly_limit_paise: int | None = None
    declines: int = 0
    backing_off_until_us: int | None = None
    disabled_reason: str | None = None
    updated_at_us: int = 0


class Recharge(Struct, frozen=True, kw_only=True):
    """One recharge as it stands. Its amount and method are fixed before anybody hears of it."""

    wallet_id: WalletId
    number: int
    organization_id: OrganizationId
    state: RechargeState
    created_at_us: int
    updated_at_us: int
    amount_paise: int | None = None
    payment_method_id: str | None = None
    order_id: str | None = None
    gateway_payment_id: str | None = None
    attempt: int = 0
    next_at_us: int | None = None
    notice_sent_at_us: int | None = None
    notice_delivered_at_us: int | None = None
    debited_at_us: int | None = None
    failure: str | None = None

    @property
    def key(self) -> str:
        """The idempotency key of its order. It never comes from a clock."""
        return f"auto-{self.wallet_id}-{self.number}"


class Method(Struct, frozen=True, kw_only=True):
    """The mandate that is to be charged, as far as a recharge cares."""

    id: str
    kind: str
    state: MethodState
    is_instant: bool
    max_amount_paise: int | None = None


class Spent(Struct, frozen=True):
    """What recharges have cost in the wallet's day and month so far, and when those end."""

    today_paise: int
    month_paise: int
    day_ends_us: int
    month_ends_us: int


class Standing(Struct, frozen=True, kw_only=True):
    """All that the next step of a recharge hangs on."""

    settings: RechargeSettings
    method: Method | None
    wallet_status: WalletStatus
    spent: Spent


class Begin(Struct, frozen=True):
    """Fix the amount, and make the order; with a notice that the debit is due then, if any."""

    amount_paise: int
    method_id: str
    due_at_us: int | None


class Wait(Struct, frozen=True):
    """Nothing is to be done until then."""

    until_us: int


class Debit(Struct, frozen=True):
    """Ask for the money."""


class Look(Struct, frozen=True):
    """Ask what has become of the debit."""


class End(Struct, frozen=True):
    """It ends without a debit: how, why, and from when the next may begin, if that is known."""

    event: RechargeEvent
    failure: str
    resume_at_us: int | None = None


NextStep = Begin | Wait | Debit | Look | End


def next_state(state: RechargeState, event: RechargeEvent) -> RechargeState | None:
    """The state after the event; none where the event changes nothing any more."""
    return TRANSITIONS[state].get(event)


def next_step(recharge: Recharge, standing: Standing, at_us: int) -> NextStep | None:
    """What is to be done now; nothing once it has ended.

    Until the debit was asked for, whatever stands against it ends the recharge.
    """
    if recharge.state not in UNDER_WAY:
        return None
    if recharge.state == "debiting":
        return Look()
    method = standing.method
    if method is None:
        off = standing.settings.disabled_reason or "turned_off"
        is_on = standing.settings.enabled
        return End("consent_lost", "method_removed") if is_on else End("cancelled", off)
    hindrance = _hindrance(recharge, standing, method, at_us)
    if hindrance is not None:
        return hindrance
    if recharge.state == "triggered":
        return _beginning(recharge, standing, method, at_us)
    due_us = recharge.next_at_us or at_us
    if not method.is_instant and method.kind == "upi":
        due_us = off_peak_us(max(due_us, at_us))
    return Wait(due_us) if due_us > at_us else Debit()


def _beginning(recharge: Recharge, standing: Standing, method: Method, at_us: int) -> Begin | End:
    amount_paise = recharge.amount_paise or standing.settings.amount_paise
    if over := _over_limit(standing, amount_paise):
        return over
    if method.is_instant:
        return Begin(amount_paise, method.id, None)
    due_us = at_us + NOTICE_AHEAD_US
    return Begin(amount_paise, method.id, off_peak_us(due_us) if method.kind == "upi" else due_us)


def _hindrance(recharge: Recharge, standing: Standing, method: Method, at_us: int) -> End | None:
    settings = standing.settings
    if method.state == "cancelled":
        return End("cancelled", "mandate_cancelled")
    if method.state != "confirmed":
        return End("consent_lost", f"mandate_{method.state}")
    if not settings.enabled:
        return End("cancelled", settings.disabled_reason or "turned_off")
    if standing.wallet_status != "active":
        return End("refused", f"wallet_{standing.wallet_status}", at_us + HOUR_US)
    if recharge.state == "triggered" and settings.payment_method_id != method.id:
        return End("refused", "method_changed", at_us)
    return None


def _over_limit(standing: Standing, amount_paise: int) -> End | None:
    settings, spent = standing.settings, standing.spent
    monthly, daily = settings.monthly_limit_paise, settings.daily_limit_paise
    if monthly is not None and spent.month_paise + amount_paise > monthly:
        return End("refused", "monthly_limit", spent.month_ends_us)
    if daily is not None and spent.today_paise + amount_paise > daily:
        return End("refused", "daily_limit", spent.day_ends_us)
    return None
