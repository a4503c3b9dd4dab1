"""Alerts by e-mail: one letter to each of those who look after an organization's credits.

An alert that is over by the time its letters would be written needs none. A wallet that is low and
then empty is told of as empty.
"""

from collections.abc import Mapping
from typing import Final

from khata.app.mail.alert_letters import About, letter_about
from khata.app.mail.mails import Addressed, Mails
from khata.app.wallets import DEFAULT_TIME_ZONE
from khata.app.worker import Step
from khata.domain.ids import WalletId
from khata.postgres import alerts as store
from khata.postgres.alert_rules import rule
from khata.postgres.alerts import ALERT_MAIL_JOB, Alert
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.recipients import organization_name, recipients
from khata.postgres.wallets import wallet as wallet_of

ROLES: Final = ("owner", "admin", "billing")


class AlertMails:
    """Writes to people about alerts."""

    def __init__(self, pool: Pool, mails: Mails) -> None:
        self._pool = pool
        self._mails = mails

    @property
    def jobs(self) -> Mapping[str, Step]:
        """What the worker does, by kind."""
        return {ALERT_MAIL_JOB: self.step}

    async def step(self, alert_id: str, place: WalletId) -> int | None:
        """Wishes for the letters about an alert, each once however often this is done."""
        if not self._mails.is_on:
            return None
        async with borrowed(self._pool) as connection, connection.transaction():
            alert = await store.alert(connection, place, alert_id)
            if alert is not None and await _is_worth_a_letter(connection, place, alert):
                await self._write(connection, alert)
        return None

    async def _write(self, connection: Connection, alert: Alert) -> None:
        about = await _about(connection, alert)
        letter = letter_about(alert, about)
        for recipient in await recipients(connection, alert.organization_id, ROLES):
            to = Addressed(
                organization_id=alert.organization_id,
                wallet_id=alert.wallet_id,
                reason=alert.id,
                recipient=recipient,
            )
            await self._mails.want(connection, to, letter)


async def _is_worth_a_letter(connection: Connection, place: WalletId, alert: Alert) -> bool:
    if alert.state == "resolved":
        return False
    wanted = await rule(connection, place, alert.type)
    if wanted is not None and not wanted.email:
        return False
    if alert.type != "LOW_BALANCE":
        return True
    return not await store.is_unresolved(connection, place, "CREDITS_EXHAUSTED")


async def _about(connection: Connection, alert: Alert) -> About:
    wallet = None
    if alert.wallet_id is not None:
        wallet = await wallet_of(connection, alert.wallet_id)
    if wallet is not None:
        return About(wallet.name, wallet.time_zone)
    return About(await organization_name(connection, alert.organization_id), DEFAULT_TIME_ZONE)
