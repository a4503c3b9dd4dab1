"""Money that moves without credits: every posting balances, and a gateway ends at nothing."""

from collections import Counter

import pytest

from khata.domain import money_journal
from khata.domain.ids import OrganizationId
from khata.domain.inr import is_balanced
from khata.domain.money_journal import MoneyPosting, Occasion
from khata.testing import NEW_YEAR_US, wallet_id

OCCASION = Occasion(
    id="mny_1",
    wallet_id=wallet_id("acme"),
    organization_id=OrganizationId("org_1"),
    at_us=NEW_YEAR_US,
    gateway="simulator",
)


@pytest.mark.parametrize(
    ("posting", "kind", "legs"),
    [
        (
            money_journal.payment_held(OCCASION, "pay_2", 60_200),
            "PAYMENT_HELD",
            {"gateway.simulator": 60_200, "refunds_payable": -60_200},
        ),
        (
            money_journal.refund_processed(OCCASION, "rfnd_1", 35_400),
            "REFUND_PROCESSED",
            {"refunds_payable": 35_400, "gateway.simulator": -35_400},
        ),
        (
            money_journal.refund_failed(OCCASION, "rfnd_1", 35_400),
            "REFUND_FAILED",
            {"refunds_payable": -35_400, "gateway.simulator": 35_400},
        ),
        (
            money_journal.payment_settled(OCCASION, "pay_1", 60_200, 1_421, 217),
            "SETTLEMENT",
            {
                "bank": 58_779,
                "expenses.gateway_fees": 1_204,
                "itc.gst": 217,
                "gateway.simulator": -60_200,
            },
        ),
        (
            money_journal.refund_settled(OCCASION, "rfnd_1", 35_400, 118, 18),
            "SETTLEMENT",
            {
                "bank": -35_518,
                "expenses.gateway_fees": 100,
                "itc.gst": 18,
                "gateway.simulator": 35_400,
            },
        ),
        (
            money_journal.dispute_withdrawn(OCCASION, "disp_1", 60_200),
            "DISPUTE_WITHDRAWN",
            {"bank": -60_200, "gateway.simulator": 60_200},
        ),
        (
            money_journal.dispute_reinstated(OCCASION, "disp_1", 60_200),
            "DISPUTE_REINSTATED",
            {"bank": 60_200, "gateway.simulator": -60_200},
        ),
    ],
)
def test_each_posting_has_its_legs(posting: MoneyPosting, kind: str, legs: dict[str, int]) -> None:
    assert posting.kind == kind
    assert {leg.account: leg.paise for leg in posting.legs} == legs
    assert is_balanced(posting.legs)


def test_a_payment_held_refunded_and_settled_leaves_nothing_at_the_gateway() -> None:
    left: Counter[str] = Counter()
    for posting in (
        money_journal.payment_held(OCCASION, "pay_2", 60_200),
        money_journal.refund_processed(OCCASION, "rfnd_2", 60_200),
        money_journal.payment_settled(OCCASION, "pay_2", 60_200, 0, 0),
        money_journal.refund_settled(OCCASION, "rfnd_2", 60_200),
    ):
        left.update({leg.account: leg.paise for leg in posting.legs})
    assert {account: paise for account, paise in left.items() if paise} == {}
