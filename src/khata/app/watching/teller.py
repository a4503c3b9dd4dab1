"""What is told of a wallet's crossings: alerts with what a person needs to know, and their ends."""

from collections.abc import Callable

from khata.app.watching.limit_alerts import budget_alert, cap_alert
from khata.app.watching.wishes import EXPIRIES_JOB, PROTECTION_JOB, wish
from khata.domain.burn import Burn, BurnCrossing
from khata.domain.crossings import LineCrossing
from khata.domain.times import rfc3339
from khata.domain.watch import Findings, Lines
from khata.postgres.alerts import AlertType, Facts, NewAlert, raise_alert
from khata.postgres.asking import Connection
from khata.postgres.budgets import owned
from khata.postgres.jobs import want
from khata.postgres.resolving import resolve
from khata.postgres.watches import Due, dearest

# Whoever has just begun to charge is no guide to the next day.
_SHORTEST_PACE_US = 3_600_000_000


class Teller:
    """Raises alerts in the transaction in which a crossing was found; wishes for what follows."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us

    async def tell(self, connection: Connection, of: Due, drawn: Lines, findings: Findings) -> None:
        """Tells of all that was found on a wallet, as it stood then: it may be long ago."""
        for crossing, burn in findings.lines:
            await self._tell_line(connection, of, drawn, crossing, burn)
        for burning, available in findings.burns:
            await self._tell_burn(connection, of, drawn, burning, available)
        for use, at_us in findings.caps:
            alert = cap_alert(of.wallet_id, of.organization_id, drawn.time_zone, use)
            await raise_alert(connection, alert, at_us)
        if findings.budgets:
            await _tell_budgets(connection, of, findings)
        if findings.may_expire:
            await self._want(connection, of, EXPIRIES_JOB)

    async def _tell_line(
        self,
        connection: Connection,
        of: Due,
        drawn: Lines,
        crossing: LineCrossing,
        burn: Burn,
    ) -> None:
        if not crossing.is_below:
            await resolve(connection, of.wallet_id, crossing.line, crossing.at_us)
            return
        facts: Facts = {"available": crossing.available}
        if crossing.line == "LOW_BALANCE":
            facts = {
                **facts,
                "threshold": drawn.low_balance_threshold,
                "exhausts_at": exhausts_at(
                    crossing.available, burn.used, burn.oldest_us, crossing.at_us
                ),
            }
        subject = str(crossing.sequence)
        await self._raise(connection, of, crossing.line, subject, facts, crossing.at_us)

    async def _tell_burn(
        self, connection: Connection, of: Due, drawn: Lines, burn: BurnCrossing, available: int
    ) -> None:
        await self._want(connection, of, PROTECTION_JOB)
        if not burn.is_burning:
            await resolve(connection, of.wallet_id, "RAPID_BURN", burn.at_us)
            return
        feature, member = await dearest(connection, of.wallet_id, burn.tail, burn.head)
        facts: Facts = {
            "used": burn.used,
            "limit": drawn.rapid_burn_limit,
            "since": None if burn.since_us is None else rfc3339(burn.since_us),
            "available": available,
            "exhausts_at": exhausts_at(available, burn.used, burn.since_us, burn.at_us),
            "top_feature": feature.name,
            "top_feature_credits": feature.credits,
            "top_member": member.name,
            "top_member_credits": member.credits,
            "action": drawn.rapid_burn_action,
        }
        await self._raise(connection, of, "RAPID_BURN", str(burn.at_us), facts, burn.at_us)

    async def _raise(
        self,
        connection: Connection,
        of: Due,
        type: AlertType,
        subject: str,
        facts: Facts,
        at_us: int,
    ) -> None:
        alert = NewAlert(
            wallet_id=of.wallet_id,
            organization_id=of.organization_id,
            type=type,
            subject=subject,
            facts=facts,
        )
        await raise_alert(connection, alert, at_us)

    async def _want(self, connection: Connection, of: Due, kind: str) -> None:
        now_us = self._now_us()
        await want(connection, [wish(kind, of.wallet_id, now_us)], now_us)


async def _tell_budgets(connection: Connection, of: Due, findings: Findings) -> None:
    """Of the organization's own: the limit of a platform's key tells what others spend."""
    named = {reached.use.budget_id for reached, _ in findings.budgets}
    own = await owned(connection, of.organization_id, named)
    for reached, at_us in findings.budgets:
        if reached.use.budget_id in own:
            alert = budget_alert(of.wallet_id, of.organization_id, reached)
            await raise_alert(connection, alert, at_us)


def exhausts_at(available: int, used: int, since_us: int | None, at_us: int) -> str | None:
    """When the available credits are used up at the pace of the burn window, if it has one."""
    if available <= 0 or used <= 0 or since_us is None:
        return None
    lasts_us = available * max(at_us - since_us, _SHORTEST_PACE_US) // used
    return rfc3339(at_us + lasts_us)
