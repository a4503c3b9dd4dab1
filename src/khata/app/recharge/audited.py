"""What is written down of who changed a wallet's recharges, and what they may charge."""

from khata.app.audited import Change, note_change
from khata.domain.actor import Actor
from khata.domain.recharge import RechargeSettings
from khata.postgres.asking import Connection
from khata.postgres.audit_log import Shown
from khata.postgres.payment_methods import PaymentMethod


async def note_settings(
    connection: Connection, by: Actor, before: RechargeSettings | None, after: RechargeSettings
) -> None:
    """Writes down a change of settings, within the caller's transaction."""
    change = Change(
        organization_id=after.organization_id,
        action="auto_recharge.changed",
        subject=after.wallet_id,
        before=None if before is None else _settings_shown(before),
        after=_settings_shown(after),
    )
    await note_change(connection, by, change, after.updated_at_us)


async def note_method(
    connection: Connection, by: Actor, action: str, method: PaymentMethod, at_us: int
) -> None:
    """Writes down that a payment method came or went, within the caller's transaction."""
    shown: Shown = {
        "wallet_id": method.wallet_id,
        "provider": method.provider,
        "kind": method.kind,
        "label": method.label,
    }
    change = Change(
        organization_id=method.organization_id, action=action, subject=method.id, after=shown
    )
    await note_change(connection, by, change, at_us)


def _settings_shown(settings: RechargeSettings) -> Shown:
    return {
        "enabled": settings.enabled,
        "threshold_credits": settings.threshold_credits,
        "amount": settings.amount_paise,
        "payment_method_id": settings.payment_method_id,
        "daily_limit": settings.daily_limit_paise,
        "monthly_limit": settings.monthly_limit_paise,
    }
