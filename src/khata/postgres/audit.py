"""`verify` over a whole database: several processes share one snapshot and split the buckets.

It only reads, in one snapshot, and takes no lock that any charge waits for, so it runs beside a
serving engine.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

from khata.engine.verify import Checked, shared_differences, total_differences
from khata.postgres.audit_part import (
    EXPORT_SNAPSHOT,
    Buckets,
    check_buckets,
    open_snapshot,
    shared_counters,
)
from khata.postgres.crew import Crew
from khata.postgres.registries import registry_differences

# How much each bucket has to check. A wallet's sequence counts its transactions.
WEIGHTS = "select bucket, sum(sequence)::bigint from accounts group by bucket order by bucket"
ALL = Buckets(-(2**15), 2**15 - 1)

# Below this a further process costs more than it brings.
_WORTH_A_PROCESS = 50_000
_PIECES_A_WORKER = 4


class Progress(NamedTuple):
    """How far the check has come, of about how many transactions."""

    transactions: int
    expected_transactions: int
    wallets: int
    differences: int


def audit(
    dsn: str, *, workers: int | None = None, progress: Callable[[Progress], None] | None = None
) -> Checked:
    """Checks everything that the ledger proves: what was checked, and every difference.

    Takes as many processes as there are cores where that is worth it. Raises psycopg.Error or
    `AuditFailed` where it could not read to the end.
    """
    with open_snapshot(dsn) as connection:
        weights = _weights(connection)
        expected = sum(weight for _, weight in weights)
        wanted = workers or min(os.cpu_count() or 1, 1 + expected // _WORTH_A_PROCESS)
        if wanted == 1:
            return audit_here(connection, progress)
        row = connection.execute(EXPORT_SNAPSHOT).fetchone()
        assert row is not None
        crew = Crew(dsn, str(row[0]), wanted)
        try:
            parts = crew.check(split(weights, wanted * _PIECES_A_WORKER))
            return _added(connection, parts, expected, progress)
        finally:
            crew.dismiss()


def audit_here(
    connection: Connection[TupleRow], progress: Callable[[Progress], None] | None = None
) -> Checked:
    """The same on this connection alone, as its transaction sees the database."""
    expected = sum(weight for _, weight in _weights(connection))
    return _added(connection, check_buckets(connection, ALL), expected, progress)


def _weights(connection: Connection[TupleRow]) -> list[tuple[int, int]]:
    return [(int(bucket), int(weight)) for bucket, weight in connection.execute(WEIGHTS)]


def _added(
    connection: Connection[TupleRow],
    parts: Iterator[Checked],
    expected: int,
    progress: Callable[[Progress], None] | None,
) -> Checked:
    checked = Checked()
    checked.note(registry_differences(connection))
    for part in parts:
        checked.add(part)
        if progress is not None:
            done, wallets, found = checked.transactions, checked.wallets, checked.difference_count
            progress(Progress(done, expected, wallets, found))
    checked.note(total_differences(checked))
    checked.note(shared_differences(checked, shared_counters(connection)))
    return checked


def split(weights: Sequence[tuple[int, int]], pieces: int) -> list[Buckets]:
    """Ranges of buckets of about equal weight that leave no bucket out, heavy or empty."""
    share = sum(weight for _, weight in weights) / pieces
    lasts: list[int] = []
    gathered = 0
    for bucket, weight in weights:
        gathered += weight
        if gathered >= share:
            lasts.append(bucket)
            gathered = 0
    firsts = [ALL.first, *(last + 1 for last in lasts[:-1])]
    return [
        Buckets(first, last) for first, last in zip(firsts, [*lasts[:-1], ALL.last], strict=True)
    ]
