"""What is told of or ends by the calendar: credits that expire, caps and budgets that reset."""

from collections.abc import Callable
from typing import Final

from khata.domain.crossings import ExpiringDay, plan_expiries
from khata.domain.ids import WalletId
from khata.domain.limits import DAY_US
from khata.domain.times import rfc3339
from khata.domain.wallet import Wallet
from khata.postgres.alert_rules import rule
from khata.postgres.alerts import NewAlert, raise_alert
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.expiring import expiring_lots
from khata.postgres.resolving import end_alert, resolve
from khata.postgres.wallets import wallet as wallet_of

EXPIRING: Final = "CREDITS_EXPIRING"
LEAST_CREDITS: Final = 1


class Ends:
    """Looks at wallets on the days that matter to them."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us

    async def look_at_expiries(self, _: str, wallet_id: WalletId) -> int | None:
        """Tells of credits that expire soon, once a step ahead of each day; when to look again.

        While something is told of it is looked at daily, so that it ends when it is used up.
        """
        async with borrowed(self._pool) as connection, connection.transaction():
            wallet = await wallet_of(connection, wallet_id)
            if wallet is None:
                return None
            wanted = await rule(connection, wallet_id, EXPIRING)
            least = LEAST_CREDITS if wanted is None else wanted.threshold or LEAST_CREDITS
            lots = await expiring_lots(connection, wallet_id)
            now_us = self._now_us()
            plan = plan_expiries(lots, wallet.time_zone, now_us, least)
            told = [_alert(wallet, day) for day in plan.told]
            await resolve(
                connection, wallet_id, EXPIRING, now_us, [alert.subject for alert in told]
            )
            for alert in told:
                await raise_alert(connection, alert, now_us)
        if plan.next_us is None or not told:
            return plan.next_us
        return min(plan.next_us, now_us + DAY_US)

    async def end(self, alert_id: str, place: WalletId) -> int | None:
        """Ends an alert whose time has come."""
        async with borrowed(self._pool) as connection:
            await end_alert(connection, place, alert_id, self._now_us())
        return None


def _alert(wallet: Wallet, day: ExpiringDay) -> NewAlert:
    return NewAlert(
        wallet_id=wallet.id,
        organization_id=wallet.organization_id,
        type=EXPIRING,
        subject=f"{day.day}/{day.ahead}",
        facts={
            "credits": day.credits,
            "days": day.ahead,
            "expires_at": rfc3339(day.first_us),
            "lots": day.lots,
        },
    )
