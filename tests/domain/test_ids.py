"""Ids: text that sorts by time and knows its bucket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.ids import ALPHABET, BUCKETS, Ulid, bucket_of, derived, is_id

ULIDS = st.integers(0, 2**128 - 1).map(
    lambda value: Ulid("".join(ALPHABET[value >> shift & 31] for shift in range(125, -1, -5)))
)


def value_of(ulid: str) -> int:
    value = 0
    for character in ulid:
        value = value * 32 + ALPHABET.index(character)
    return value


@given(ULIDS)
def test_the_bucket_is_the_first_random_byte(ulid: Ulid) -> None:
    assert bucket_of("wal_" + ulid) == value_of(ulid) >> 72 & 255


@given(ULIDS, st.integers(0, 1000), st.integers(0, BUCKETS - 1))
def test_a_derived_id_keeps_its_time_and_goes_to_the_bucket_asked(
    ulid: Ulid, number: int, bucket: int
) -> None:
    moved = derived(ulid, number, bucket)
    assert bucket_of(moved) == bucket
    assert value_of(moved) >> 80 == value_of(ulid) >> 80
    assert value_of(moved) >> 20 & 2**52 - 1 == value_of(ulid) >> 20 & 2**52 - 1
    assert value_of(derived(ulid, number)) & 2**20 - 1 == (value_of(ulid) + number) % 2**20


@given(ULIDS)
def test_ids_derived_from_one_differ(ulid: Ulid) -> None:
    assert len({derived(ulid, number) for number in range(2000)}) == 2000


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("wal_01KC0000000000000000000000", True),
        ("wal_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", True),
        ("wal_81KC0000000000000000000000", False),  # beyond 128 bits
        ("wal_01KC000000000000000000000", False),
        ("wal_01KC00000000000000000000000", False),
        ("txn_01KC0000000000000000000000", False),
        ("wal_01kc0000000000000000000000", False),
        ("wal_01KC000000000000000000000U", False),
        ("wal_01KC00000000000000000000\n0", False),
        ("wal_", False),
        ("", False),
    ],
)
def test_what_an_id_looks_like(text: str, good: bool) -> None:
    assert is_id(text, "wal_") is good
