"""`verify` over a whole database: several processes share one snapshot and split the buckets.

It only reads, in one snapshot, and takes no lock that any charge waits for, so it runs beside a
serving engine.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

from khata.engine.verify import Checked, total_differences
from khata.postgres.audit_part import EXPORT_SNAPSHOT, Buckets, check_buckets, open_snapshot
from khata.postgres.crew import Crew
from khata.postgres.registries import registry_differences

# How much each bucket has to check. A wallet's sequence counts its transactions.
WEIGHTS = "select bucket, sum(sequence + 1)::bigint from accounts group by bucket order by bucket"
_ALL = Buckets(-(2**15), 2**15 - 1)

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
    dsn: str,
    *,
    workers: int | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Checked:
    """Checks everything that the ledger proves, and says what it checked and every difference.

    Raises psycopg.Error or `AuditFailed` where it could not read to the end.
    """
    with open_snapshot(dsn) as connection:
        weights = [(int(bucket), int(weight)) for bucket, weight in connection.execute(WEIGHTS)]
        expected = sum(weight for _, weight in weights)
        checked = Checked()
        checked.note(registry_differences(connection))
        wanted = workers or min(os.cpu_count() or 1, 1 + expected // _WORTH_A_PROCESS)
        for part in _parts(connection, dsn, wanted, weights):
            checked.add(part)
            progress(
                Progress(checked.transactions, expected, checked.wallets, checked.difference_count)
            )
    checked.note(total_differences(checked))
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
    firsts = [_ALL.first, *(last + 1 for last in lasts[:-1])]
    return [
        Buckets(first, last) for first, last in zip(firsts, [*lasts[:-1], _ALL.last], strict=True)
    ]


def _parts(
    connection: Connection[TupleRow], dsn: str, workers: int, weights: Sequence[tuple[int, int]]
) -> Iterator[Checked]:
    if workers == 1:
        yield from check_buckets(connection, _ALL)
        return
    row = connection.execute(EXPORT_SNAPSHOT).fetchone()
    assert row is not None
    crew = Crew(dsn, str(row[0]), workers)
    try:
        yield from crew.check(split(weights, workers * _PIECES_A_WORKER))
    finally:
        crew.dismiss()
