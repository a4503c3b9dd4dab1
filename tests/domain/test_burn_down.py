"""Which lots pay, in which order, and how credits move between a lot's pockets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.domain.ids import GrantId
from khata.domain.lots import (
    LOCK,
    RESERVE,
    SPEND,
    SPEND_LOCKED,
    UNLOCK,
    UNRESERVE,
    Move,
    burn_down,
    burn_order,
    first_drawn,
    given_back,
    merged,
    moved,
    total,
)
from khata.domain.wallet import NEVER_US, Draw, GrantKind, Lot


def lot(
    name: str,
    *,
    kind: GrantKind = "bonus",
    priority: int = 50,
    expires_at_us: int = NEVER_US,
    sequence: int = 1,
    left: int = 10,
) -> Lot:
    return Lot(
        id=GrantId(name),
        kind=kind,
        granted=10,
        available=left,
        sequence=sequence,
        created_at_us=0,
        priority=priority,
        expires_at_us=expires_at_us,
    )


def draws(**credits: int) -> tuple[Draw, ...]:
    return tuple(Draw(GrantId(name), amount) for name, amount in credits.items())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (lot("b", priority=10), lot("a", priority=50, expires_at_us=1)),
        (lot("b", expires_at_us=1, kind="purchase"), lot("a", expires_at_us=2)),
        (lot("b", expires_at_us=10**18, sequence=9), lot("a")),
        (lot("b", sequence=9), lot("a", kind="purchase")),
        (lot("b", kind="promo", sequence=9), lot("a", kind="purchase")),
        (lot("b", kind="plan", sequence=1), lot("a", kind="bonus", sequence=2)),
        (lot("b", kind="adjustment"), lot("a", kind="purchase")),
        (lot("a"), lot("b")),  # two of one gift, told apart by their ids
    ],
    ids=[
        "priority before expiry",
        "soonest expiry before free",
        "never last",
        "free before paid",
        "a promo is free",
        "oldest first",
        "an adjustment is free",
        "ids at last",
    ],
)
def test_burn_down_order(first: Lot, second: Lot) -> None:
    assert sorted((second, first), key=burn_order) == [first, second]


@pytest.mark.parametrize(
    ("credits", "expected"),
    [
        (0, {}),
        (1, {"a": 1}),
        (3, {"a": 3}),
        (4, {"a": 3, "c": 1}),
        (13, {"a": 3, "c": 10}),
        (99, {"a": 3, "c": 10}),
    ],
)
def test_lots_are_drawn_one_after_the_other(credits: int, expected: dict[str, int]) -> None:
    lots = (lot("a", left=3), lot("b", left=0), lot("c"))
    assert burn_down(lots, credits) == draws(**expected)


@pytest.mark.parametrize(
    ("move", "pockets"),
    [
        (SPEND, (6, 3, 3)),
        (RESERVE, (6, 5, 3)),
        (UNRESERVE, (10, 1, 3)),
        (LOCK, (6, 3, 5)),
        (UNLOCK, (10, 3, 1)),
        (SPEND_LOCKED, (8, 3, 1)),
    ],
)
def test_a_move_takes_credits_from_one_pocket_to_another(
    move: Move, pockets: tuple[int, int, int]
) -> None:
    whole = replace(lot("a", left=8), granted=20, reserved=3, locked=3)
    for lots in ((whole,), (lot("0"), whole)):
        after = moved(lots, draws(a=2), move)[-1]
        assert (after.available, after.reserved, after.locked) == pockets


@pytest.mark.parametrize(
    ("returned", "credits", "expected"),
    [
        (0, 5, {"c": -2, "b": -3}),
        (0, 10, {"c": -2, "b": -3, "a": -5}),
        (1, 3, {"c": -1, "b": -2}),
        (2, 1, {"b": -1}),
        (5, 5, {"a": -5}),
        (9, 1, {"a": -1}),
    ],
)
def test_a_refund_undoes_the_last_draws_first(
    returned: int, credits: int, expected: dict[str, int]
) -> None:
    assert given_back(draws(a=5, b=3, c=2), returned, credits) == draws(**expected)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.data())
def test_refunds_in_any_parts_undo_exactly_what_was_drawn(
    amounts: list[int], data: st.DataObject
) -> None:
    drawn = tuple(Draw(GrantId(str(place)), amount) for place, amount in enumerate(amounts))
    undone: tuple[Draw, ...] = ()
    returned = 0
    while returned < total(drawn):
        credits = data.draw(st.integers(1, total(drawn) - returned))
        part = given_back(drawn, returned, credits)
        assert total(part) == -credits
        undone = merged(undone, part)
        returned += credits
    assert {draw.grant_id: -draw.credits for draw in undone} == {
        draw.grant_id: draw.credits for draw in drawn
    }


def test_the_first_of_some_draws() -> None:
    assert first_drawn(draws(a=5, b=3), 6) == draws(a=5, b=1)
    assert first_drawn(draws(a=5, b=3), 0) == ()
    assert first_drawn(draws(a=5, b=3), 99) == draws(a=5, b=3)


def test_merged_draws_have_one_a_lot() -> None:
    assert merged(draws(a=5, b=3), draws(b=2, c=1)) == draws(a=5, b=5, c=1)
