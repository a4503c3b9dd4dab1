"""Values in PostgreSQL's binary form: arrays as parameters, and times as integers both ways.

The engine sends a batch as a few long arrays and one COPY. psycopg adapts lists element by
element; these builders write a whole array at once, which is several times cheaper.
"""

from collections.abc import Sequence
from struct import Struct as Layout
from struct import pack
from typing import cast

from psycopg import AsyncConnection, Connection
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format

from khata.domain.wallet import NEVER_US

NULL = b"\xff\xff\xff\xff"
_EPOCH_2000_US = 946_684_800_000_000
_INFINITY = 2**63 - 1
_TIMESTAMPTZ = 1184
_length = Layout(">i").pack
_int4 = Layout(">i")
_int8 = Layout(">q")


class Array:
    """An array parameter, already in binary form."""

    __slots__ = ("payload",)

    def __init__(self, payload: bytes) -> None:
        self.payload = payload


class Int2s(Array):
    """smallint[]"""


class Int4s(Array):
    """integer[]"""


class Int8s(Array):
    """bigint[]"""


class Bools(Array):
    """boolean[]"""


class Texts(Array):
    """text[]"""


class Byteas(Array):
    """bytea[]"""


class Times(Array):
    """timestamptz[]"""


class RowsOfTable(Array):
    """Rows as `array_send` gave them; which table's, the statement says."""


class Instant:
    """A timestamptz parameter: microseconds since 1970; `NEVER_US` is infinity."""

    __slots__ = ("at_us",)

    def __init__(self, at_us: int) -> None:
        self.at_us = at_us


_TYPES: dict[type[Array], tuple[int, int]] = {  # the array's and the element's type
    Int2s: (1005, 21),
    Int4s: (1007, 23),
    Int8s: (1016, 20),
    Bools: (1000, 16),
    Texts: (1009, 25),
    Byteas: (1001, 17),
    Times: (1185, _TIMESTAMPTZ),
}


def int2s(values: Sequence[int]) -> Int2s:
    """A smallint[]."""
    return Int2s(_fixed(Int2s, values, "ih", 2))


def int4s(values: Sequence[int | None]) -> Int4s:
    """An integer[]."""
    return Int4s(_nullable(Int4s, values, _int4, "ii", 4))


def int8s(values: Sequence[int | None]) -> Int8s:
    """A bigint[]."""
    return Int8s(_nullable(Int8s, values, _int8, "iq", 8))


def times(values: Sequence[int | None]) -> Times:
    """A timestamptz[] of microseconds since 1970; `NEVER_US` is infinity."""
    counted = [None if value is None else timestamp(value) for value in values]
    return Times(_nullable(Times, counted, _int8, "iq", 8))


def bools(values: Sequence[bool]) -> Bools:
    """A boolean[]."""
    return Bools(_fixed(Bools, [int(value) for value in values], "ib", 1))


def texts(values: Sequence[str | None]) -> Texts:
    """A text[]."""
    return Texts(_head(Texts, len(values), nulls=1) + b"".join(map(text_field, values)))


def byteas(values: Sequence[bytes | None]) -> Byteas:
    """A bytea[]."""
    return Byteas(_head(Byteas, len(values), nulls=1) + b"".join(map(bytes_field, values)))


def text_field(value: str | None) -> bytes:
    """A text with its length before it, as arrays and COPY rows have it."""
    if value is None:
        return NULL
    encoded = value.encode()
    return _length(len(encoded)) + encoded


def bytes_field(value: bytes | None) -> bytes:
    """A bytea with its length before it."""
    return NULL if value is None else _length(len(value)) + value


def timestamp(at_us: int) -> int:
    """PostgreSQL's own count of microseconds, from 2000."""
    return _INFINITY if at_us == NEVER_US else at_us - _EPOCH_2000_US


def register(connection: AsyncConnection[object] | Connection[object]) -> None:
    """Makes a connection take these arrays, and read times as microseconds since 1970."""
    for array in _TYPES:
        connection.adapters.register_dumper(array, _DUMPERS[array])
    connection.adapters.register_dumper(RowsOfTable, _RowsDumper)
    connection.adapters.register_dumper(Instant, _InstantDumper)
    connection.adapters.register_loader(_TIMESTAMPTZ, _TimeLoader)


def _nullable(
    array: type[Array], values: Sequence[int | None], one: Layout, element: str, size: int
) -> bytes:
    if None not in values:
        return _fixed(array, cast("Sequence[int]", values), element, size)
    length = _length(size)
    elements = [NULL if value is None else length + one.pack(value) for value in values]
    return _head(array, len(values), nulls=1) + b"".join(elements)


def _fixed(array: type[Array], values: Sequence[int], element: str, size: int) -> bytes:
    flat: list[int] = [size] * (2 * len(values))
    flat[1::2] = values
    return _head(array, len(values)) + pack(">" + element * len(values), *flat)


def _head(array: type[Array], length: int, nulls: int = 0) -> bytes:
    element = _TYPES[array][1]
    if not length:
        return pack(">iii", 0, 0, element)
    return pack(">iiiii", 1, nulls, element, length, 1)


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> Buffer:
        return obj.payload


class _RowsDumper(_ArrayDumper):
    oid = 0  # whatever the statement casts it to


class _InstantDumper(Dumper):
    format = Format.BINARY
    oid = _TIMESTAMPTZ

    def dump(self, obj: Instant) -> Buffer:
        return _int8.pack(timestamp(obj.at_us))


class _TimeLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> int:
        value: int = _int8.unpack(data)[0]
        return NEVER_US if value == _INFINITY else value + _EPOCH_2000_US


def _dumper(oid_: int) -> type[Dumper]:
    return type("ArrayDumper", (_ArrayDumper,), {"oid": oid_})


_DUMPERS = {array: _dumper(oids[0]) for array, oids in _TYPES.items()}
