"""The check of a whole database: clean as the engine leaves it, in one process and in several."""

import multiprocessing
from itertools import pairwise
from typing import Protocol

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.postgres.audit import Progress, audit, split
from khata.postgres.connect import session_of
from khata.postgres.crew import AuditFailed, Crew


class Ledger(Protocol):
    """The ledger of conftest.py."""

    names: dict[str, str | int]


@pytest.mark.parametrize("workers", [None, 1, 2])
def test_what_the_engine_wrote_is_clean(books: str, ledger: Ledger, workers: int | None) -> None:
    told: list[Progress] = []
    checked = audit(books, workers=workers, progress=told.append)
    assert [difference.sentence for difference in checked.differences] == []
    assert (checked.wallets, checked.holds, checked.meters) == (3, 4, 1)
    assert checked.transactions > len(ledger.names) - 3
    assert told[-1].transactions == checked.transactions
    assert sum(checked.credits) == 0


def test_several_processes_find_what_one_finds(books: str) -> None:
    with psycopg.connect(session_of(books, "vandal"), autocommit=True) as owner:
        owner.execute("update accounts set head = sha256('x'), revision = 0")
    one, two = (audit(books, workers=workers) for workers in (1, 2))
    assert one.difference_count == two.difference_count == 3
    assert set(one.differences) == set(two.differences)


def test_it_sees_one_moment_and_holds_nobody_up(books: str) -> None:
    """A charge that is under way, and all that come after, neither wait nor are seen."""
    with psycopg.connect(session_of(books, "engine")) as engine:
        engine.execute("select 1 from accounts for no key update").fetchall()
        engine.execute("update accounts set available = available + 1, adjusted = adjusted - 1")
        with psycopg.connect(session_of(books, "other"), autocommit=True) as other:
            other.execute("set lock_timeout = '1s'")

            def meddle(_: Progress) -> None:
                other.execute("update wallets set name = 'renamed'")

            assert audit(books, workers=1, progress=meddle).difference_count == 0
        engine.rollback()


def test_a_lost_process_is_no_clean_ledger(books: str) -> None:
    with psycopg.connect(session_of(books, "snapshot")) as connection:
        row = connection.execute("select pg_export_snapshot()").fetchone()
        assert row is not None
        crew = Crew(books, "00000000-00000000-1", 1)
        with pytest.raises(AuditFailed, match="snapshot"):
            list(crew.check(split([(0, 1)], 1)))
        crew.dismiss()
    assert not multiprocessing.active_children()


@given(
    st.dictionaries(st.integers(0, 255), st.integers(1, 10_000), max_size=256),
    st.integers(1, 40),
)
def test_no_bucket_is_left_out_or_checked_twice(weights: dict[int, int], pieces: int) -> None:
    ranges = split(sorted(weights.items()), pieces)
    assert 1 <= len(ranges) <= pieces
    assert (ranges[0].first, ranges[-1].last) == (-(2**15), 2**15 - 1)
    for one, following in pairwise(ranges):
        assert one.first <= one.last
        assert following.first == one.last + 1
