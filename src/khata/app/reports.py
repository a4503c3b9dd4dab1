"""Reports out of the ledger, each of one moment."""

from collections.abc import Callable

from msgspec.structs import replace

from khata.domain import reports
from khata.domain.reports import Liability, Period, Revenue, TrialBalance, by_account
from khata.domain.times import rfc3339
from khata.postgres import reports as sums
from khata.postgres.asking import snapshot
from khata.postgres.connect import Pool

_ALWAYS = Period()


class Reports:
    """Reads the ledger whole, beside all that goes on. Raises `Unavailable`."""

    def __init__(self, streams: Pool, now_us: Callable[[], int]) -> None:
        self._streams = streams
        self._now_us = now_us

    async def trial_balance(self, period: Period = _ALWAYS) -> TrialBalance:
        """All accounts of both units, by the ledger and the journal of money."""
        async with snapshot(self._streams) as connection:
            paise = by_account(await sums.paise_moved(connection, period))
            credits = await sums.credits_moved(connection, period)
        return reports.trial_balance(period, paise, credits)

    async def revenue(self, period: Period = _ALWAYS) -> Revenue:
        """Income and deferred revenue of a period; up to now, held against the lots too."""
        async with snapshot(self._streams) as connection:
            opening, unearned = 0, None
            if period.from_us is not None:
                before = replace(period, from_us=None, to_us=period.from_us)
                opening = await sums.deferred(connection, before)
            moved = await sums.paise_moved(connection, period)
            if period.to_us is None:
                unearned = await sums.unearned(connection, period.organization_id)
        return reports.revenue(period, opening, moved, unearned)

    async def liability(self, organization_id: str | None = None, limit: int = 50) -> Liability:
        """Credits outstanding now, what of their price is not earned, and debts.

        What has expired counts until that is booked, a second later or so.
        """
        async with snapshot(self._streams) as connection:
            kinds = await sums.owed_by_kind(connection, organization_id)
            wallets = await sums.owed_by_wallet(connection, organization_id, limit)
            count, debts = await sums.owing(connection, organization_id)
            ledger = await sums.deferred(connection, Period(organization_id=organization_id))
        held = (k.available_credits + k.reserved_credits + k.locked_credits for k in kinds)
        deferred = sum(kind.deferred_paise for kind in kinds)
        return Liability(
            organization_id=organization_id,
            at=rfc3339(self._now_us()),
            currency="INR",
            kinds=kinds,
            wallets=wallets,
            wallet_count=count,
            credits=sum(held),
            debt_credits=debts,
            deferred_paise=deferred,
            deferred_by_ledger=ledger,
            agrees=deferred == ledger,
        )
