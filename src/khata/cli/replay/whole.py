"""A replay from its first question to its last: several files, one tally."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from khata.cli.output import progress_bar
from khata.cli.replay.client import Client, WalletSeen
from khata.cli.replay.drive import Driver, Pace
from khata.cli.replay.mapping import prices_of
from khata.cli.replay.tally import Tally
from khata.cli.replay.trace import Trace
from khata.cli.replay.wishes import Wishes

if TYPE_CHECKING:
    from khata.cli.replay.command import Chosen


class Outcome(Struct, frozen=True):
    """The tally, and the wallet before and after."""

    tally: Tally
    before: WalletSeen
    after: WalletSeen


async def replay_all(traces: Sequence[Trace], chosen: "Chosen", *, quiet: bool) -> Outcome:
    """Meters all requests of all files, in this order. Raises `Failed` or `WronglyUsed`."""
    async with Client(
        chosen.url,
        chosen.secret,
        connections=chosen.connections,
        patience_seconds=chosen.patience_seconds,
    ) as client:
        before = await client.wallet(chosen.wallet_id)
        prices = prices_of(chosen.parts, await client.prices())
        tally = Tally(chosen.parts, await client.last_sequence(chosen.wallet_id))
        with progress_bar(quiet=quiet) as progress:
            for trace in traces:
                wishes = Wishes(
                    chosen.wallet_id,
                    trace.digest,
                    chosen.parts,
                    prices,
                    chosen.run,
                    chosen.max_output,
                )
                driver = Driver(client, wishes, tally, rows=chosen.rows, batches=chosen.connections)
                bar = progress.add_task(trace.path.name, total=len(trace.requests))
                first_at = min((request.at for request in trace.requests), default=0.0)
                tally.begin_file()
                await driver.run(
                    trace.requests,
                    Pace(chosen.speed, first_at),
                    lambda rows, bar=bar: progress.advance(bar, rows),
                    hold=chosen.hold,
                )
        return Outcome(tally, before, await client.wallet(chosen.wallet_id))
