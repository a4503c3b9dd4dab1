"""What `verify` finds in payouts that do not follow from each other, whatever their hashes say."""

import pytest
from msgspec.structs import replace

from khata.domain.ledger import Transaction
from khata.domain.wallet import Draw
from khata.engine.replay import Replay
from khata.testing import tell, wallet_id
from ledger_rows import chained, row_of

STORY = """
wallet  acme
grant   paid 100 as pay-1
grant   paid 100 as pay-2
payout  60 as first
payout  70 as second
lock    pay-2
recall  first
"""
ACME = wallet_id("acme")


def story() -> list[Transaction]:
    return list(tell(STORY).books.transactions(ACME))


def found(ledger: list[Transaction]) -> set[tuple[str, str]]:
    replay = Replay(tell("wallet acme").books.book(ACME).wallet)
    replay.take(chained([row_of(t) for t in ledger]))
    return {(difference.row, difference.field) for difference in replay.differences_taken()}


def test_payouts_that_follow_from_each_other_are_in_order() -> None:
    assert found(story()) == set()


@pytest.mark.parametrize(
    ("source_id", "fields"),
    [
        ("pyo_nobody", {("sequence 6", "source_id")}),
        (None, {("sequence 6", "source_id"), ("sequence 6", "facts")}),
    ],
)
def test_a_release_of_nothing_is_found(source_id: str | None, fields: set[tuple[str, str]]) -> None:
    *before, release = story()
    assert found([*before, replace(release, source_id=source_id)]) <= fields
    assert found([*before, replace(release, source_id=source_id)])


def test_a_release_of_what_another_payout_or_a_dispute_locked_is_found() -> None:
    *before, release = story()
    own, other = release.draws[0].grant_id, before[4].draws[-1].grant_id
    assert own != other
    for draws in ((Draw(other, 60),), (Draw(own, 50), Draw(other, 10))):
        assert found([*before, replace(release, draws=draws)]) == {("sequence 6", "draws")}


def test_a_second_release_is_found() -> None:
    told = tell(STORY + "recall second\n")
    *before, second = told.books.transactions(ACME)
    again = replace(second, source_id=before[-1].source_id)
    assert ("sequence 7", "source_id") in found([*before, again])


def test_a_payout_that_takes_anothers_name_is_found() -> None:
    ledger = story()
    ledger[3] = replace(ledger[3], source_id=ledger[2].source_id)
    assert found(ledger) == {("sequence 4", "source_id")}
