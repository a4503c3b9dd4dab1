"""The command: its options, and the course of a replay."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from khata.cli.failures import Failed, WronglyUsed
from khata.cli.options import LOCAL_URL, Json, Secret, Url
from khata.cli.replay.mapping import DEFAULT_MAP, Metered, read_map
from khata.cli.replay.trace import Trace, read_trace

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="CSV files with a first line of names.")
]
Wallet = Annotated[
    str,
    typer.Option("--wallet", envvar="KHATA_WALLET", metavar="ID", help="The wallet that pays."),
]
FeatureMap = Annotated[
    str,
    typer.Option(
        "--feature-map",
        envvar="KHATA_FEATURE_MAP",
        metavar="COLUMN=FEATURE,…",
        help="Which column is metered as which feature; * is every row itself.",
    ),
]
Hold = Annotated[
    bool,
    typer.Option(
        "--hold",
        envvar="KHATA_HOLD",
        help="Reserve when a request comes, by what is known then; capture what the last column of"
        " the map came to, as a streaming AI service does.",
    ),
]
MaxOutput = Annotated[
    int | None,
    typer.Option(
        "--max-output",
        envvar="KHATA_MAX_OUTPUT",
        min=1,
        help="With --hold, how much of the last column to reserve for; otherwise as much as the"
        " first column of the map says.",
        show_default=False,
    ),
]
Speed = Annotated[
    str,
    typer.Option(
        "--speed",
        envvar="KHATA_SPEED",
        metavar="max|N",
        help="As fast as can be, or N times as fast as it was (1 is real time).",
    ),
]
TimeColumn = Annotated[
    str,
    typer.Option(
        "--time-column",
        envvar="KHATA_TIME_COLUMN",
        metavar="COLUMN",
        help="Where a row's time stands, for --speed N.",
    ),
]
SkipBroken = Annotated[
    bool,
    typer.Option(
        "--skip-broken",
        envvar="KHATA_SKIP_BROKEN",
        help="Meter the good rows of a file that has broken ones, instead of nothing.",
    ),
]
Run = Annotated[
    str | None,
    typer.Option(
        "--run",
        envvar="KHATA_RUN",
        metavar="NAME",
        help="Meter the files once more, under keys of this name; each name meters once.",
        show_default=False,
    ),
]
Rows = Annotated[
    int,
    typer.Option("--rows", envvar="KHATA_ROWS", min=1, max=1000, help="Rows sent in one batch."),
]
Connections = Annotated[
    int,
    typer.Option(
        "--connections", envvar="KHATA_CONNECTIONS", min=1, max=256, help="Batches at a time."
    ),
]
Patience = Annotated[
    float,
    typer.Option(
        "--patience",
        envvar="KHATA_PATIENCE",
        min=0,
        metavar="SECONDS",
        help="How long to ask again, with the same keys, when the server is away.",
    ),
]

_RUN_NAME = re.compile(r"[A-Za-z0-9_]{1,24}")
_SHOWN_BROKEN = 20


class Chosen(Struct, frozen=True):
    """What was asked for, once it is known to make sense."""

    url: str
    secret: str
    wallet_id: str
    parts: tuple[Metered, ...]
    hold: bool
    max_output: int | None
    speed: float | None
    run: str | None
    rows: int
    connections: int
    patience_seconds: float


def replay(
    files: Files,
    wallet: Wallet,
    feature_map: FeatureMap = DEFAULT_MAP,
    hold: Hold = False,
    max_output: MaxOutput = None,
    speed: Speed = "max",
    time_column: TimeColumn = "TIMESTAMP",
    skip_broken: SkipBroken = False,
    run: Run = None,
    rows: Rows = 250,
    connections: Connections = 4,
    patience: Patience = 60.0,
    url: Url = LOCAL_URL,
    key: Secret = None,
    as_json: Json = False,
) -> None:
    """Meter a CSV of real requests through a running Khata, each row once.

    Keys follow from the file's content and the row, so that a replay that was cut off goes on
    where it was, and a second one changes nothing. A file with broken rows is refused before
    anything is sent. Ends with 1 when something was refused.
    """
    from khata.cli import opened
    from khata.cli.replay.report import show
    from khata.cli.replay.whole import replay_all

    if not key:
        raise WronglyUsed("Name an API key with --key, KHATA_KEY or KHATA_OWNER_KEY.")
    chosen = Chosen(
        url=url,
        secret=key,
        wallet_id=wallet,
        parts=read_map(feature_map),
        hold=hold,
        max_output=max_output,
        speed=_speed(speed),
        run=_run_name(run),
        rows=rows,
        connections=connections,
        patience_seconds=patience,
    )
    traces = _read(files, chosen, time_column, skip_broken=skip_broken)
    started = time.monotonic()
    try:
        outcome = opened.run(replay_all(traces, chosen, quiet=as_json))
    except KeyboardInterrupt:
        raise Failed("Stopped. Run it again: it goes on where it was.") from None
    show(outcome, traces, time.monotonic() - started, as_json=as_json)
    if outcome.tally.refused:
        raise typer.Exit(1)


def _read(
    files: Sequence[Path], chosen: Chosen, time_column: str, *, skip_broken: bool
) -> list[Trace]:
    columns = [part.column for part in chosen.parts]
    timed = time_column if chosen.speed is not None else None
    traces = [read_trace(file, columns, timed) for file in files]
    if not skip_broken:
        _demand_whole(traces)
    return traces


def _demand_whole(traces: Sequence[Trace]) -> None:
    from khata.cli.output import errors, table

    rows = [
        (trace.path.name, row.line, row.column, row.found[:40], row.remedy)
        for trace in traces
        for row in trace.broken
    ]
    if rows:
        columns = ("file", "line", "column", "found", "how to mend it")
        errors.print(table(columns, rows[:_SHOWN_BROKEN], numbers=("line",)))
        raise WronglyUsed(
            f"Broken rows: {len(rows):,}. Nothing was sent. Mend them, or leave them out with"
            " --skip-broken."
        )


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < 1e6:
        raise WronglyUsed(f"--speed {text} will not do: write max, or a number above 0 as 1 or 60.")
    return speed


def _run_name(name: str | None) -> str | None:
    if name is not None and not _RUN_NAME.fullmatch(name):
        raise WronglyUsed(f"--run {name} will not do: write 1 to 24 of A-Z a-z 0-9 _.")
    return name
