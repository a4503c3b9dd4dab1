"""The watcher: goes along every wallet's ledger, raises alerts for what it crosses and ends them.

It is told which wallets have news, in the order of all events, and sees of their ledgers what is
new. How far it is, what it raised and its reader's position commit together, so each crossing is
told of exactly once, though the watcher may be killed at any point. What happens by time alone, as
a window that empties while nothing is charged, is looked at by a job at its time.
"""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from khata.app.watching.failures import end_failures
from khata.app.watching.teller import Teller
from khata.app.watching.wishes import WATCH_JOB, wish
from khata.domain.burn import Used
from khata.domain.ids import WalletId
from khata.domain.limits import DAY_US
from khata.domain.watch import Lines, Seen, Watch, look
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.events import Event
from khata.postgres.jobs import want
from khata.postgres.watches import (
    Due,
    charges_behind,
    head,
    is_watched,
    lines,
    open_watches,
    save_watches,
    stretches,
)

MINUTE_US: Final = 60_000_000
# A charge is dated a little before it is committed, so what lies so far back is all there.
SLACK_US: Final = MINUTE_US
_STRETCH = 1_000


class Watcher:
    """Watches wallets whose ledgers have news, and those whose time has come."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us
        self._teller = Teller(now_us)

    async def read(self, connection: Connection, events: Sequence[Event]) -> None:
        """Sees what these events tell of the wallets' ledgers, in the caller's transaction."""
        due: dict[WalletId, Due] = {}
        for event in events:
            if (one := _due(event)) is not None:
                first = due.get(one.wallet_id, one).first_sequence
                due[one.wallet_id] = replace(one, first_sequence=first)
        if due:
            await self.watch(connection, list(due.values()))
        for event in events:
            if event.kind == "order.updated":
                await end_failures(connection, event)

    async def watch(self, connection: Connection, due: Sequence[Due]) -> None:
        """Sees what is new on these wallets, each named once, in the caller's transaction."""
        watches = await open_watches(connection, due)
        drawn = await lines(connection, list(watches))
        left = [one for one in due if watches[one.wallet_id].sequence < one.sequence]
        while left:
            asked = {
                one.wallet_id: _next_stretch(watches[one.wallet_id], one.sequence) for one in left
            }
            seen = await stretches(connection, asked)
            for one in left:
                before, stretch = watches[one.wallet_id], seen[one.wallet_id]
                own = drawn[one.wallet_id]
                after = await self._look(connection, one, before, own, stretch, 0)
                watches[one.wallet_id] = after
            left = [one for one in left if watches[one.wallet_id].sequence < one.sequence]
        await save_watches(connection, watches)

    async def step(self, _: str, wallet_id: WalletId) -> int | None:
        """Looks at the wallet as it is by now; when to look again, if by time alone.

        One that was never watched is left to the events, which begin where its ledger does.
        """
        async with borrowed(self._pool) as connection, connection.transaction():
            if not await is_watched(connection, wallet_id):
                return None
            organization_id, sequence = await head(connection, wallet_id)
            one = Due(wallet_id, organization_id, 1, sequence)
            await self.watch(connection, [one])
            watch = (await open_watches(connection, [one]))[wallet_id]
            drawn = (await lines(connection, [wallet_id]))[wallet_id]
            now_us = self._now_us()
            after = await self._look(connection, one, watch, drawn, [], now_us - SLACK_US)
            await save_watches(connection, {wallet_id: after})
        return None if (next_us := _empties_us(after)) is None else max(next_us, now_us + MINUTE_US)

    async def _look(
        self,
        connection: Connection,
        of: Due,
        watch: Watch,
        drawn: Lines,
        stretch: Sequence[Seen],
        until_us: int,
    ) -> Watch:
        until_us = max(until_us, stretch[-1].at_us if stretch else watch.at_us)
        known = await _known(connection, of.wallet_id, watch, stretch, until_us)
        after, findings = look(watch, stretch, known, drawn, until_us)
        await self._teller.tell(connection, of, drawn, findings)
        if findings.burns and (empties_us := _empties_us(after)) is not None:
            await want(connection, [wish(WATCH_JOB, of.wallet_id, empties_us)], self._now_us())
        return after


def _due(event: Event) -> Due | None:
    if event.wallet_id is None or event.first_sequence is None or event.sequence is None:
        return None
    return Due(event.wallet_id, event.organization_id, event.first_sequence, event.sequence)


def _next_stretch(watch: Watch, until: int) -> tuple[int, int]:
    return watch.sequence, min(until, watch.sequence + _STRETCH)


def _empties_us(watch: Watch) -> int | None:
    """When a burning wallet's window begins to empty, as far as can be told for sure by then."""
    burn = watch.burn
    if burn.burning_since_us is None or burn.oldest_us is None:
        return None
    return burn.oldest_us + DAY_US + SLACK_US


async def _known(
    connection: Connection,
    wallet_id: WalletId,
    watch: Watch,
    stretch: Sequence[Seen],
    until_us: int,
) -> list[Used]:
    """What `slide` must know. Most often nothing has left the window, and nothing is read."""
    oldest_us = watch.burn.oldest_us
    if oldest_us is None:
        oldest_us = next((seen.at_us for seen in stretch if seen.charged), until_us)
    gone_us = until_us - DAY_US
    if oldest_us > gone_us:
        return []
    return await charges_behind(connection, wallet_id, watch.burn.tail, gone_us)
