"""What is written down of who changed a wallet's recharges, and what they may charge."""

from khata.domain.recharge import RechargeSettings
from khata.engine.ids import UlidMint
from khata.postgres.asking import Connection
from khata.postgres.audit_log import Actor, AuditEntry, Shown, insert_audit
from khata.postgres.payment_methods import PaymentMethod

_mint = UlidMint()


async def note_settings(
    connection: Connection, by: Actor, before: RechargeSettings | None, after: RechargeSettings
) -> None:
    """Writes down a change of settings, within the caller's transaction."""
    entry = AuditEntry(
        id="aud_" + _mint.for_wallet(after.wallet_id),
        organization_id=after.organization_id,
        at_us=after.updated_at_us,
        actor=by,
        action="auto_recharge.changed",
        subject=after.wallet_id,
        before=None if before is None else _settings_shown(before),
        after=_settings_shown(after),
    )
    await insert_audit(connection, entry)


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
    entry = AuditEntry(
        id="aud_" + _mint.for_wallet(method.wallet_id),
        organization_id=method.organization_id,
        at_us=at_us,
        actor=by,
        action=action,
        subject=method.id,
        before=None,
        after=shown,
    )
    await insert_audit(connection, entry)


def _settings_shown(settings: RechargeSettings) -> Shown:
    return {
        "enabled": settings.enabled,
        "threshold_credits": settings.threshold_credits,
        "amount": settings.amount_paise,
        "payment_method_id": settings.payment_method_id,
        "daily_limit": settings.daily_limit_paise,
        "monthly_limit": settings.monthly_limit_paise,
    }
