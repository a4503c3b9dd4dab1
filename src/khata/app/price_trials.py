"""Price trials: a period's real usage priced anew, read from one snapshot in constant memory.

What is kept at a time is the wallets of one piece, each with its lots and open holds. A trial only
reads: asked again it answers the same, and one that is cut off leaves nothing behind.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from khata.app.invalid import Invalid
from khata.app.prices import Prices
from khata.domain.price_trial import PriceTrial, trial_rules
from khata.domain.pricing import Price
from khata.domain.rules import Rules
from khata.engine.price_trial import Tried, WalletTrial
from khata.postgres import price_trials as store
from khata.postgres.asking import Connection, snapshot
from khata.postgres.connect import Pool
from khata.postgres.price_trials import Asked, MovedWallet, Opened

__all__ = ["MOST_NAMED", "Asked", "PriceTrials"]

MOST_NAMED = 1_000
_WALLETS_AT_ONCE = 100
# So many are decided again before others on this event loop get their turn: a few milliseconds.
_AT_A_STRETCH = 100


class PriceTrials:
    """Tries prices. Raises `Unavailable`."""

    def __init__(self, streams: Pool, prices: Prices) -> None:
        self._streams = streams
        self._prices = prices

    async def simulate(
        self,
        features: Sequence[Price],
        asked: Asked,
        *,
        named: int = MOST_NAMED,
        at_most: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> PriceTrial:
        """What the period would have cost. Raises `Invalid` for prices that could not be published,
        an empty period, or one since which more than `at_most` transactions must be read.

        Up to `named` wallets are named. `progress` is told how many transactions were read.
        """
        self._prices.demand_valid(features)
        if asked.to_us <= asked.from_us:
            raise Invalid("to", "must lie behind from")
        published = await self._prices.versions()
        proposed = {price.feature: price for price in features}
        rules = trial_rules(proposed, published, asked.from_us)
        tried, read = Tried(proposed, named), 0
        async with snapshot(self._streams) as connection:
            async for piece in _pieces(connection, asked):
                read += sum(each.newest - each.before for each in piece)
                if at_most is not None and read > at_most:
                    raise Invalid("from", _too_long(at_most))
                async for trial in _tried(connection, piece, asked, rules):
                    tried.add(trial)
                if progress is not None:
                    progress(read)
        return tried.report(asked.from_us, asked.to_us)


def _too_long(at_most: int) -> str:
    return (
        f"more than {at_most:,} transactions lie behind it, too many for one request: take a later"
        " time or one wallet, or run `khata pricing simulate` beside the database"
    )


async def _pieces(connection: Connection, asked: Asked) -> AsyncIterator[list[MovedWallet]]:
    behind = None
    while piece := await store.moved_wallets(connection, asked, behind, _WALLETS_AT_ONCE):
        yield piece
        behind = piece[-1]


async def _tried(
    connection: Connection, piece: Sequence[MovedWallet], asked: Asked, rules: Rules
) -> AsyncIterator[WalletTrial]:
    """The wallets of a piece, each when all that it did in the period has been taken."""
    opened = await store.opened(connection, piece, asked.from_us)
    trial, place, taken = _begun(opened[0], rules, asked), 0, 0
    async for at, transaction in store.in_period(connection, piece):
        if at != place:
            yield trial
            trial, place = _begun(opened[at], rules, asked), at
        trial.take(transaction)
        taken += 1
        if taken % _AT_A_STRETCH == 0:
            await asyncio.sleep(0)
    yield trial


def _begun(opened: Opened, rules: Rules, asked: Asked) -> WalletTrial:
    return WalletTrial(opened.book, rules, asked.from_us, opened.refunded)
