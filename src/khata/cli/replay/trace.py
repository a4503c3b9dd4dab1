"""A trace: the rows of a CSV file, each with its line, its time and its quantities."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from msgspec import Struct

from khata.cli.failures import WronglyUsed

MAX_QUANTITY = 10**12 - 1
TIME_REMEDY = "write it as 2023-11-16 18:17:03.9799600 (UTC), or RFC 3339"
QUANTITY_REMEDY = f"write a whole number from 0 to {MAX_QUANTITY}"
EACH_ROW = "*"
_HASH_LETTERS = 20
_DIGITS = 12


class Request(Struct, frozen=True):
    """One row. `quantities` stand in the order of the columns asked for; `at` is in seconds."""

    line: int
    at: float
    quantities: tuple[int, ...]


class Broken(Struct, frozen=True):
    """A row that can't be metered: where, what stands there, and how to mend it."""

    line: int
    column: str
    found: str
    remedy: str


class Trace(Struct, frozen=True):
    """A file that was read whole. `digest` names its content."""

    path: Path
    digest: str
    requests: tuple[Request, ...]
    broken: tuple[Broken, ...]


def read_trace(path: Path, columns: Sequence[str], time_column: str | None) -> Trace:
    """The requests in a file. The time of a row without a time column is 0.

    Raises `WronglyUsed` for a file that is no such CSV at all; rows that are broken are listed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WronglyUsed(f"{path} can't be read: {error.strerror}.") from error
    requests: list[Request] = []
    broken: list[Broken] = []
    for row in _rows(path, content, columns, time_column):
        (requests if isinstance(row, Request) else broken).append(row)  # pyright: ignore[reportArgumentType]
    digest = hashlib.sha256(content).hexdigest()[:_HASH_LETTERS]
    return Trace(path, digest, tuple(requests), tuple(broken))


def _rows(
    path: Path, content: bytes, columns: Sequence[str], time_column: str | None
) -> Iterator[Request | Broken]:
    # What is no UTF-8 stays in place as U+FFFD, so that its cell can be named.
    reader = csv.reader(_lines(content), strict=True)
    header = next(reader, list[str]())
    places = {name: _place(path, header, name) for name in (*columns, *_of(time_column))}
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Broken(line, "-", str(error), "close the quotation, or take the quotes away")
            return
        if cells:
            yield _row(line, cells, len(header), places, columns, time_column)


def _lines(content: bytes) -> Iterable[str]:
    return StringIO(content.decode("utf-8-sig", errors="replace"), newline="")


def _of(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()


def _place(path: Path, header: list[str], name: str) -> int:
    if name == EACH_ROW:
        return -1
    if name not in header:
        there = ", ".join(header) or "nothing"
        raise WronglyUsed(f"{path} has no column {name}; its first line names {there}.")
    return header.index(name)


def _row(
    line: int,
    cells: list[str],
    width: int,
    places: dict[str, int],
    columns: Sequence[str],
    time_column: str | None,
) -> Request | Broken:
    if len(cells) != width:
        found = f"{len(cells)} of {width} cells"
        return Broken(line, "-", found, "give the line as many cells as the first line has names")
    quantities: list[int] = []
    for column in columns:
        text = "1" if column == EACH_ROW else cells[places[column]].strip()
        digits = text.lstrip("0")
        if not (text.isascii() and text.isdigit()) or len(digits) > _DIGITS:
            return Broken(line, column, text, QUANTITY_REMEDY)
        quantities.append(int(digits or 0))
    if time_column is None:
        return Request(line, 0.0, tuple(quantities))
    text = cells[places[time_column]].strip()
    at = _seconds(text)
    if at is None:
        return Broken(line, time_column, text, TIME_REMEDY)
    return Request(line, at, tuple(quantities))


def _seconds(text: str) -> float | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
