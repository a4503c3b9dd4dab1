"""The line below which a wallet recharges itself, drawn anew whenever something about it changes.

A mandate that wants a notice a day ahead begins early: its line lies higher by what the wallet will
have used until the money is there, and follows its use hour by hour.
"""

from collections.abc import Callable

from msgspec.structs import replace

from khata.domain.ids import WalletId
from khata.domain.limits import DAY_US, HOUR_US
from khata.domain.recharge import Method, RechargeSettings
from khata.domain.recharge_times import FORECAST_DAYS, early_line
from khata.postgres import jobs, recharges
from khata.postgres.alerts import NewAlert, raise_alert
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.payment_methods import method_of
from khata.postgres.recharge_settings import save_settings, settings

LINE_JOB = "recharge-line"


class Lines:
    """Arms wallets, and disarms them."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us

    async def step(self, _: str, wallet_id: WalletId) -> int | None:
        """Draws the wallet's line; when to draw it again, if ever."""
        async with borrowed(self._pool) as connection, connection.transaction():
            return await self.draw(connection, wallet_id)

    async def draw(self, connection: Connection, wallet_id: WalletId) -> int | None:
        """Arms the wallet as its settings want, within the caller's transaction; when to do so
        again, if ever. A recharge that is to begin at once begins here."""
        now_us = self._now_us()
        # Under the lock under which the engine decides, so that two never draw at once.
        await recharges.lock_line(connection, wallet_id)
        wanted = await settings(connection, wallet_id)
        if wanted is None or not wanted.enabled:
            await recharges.arm(connection, wallet_id, None, now_us)
            return None
        if wanted.backing_off_until_us is not None and wanted.backing_off_until_us > now_us:
            await recharges.arm(connection, wallet_id, None, now_us)
            return wanted.backing_off_until_us
        method = await method_of(connection, wallet_id, wanted.payment_method_id)
        if method is None or method.state != "confirmed":
            await self._give_up(connection, wanted, method)
            return None
        below = wanted.threshold_credits
        if not method.is_instant:
            since_us = now_us - FORECAST_DAYS * DAY_US
            used = await recharges.used_since(connection, wallet_id, since_us)
            below = early_line(below, used)
        await recharges.arm(connection, wallet_id, below, now_us)
        return None if method.is_instant else now_us + HOUR_US

    async def want(self, connection: Connection, wallet_id: WalletId, at_us: int) -> None:
        """Wishes that the line be drawn then."""
        job = jobs.WantedJob(kind=LINE_JOB, subject=wallet_id, wallet_id=wallet_id, run_at_us=at_us)
        await jobs.want(connection, [job], self._now_us())

    async def _give_up(
        self, connection: Connection, wanted: RechargeSettings, method: Method | None
    ) -> None:
        """Turns it off: there is nothing to charge any more. What is under way ends by itself."""
        now_us = self._now_us()
        reason = "method_removed" if method is None else f"mandate_{method.state}"
        off = replace(wanted, enabled=False, disabled_reason=reason, updated_at_us=now_us)
        await save_settings(connection, off)
        await recharges.arm(connection, wanted.wallet_id, None, now_us)
        await raise_alert(connection, recharge_failed(wanted, reason, f"off-{now_us}"), now_us)


def recharge_failed(wanted: RechargeSettings, reason: str, subject: str) -> NewAlert:
    """The alert that recharges are off, or that one was in vain."""
    return NewAlert(
        wallet_id=wanted.wallet_id,
        organization_id=wanted.organization_id,
        type="RECHARGE_FAILED",
        subject=subject,
        facts={
            "reason": reason,
            "amount": wanted.amount_paise,
            "currency": wanted.currency,
            "payment_method_id": wanted.payment_method_id,
        },
    )
