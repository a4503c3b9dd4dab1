"""What a command says: tables and colours for people, JSON for programs."""

import sys
from collections.abc import Iterable, Sequence

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

# A terminal breaks lines where it ends; a file has no end to its lines.
_WIDE = 200

console = Console(width=None if sys.stdout.isatty() else _WIDE)
errors = Console(stderr=True, width=None if sys.stderr.isatty() else _WIDE)

# Columns whose words are copied from the terminal.
_WHOLE = frozenset({"id", "wallet"})


def say(sentence: str, style: str = "", to: Console = console) -> None:
    """A sentence as it is: names and paths in it can neither style nor command the terminal."""
    to.print(Text(_harmless(sentence), style=style), soft_wrap=True, highlight=False)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    # Not through the console, which breaks lines where a terminal ends.
    print(text)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str | None = None,
    numbers: Sequence[str] = (),
) -> Table:
    """A table whose `numbers` columns stand on the right."""
    made = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for column in columns:
        side = "right" if column in numbers else "left"
        made.add_column(column, justify=side, overflow="fold", no_wrap=column in _WHOLE)
    for row in rows:
        made.add_row(*(_cell(value) for value in row))
    return made


def progress_bar(*, quiet: bool = False) -> Progress:
    """A bar on standard error, seen only where somebody looks."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
        disable=quiet or not errors.is_terminal,
    )


def whole(number: int) -> str:
    """A number with commas between its thousands."""
    return f"{number:,}"


def _cell(value: object) -> Text:
    match value:
        case Text():
            return value
        case None:
            return Text("-", style="dim")
        case bool():
            return Text("yes" if value else "no")
        case int():
            return Text(whole(value))
        case _:
            return Text(_harmless(str(value)))


def _harmless(text: str) -> str:
    return "".join(
        letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text
    )
