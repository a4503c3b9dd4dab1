"""What follows from a debit that failed, by the reason that the gateway names.

A decline counts: after the first the next try waits an hour, after the second six, and the third
turns the recharge off; whoever turns it on again waits until a day has passed. What no decision of
the payer's bank was does not count. Consent that is gone turns it off at once.
"""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from khata.domain.limits import HOUR_US
from khata.domain.recharge import End, RechargeEvent, RechargeSettings

BACK_OFF_US = (HOUR_US, 6 * HOUR_US, 24 * HOUR_US)
MOST_DECLINES = len(BACK_OFF_US)

# The gateway will take the same debit later: nothing has failed yet.
NOT_YET: frozenset[str] = frozenset({"payment_before_payment_after", "mandate_debit_in_progress"})

_SOFT: frozenset[str] = frozenset(
    {
        "bank_technical_error",
        "gateway_technical_error",
        "pre_debit_notification_failed",
        "payment_timed_out",
        "execution_day_rule_mismatch",
        "mandate_current_cycle_allowed_debit_exceeds",
    }
)
_CONSENT: Mapping[str, RechargeEvent] = {
    "mandate_cancelled": "cancelled",
    "mandate_paused": "consent_lost",
    "mandate_expired": "consent_lost",
    "mandate_not_active": "consent_lost",
    "mandate_initiated": "consent_lost",
    "mandate_rejected": "consent_lost",
    "amount_does_not_match_mandate_amount": "consent_lost",
    "invalid_token": "consent_lost",
    "method_removed": "consent_lost",
}
# The payer stopped this one debit, as the notice allows.
_STOPPED: frozenset[str] = frozenset({"payment_cancelled"})
# Trying again would not help.
_FINAL: frozenset[str] = frozenset({"FRAUD_BLOCKED", "wallet_closed", "amount_refused"})


def is_final(reason: str) -> bool:
    """Whether the reason says what became of the debit, so that asking again changes nothing."""
    return reason in _SOFT or reason in _CONSENT or reason in _STOPPED


def failed(reason: str, at_us: int) -> End:
    """How a recharge ends whose debit failed for that reason."""
    if reason in _CONSENT:
        return End(_CONSENT[reason], reason)
    if reason in _STOPPED:
        return End("cancelled", reason, at_us + BACK_OFF_US[-1])
    return End("refused", reason, at_us + HOUR_US if reason in _SOFT else None)


class Aftermath(Struct, frozen=True):
    """The settings after a recharge that ended badly, and whether its owner must be told."""

    settings: RechargeSettings
    is_alert: bool


def after(end: End, settings: RechargeSettings, at_us: int) -> Aftermath:
    """What follows for the next recharges."""
    if not settings.enabled:
        return Aftermath(settings, is_alert=False)
    if end.failure in _CONSENT or end.failure in _FINAL:
        off = replace(settings, enabled=False, disabled_reason=end.failure, updated_at_us=at_us)
        return Aftermath(off, is_alert=True)
    if end.resume_at_us is not None:
        return Aftermath(replace(settings, backing_off_until_us=end.resume_at_us), is_alert=False)
    declines = min(settings.declines + 1, MOST_DECLINES)
    resting = replace(
        settings, declines=declines, backing_off_until_us=at_us + BACK_OFF_US[declines - 1]
    )
    if declines < MOST_DECLINES:
        return Aftermath(resting, is_alert=False)
    off = replace(resting, enabled=False, disabled_reason="declined", updated_at_us=at_us)
    return Aftermath(off, is_alert=True)


def after_success(settings: RechargeSettings) -> RechargeSettings:
    """The settings after a recharge that went well."""
    return replace(settings, declines=0, backing_off_until_us=None)
