"""Tables of figures as CSV (RFC 4180, UTF-8), whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Raw, Struct
from msgspec.structs import fields
from starlette.responses import Response

from khata.http.csv_rows import plain

_NO_VALUES: Final = frozenset({"trend", "price"})
_NO_STORE: Final = {"Cache-Control": "no-store"}


def csv_table(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """These rows below their columns, as a file of that name."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    headers = {**_NO_STORE, "Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(text.getvalue(), 200, headers, "text/csv")


def struct_table(name: str, kind: type[Struct], rows: Iterable[Struct]) -> Response:
    """Structs as rows: a column for each of their fields that is one value."""
    columns = [field for field in fields(kind) if field.name not in _NO_VALUES]
    return csv_table(
        name,
        [field.encode_name for field in columns],
        ([getattr(row, field.name) for field in columns] for row in rows),
    )


def _cell(value: object) -> object:
    if isinstance(value, Raw):
        return bytes(value).decode()
    return plain(value) if isinstance(value, str) else value
