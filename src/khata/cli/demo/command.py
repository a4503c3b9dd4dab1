"""The command: its options, and what it says."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from khata.cli.failures import Failed, WronglyUsed
from khata.cli.options import Data, DatabaseUrl, Json

if TYPE_CHECKING:
    from khata.app.wallets import Wallets
    from khata.cli.demo.cast import Resident
    from khata.cli.demo.story import Told
    from khata.config import Settings

Days = Annotated[
    int,
    typer.Option("--days", envvar="KHATA_DAYS", min=1, max=366, help="How many days up to now."),
]
Seed = Annotated[
    str,
    typer.Option(
        "--seed", envvar="KHATA_SEED", metavar="TEXT", help="The same seed tells the same story."
    ),
]
Again = Annotated[
    bool,
    typer.Option(
        "--again",
        envvar="KHATA_AGAIN",
        help="Tell it once more, on new wallets beside those of the last time.",
    ),
]
TraceFile = Annotated[
    Path | None,
    typer.Option(
        "--trace",
        envvar="KHATA_TRACE",
        metavar="FILE",
        help="Write a seeded trace for `khata replay` instead, and touch no database.",
        show_default=False,
    ),
]
TraceKind = Annotated[
    Literal["code", "conv"],
    typer.Option(
        "--trace-kind",
        envvar="KHATA_TRACE_KIND",
        help="Like requests of a coding or of a conversation service.",
    ),
]
TraceRows = Annotated[
    int | None,
    typer.Option(
        "--trace-rows",
        envvar="KHATA_TRACE_ROWS",
        min=1,
        max=10_000_000,
        help="How many requests.",
        show_default="an hour of the real service",
    ),
]


def demo(
    days: Days = 90,
    seed: Seed = "khata",
    again: Again = False,
    trace: TraceFile = None,
    trace_kind: TraceKind = "conv",
    trace_rows: TraceRows = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Fill Khata with a community and its neighbours, who have used it for 90 days.

    Purchases, bonuses, promotions that expire, held and streamed answers, refunds, a gift, a busy
    day that meets the daily cap, and members with habits: all through the engine, with a clock
    that is turned by hand. Stop `khata serve` meanwhile.
    """
    from khata.cli.opened import settings_of

    if trace is not None:
        _write_trace(trace, trace_kind, trace_rows, seed)
        return
    settings = settings_of(data=data, database_url=database_url)
    _print(_told(settings, days, seed, again=again, quiet=as_json), as_json=as_json)


def _write_trace(file: Path, kind: str, rows: int | None, seed: str) -> None:
    from khata.cli.demo.traces import trace_lines
    from khata.cli.output import say

    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            opened.writelines(trace_lines(kind, rows, seed))
    except OSError as error:
        raise WronglyUsed(f"{file} can't be written: {error.strerror}.") from error
    say(f"Wrote {file}.")


def _told(settings: Settings, days: int, seed: str, *, again: bool, quiet: bool) -> list[Told]:
    from khata.cli.demo.cast import cast
    from khata.cli.demo.story import tell
    from khata.cli.opened import briefly, database_of, run
    from khata.cli.output import progress_bar
    from khata.postgres.checkup import is_served
    from khata.postgres.server import open_server

    async def play() -> list[Told]:
        async with briefly(settings) as khata:
            suffix = await _free_suffix(khata.wallets, cast()[0]) if again else ""
            with progress_bar(quiet=quiet) as progress:
                bar = progress.add_task("days", total=days)
                return await tell(khata, cast(suffix), seed, days, lambda: progress.advance(bar))

    with open_server(database_of(settings)) as server:
        if is_served(server.owner_dsn):
            raise Failed(
                "A Khata is serving these books, and what the demo books in the past would meet"
                " what it books now. Stop it, tell the demo, and start it again."
            )
        return run(play())


async def _free_suffix(wallets: Wallets, first: Resident) -> str:
    for number in count(2):
        suffix = f"-{number}"
        if not await wallets.list(owner_id=first.owner_id + suffix, limit=1):
            return suffix
    raise AssertionError("numbers end")


def _print(told: list[Told], *, as_json: bool) -> None:
    from khata.cli.output import console, print_json, say, table

    if as_json:
        wallets = [
            {"id": one.wallet.id, "owner_id": one.wallet.owner_id, "counted": one.counted}
            for one in told
        ]
        print_json({"wallets": wallets})
        return
    kinds = sorted({kind for one in told for kind in one.counted})
    rows = [(kind, *(one.counted[kind] for one in told)) for kind in kinds]
    names = tuple(one.wallet.name for one in told)
    console.print(table(("what happened", *names), rows, numbers=names))
    console.print(table(("wallet", "name"), [(one.wallet.id, one.wallet.name) for one in told]))
    say("Look at one with `khata wallets show`, or start `khata serve` and ask its API.")
