"""A refund of usage gives credits back to the very lots they came from, and no more of them."""

import pytest

from khata.testing import tell

CHARGED = """
wallet   acme
grant    bonus 20
grant    paid 100
consume  30 as work                        -> 20 bonus, 10 paid
"""


def test_parts_go_back_last_drawn_first() -> None:
    tell(
        CHARGED
        + """
        refund   work 4                    -> 4 back to paid, available 94
        refund   work 10                   -> 6 back to paid, 4 back to bonus
        refund   work 17                   -> REFUND_EXCEEDS_CHARGE  requested 17, refundable 16
        refund   work                      -> 16 back to bonus, available 120
        refund   work                      -> REFUND_EXCEEDS_CHARGE  requested 0, refundable 0
        refund   work 1                    -> REFUND_EXCEEDS_CHARGE  requested 1, refundable 0
        accounts                           -> consumed 0
        """
    )


def test_a_captured_hold_is_refunded_like_any_charge() -> None:
    tell(
        """
        wallet   acme
        grant    bonus 20
        grant    paid 100
        hold     50 as it
        capture  it 25                     -> 20 bonus, 5 paid
        refund   it 6                      -> 5 back to paid, 1 back to bonus, available 101
        """
    )


@pytest.mark.parametrize("status", ["frozen", "closed"])
def test_a_refund_comes_into_a_wallet_that_is_shut(status: str) -> None:
    tell(CHARGED + f"status {status}\nrefund work -> available 120")


def test_a_refund_gives_no_operation_back_to_a_cap() -> None:
    tell(
        """
        cap      AI 1
        price    CALL 5 cap AI
        wallet   acme
        grant    bonus 20
        consume  1 CALL as work            -> used 1
        refund   work
        consume  1 CALL                    -> DAILY_LIMIT_EXCEEDED_AI
        """
    )
