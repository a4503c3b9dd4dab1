"""Orders: what may become of them."""

from typing import get_args

import pytest

from khata.domain.orders import (
    OPEN,
    TRANSITIONS,
    UNPAID,
    OrderEvent,
    OrderStatus,
    after_refunds,
    next_status,
)

WALKS: list[tuple[OrderStatus, list[OrderEvent], OrderStatus]] = [
    ("created", ["attempted", "captured"], "paid"),
    ("created", ["captured"], "paid"),
    ("created", ["attempted", "attempt_failed", "attempted", "captured"], "paid"),
    ("created", ["attempt_failed", "captured"], "paid"),
    ("created", ["attempted", "lapsed", "captured"], "paid"),
    ("created", ["captured_for_review", "approved"], "paid"),
    ("created", ["captured_for_review", "refunded_whole"], "refunded"),
    ("paid", ["refunded_in_part", "refunded_in_part", "refunded_whole"], "refunded"),
    ("paid", ["refunded_whole", "refund_failed"], "paid"),
]


@pytest.mark.parametrize(("start", "events", "end"), WALKS)
def test_an_order_walks_as_the_table_says(
    start: OrderStatus, events: list[OrderEvent], end: OrderStatus
) -> None:
    status = start
    for event in events:
        following = next_status(status, event)
        assert following is not None, f"{status} knows no {event}"
        status = following
    assert status == end


def test_credits_come_once() -> None:
    for status in get_args(OrderStatus):
        granted = next_status(status, "captured") is not None
        assert granted == (status in UNPAID)
        assert granted == (next_status(status, "captured_for_review") is not None)


def test_a_late_failure_takes_nothing_back() -> None:
    for status in set(get_args(OrderStatus)) - OPEN:
        assert next_status(status, "attempt_failed") is None
        assert next_status(status, "lapsed") is None


def test_every_status_has_its_row() -> None:
    assert set(TRANSITIONS) == set(get_args(OrderStatus))


@pytest.mark.parametrize(
    ("status", "refunded_paise", "after"),
    [
        ("paid", 10_000, "partially_refunded"),
        ("paid", 50_000, "refunded"),
        ("partially_refunded", 20_000, "partially_refunded"),
        ("partially_refunded", 50_000, "refunded"),
        ("partially_refunded", 0, "paid"),
        ("refunded", 10_000, "partially_refunded"),
        ("refunded", 0, "paid"),
        ("review", 50_000, "refunded"),
        ("review", 40_000, "partially_refunded"),
    ],
)
def test_refunds_are_counted_anew_each_time(
    status: OrderStatus, refunded_paise: int, after: OrderStatus
) -> None:
    assert after_refunds(status, refunded_paise, 50_000) == after


@pytest.mark.parametrize("status", ["refunded", "partially_refunded"])
def test_a_rejection_whose_refund_failed_is_under_review_again(status: OrderStatus) -> None:
    assert after_refunds(status, 0, 50_000, reopens_review=True) == "review"
