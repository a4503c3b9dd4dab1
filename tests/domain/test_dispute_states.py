"""Disputes and refunds of money: what may become of them."""

from typing import get_args

import pytest

from khata.domain.dispute_states import (
    BOOKED_TRANSITIONS,
    DISPUTE_TRANSITIONS,
    Booked,
    DisputeState,
    state_after,
    to_be_booked,
)
from khata.domain.refund_states import REFUND_TRANSITIONS, RefundStatus, may_become


def test_every_state_has_its_row() -> None:
    assert set(REFUND_TRANSITIONS) == set(get_args(RefundStatus))
    assert set(DISPUTE_TRANSITIONS) == set(get_args(DisputeState))
    assert set(BOOKED_TRANSITIONS) == set(get_args(Booked))


@pytest.mark.parametrize(
    ("state", "told", "after"),
    [
        ("open", "under_review", "under_review"),
        ("open", "lost", "lost"),
        ("under_review", "open", "under_review"),
        ("under_review", "won", "won"),
        ("won", "open", "won"),
        ("won", "lost", "won"),
        ("lost", "won", "lost"),
        ("closed", "under_review", "closed"),
    ],
)
def test_a_dispute_goes_forward_only(
    state: DisputeState, told: DisputeState, after: DisputeState
) -> None:
    assert state_after(state, told) == after


def test_what_is_booked_at_the_end_has_no_way_on() -> None:
    for state, moves in DISPUTE_TRANSITIONS.items():
        assert (not moves) == (not BOOKED_TRANSITIONS[to_be_booked(state)])


def test_a_refund_that_failed_is_over() -> None:
    assert may_become("pending", "processed")
    assert may_become("processed", "failed")
    assert not may_become("failed", "processed")
    assert not may_become("processed", "pending")
