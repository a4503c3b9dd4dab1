"""How a wallet recharges itself, as it is set and shown."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from khata.app.recharge import settings as recharging
from khata.app.recharge.settings import RechargeChange, ShownState
from khata.domain.money import MAX_WALLET_CREDITS
from khata.domain.times import rfc3339
from khata.http.schemas.common import AnyId, Time

Paise = Annotated[int, Meta(ge=-(2**53), le=2**53)]
PaiseLimit = Annotated[int, Meta(ge=1, le=2**53)]


class AutoRecharge(Struct, frozen=True):
    """Off until it is set up. `amount` and the limits are paise before tax.

    `charged_this_month` is what `monthly_limit` has on it, in the wallet's zone; null without one.
    `disabled` is what Khata turned off, for the reason given; `backing_off` waits after a debit
    that failed, or for the next day or month of a limit.
    """

    enabled: bool = False
    threshold_credits: int = 200
    amount: int = 15_000
    currency: str = "INR"
    payment_method_id: str | None = None
    daily_limit: int | None = None
    monthly_limit: int | None = None
    charged_this_month: int | None = None
    state: ShownState = "idle"
    backing_off_until: Time | None = None
    disabled_reason: str | None = None


NO_RECHARGE = AutoRecharge()


class AutoRechargeBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays as it is. A limit of null is none."""

    enabled: bool
    threshold_credits: Annotated[int, Meta(ge=0, le=MAX_WALLET_CREDITS)] | UnsetType = UNSET
    amount: Paise | UnsetType = UNSET
    payment_method_id: AnyId | UnsetType | None = UNSET
    daily_limit: PaiseLimit | UnsetType | None = UNSET
    monthly_limit: PaiseLimit | UnsetType | None = UNSET

    def change(self) -> RechargeChange:
        """What is asked of the settings."""
        return RechargeChange(
            enabled=self.enabled,
            threshold_credits=self.threshold_credits,
            amount_paise=self.amount,
            payment_method_id=self.payment_method_id,
            daily_limit_paise=self.daily_limit,
            monthly_limit_paise=self.monthly_limit,
        )


def recharge_shown(found: recharging.AutoRecharge | None) -> AutoRecharge:
    """The settings as the API shows them; those of a wallet that never had any too."""
    if found is None:
        return NO_RECHARGE
    s = found.settings
    until_us = s.backing_off_until_us if found.state == "backing_off" else None
    return AutoRecharge(
        enabled=s.enabled,
        threshold_credits=s.threshold_credits,
        amount=s.amount_paise,
        currency=s.currency,
        payment_method_id=s.payment_method_id,
        daily_limit=s.daily_limit_paise,
        monthly_limit=s.monthly_limit_paise,
        charged_this_month=found.month_paise,
        state=found.state,
        backing_off_until=None if until_us is None else rfc3339(until_us),
        disabled_reason=s.disabled_reason,
    )
