"""Settlements: what a gateway has paid to our bank, line by line, booked in the journal of money.

Each line is booked once, however often a day is asked for. Money of a payment that brought no
credits, since somebody has to look at it, is owed back from then on.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

import structlog

from khata.app.topups.gateways import Gateways
from khata.app.topups.known_payments import KnownPayments
from khata.app.topups.unheard import Unheard
from khata.domain import money_journal
from khata.domain.chart import india_day
from khata.domain.money_journal import MoneyPosting, Occasion
from khata.engine.ids import UlidMint
from khata.payments.gateway import GatewayRefused, GatewayUnavailable, ProviderName, SettledLine
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.gateway_names import meant_by
from khata.postgres.money_journal import post_money
from khata.postgres.payments import Payment

# A day's lines may be told days later, and Khata may have been down.
DAYS: Final = 7
_EPOCH: Final = date(1970, 1, 1)

_log = structlog.get_logger()


class Settlements:
    """Asks gateways what they have settled."""

    def __init__(
        self,
        pool: Pool,
        gateways: Gateways,
        payments: KnownPayments,
        unheard: Unheard,
        now_us: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._gateways = gateways
        self._payments = payments
        self._unheard = unheard
        self._now_us = now_us
        self._mint = UlidMint()

    async def look(self) -> int:
        """Books what all gateways have settled within a week; how many postings that made.

        Raises `Unavailable`. A gateway that does not answer is asked again the next time.
        """
        today = _EPOCH + timedelta(days=india_day(self._now_us()))
        booked = 0
        for provider in self._gateways.names:
            try:
                for back in reversed(range(DAYS)):
                    booked += await self.book(provider, today - timedelta(days=back))
            except (GatewayUnavailable, GatewayRefused) as error:
                _log.warning("settlements_put_off", provider=provider, reason=str(error))
        return booked

    async def book(self, provider: ProviderName, day: date) -> int:
        """Books what that gateway settled on that day; how many postings that made.

        Raises `GatewayUnavailable`, `GatewayRefused` and `Unavailable`.
        """
        booked = 0
        for line in await self._gateways.of(provider).settled_lines(day.isoformat()):
            payment = await self._payment_of(provider, line)
            if payment is None or line.currency != "INR":
                _log.warning("settled_line_passed_over", provider=provider, line=line.entity_id)
                continue
            if payment.transaction_id is not None:
                await self._unheard.hear(payment, line)
            own_id = await self._own_id(provider, line)
            async with borrowed(self._pool) as connection, connection.transaction():
                for posting in self._postings(payment, line, own_id):
                    booked += await post_money(connection, posting)
        return booked

    async def _payment_of(self, provider: ProviderName, line: SettledLine) -> Payment | None:
        if line.payment_id is None:
            return None
        return await self._payments.known(provider, line.payment_id)

    async def _own_id(self, provider: ProviderName, line: SettledLine) -> str | None:
        """Our id of what the line is of, where it has one."""
        async with borrowed(self._pool) as connection:
            meant = await meant_by(connection, provider, line.entity_id)
        return None if meant is None else meant.own_id

    def _postings(
        self, payment: Payment, line: SettledLine, own_id: str | None
    ) -> Iterator[MoneyPosting]:
        """What the line books. Of a payment without credits its coming and going is booked too."""
        has_credits = payment.transaction_id is not None
        subject = own_id or line.entity_id
        sums = (line.amount, line.fee, line.tax)
        match line.kind:
            case "payment":
                if not has_credits:
                    yield money_journal.payment_held(self._now(payment), subject, line.amount)
                yield money_journal.payment_settled(self._now(payment), subject, *sums)
            case "refund":
                if not has_credits:
                    yield money_journal.refund_processed(self._now(payment), subject, line.amount)
                yield money_journal.refund_settled(self._now(payment), subject, *sums)
            case "adjustment" if line.net < 0:
                yield money_journal.dispute_withdrawn(self._now(payment), subject, -line.net)
            case "adjustment":
                yield money_journal.dispute_reinstated(self._now(payment), subject, line.net)

    def _now(self, payment: Payment) -> Occasion:
        # Of the day it is booked, so that a period that was reported stays as it was.
        return Occasion(
            id="mny_" + self._mint.for_wallet(payment.wallet_id),
            wallet_id=payment.wallet_id,
            organization_id=payment.organization_id,
            at_us=self._now_us(),
            gateway=payment.provider,
        )
