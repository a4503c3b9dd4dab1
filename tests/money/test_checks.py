"""The checks of the random stories find what is planted: each kind of wrong is named."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from khata.domain.commands import Purchase as Buying
from khata.domain.ids import WalletId
from town import Town
from town_books import Books, Order, Payment, Purchase, Refund, books_of, differences
from town_steps import Orders, Pays, Settles, Spends, Story
from town_stories import tell

BOUGHT: Story = [
    Orders("asha", "pro", "credit"),
    Pays(0, "success"),
    Settles(),
    Spends("asha", 20),
]


async def bought(town: Town) -> Books:
    """A story of one purchase, which is as it should be."""
    assert await tell(town, BOUGHT, events_come=True) == []
    books = await books_of(town)
    assert len(books.purchases) == 1
    return books


async def grant(town: Town, books: Books, payment_id: str) -> None:
    """Credits by hand, as no payment brought them."""
    again = Buying(
        wallet_id=WalletId(town.wallets["asha"].id),
        idempotency_key="by hand " + payment_id,
        credits=5_000,
        bonus_credits=500,
        price_paise=50_000,
        payment_id=payment_id,
        order_id=books.purchases[0].order_id,
        gateway="simulator",
        payable_paise=50_000,
    )
    await town.khata.engine.submit(again)


async def test_credits_that_come_twice(town: Town) -> None:
    books = await bought(town)
    await grant(town, books, books.purchases[0].payment_id)
    (payment,) = books.payments
    wrong = differences(await books_of(town))
    assert f"grants for {payment.gateway_id}: 2 is not 1" in wrong
    assert f"grants for {payment.order_id}, paid: 2 is not 1" in wrong
    assert "got and owed by the gateway: 110200 is not 60200" in wrong


async def test_credits_that_nobody_paid(town: Town) -> None:
    books = await bought(town)
    await grant(town, books, "pay_nobody")
    wrong = differences(await books_of(town))
    assert "5500 credits for pay_nobody, which nobody paid" in wrong


RIGHT = Books(
    purchases=[Purchase("pay_1", "ord_1", 5_500)],
    payments=[Payment("pay_1", "ord_1", "pay_G", "captured", 60_200)],
    orders=[Order("ord_1", "paid", 5_500, has_credits=True, payment_id="pay_1")],
    refunds=[],
    unbalanced=[],
    accounts={"gateway.simulator": 60_200, "deferred_revenue": -51_200, "gst.igst": -9_000},
    credits=0,
    lots=[(51_200, 5_500, 0)],
    undone=[],
    bank={
        "orders": [{"id": "order_G", "receipt": "ord_1"}],
        "payments": [{"id": "pay_G", "order_id": "order_G", "captured": True, "amount": 60_200}],
        "refunds": [],
        "disputes": [],
        "lines": [{"entity_id": "pay_G", "settled": False}],
    },
    lies=0,
)
LINES = [{"entity_id": "pay_G", "settled": False}]
PAID_OUT = {"entity_id": "pay_G", "settled": True, "credit": 58_779, "debit": 0, "fee": 1_421}
BACK_LINE = {"entity_id": "rfnd_G", "settled": False}
BACK = {"id": "rfnd_G", "payment_id": "pay_G", "status": "processed", "amount": 100}


def test_books_that_are_right() -> None:
    assert differences(RIGHT) == []


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        ({"purchases": []}, "grants for pay_G: 0 is not 1"),
        (
            {"purchases": [Purchase("pay_1", "ord_1", 5_499)]},
            "credits for pay_G: 5499 is not 5500",
        ),
        (
            {"purchases": [Purchase("pay_1", "ord_2", 5_500)]},
            "the order of pay_G: ord_2 is not ord_1",
        ),
        ({"purchases": []}, "got and owed by the gateway: 60200 is not 0"),
        (
            {"orders": [Order("ord_1", "expired", 5_500, has_credits=True, payment_id="pay_1")]},
            "grants for ord_1, expired: 1 is not 0",
        ),
        (
            {"orders": [Order("ord_1", "paid", 5_500, has_credits=False, payment_id="pay_1")]},
            "credits of ord_1: False is not True",
        ),
        ({"unbalanced": [("txn_1", "INR", 1)]}, "txn_1 is out of balance by 1 INR"),
        ({"credits": -1}, "all credits: -1 is not 0"),
        ({"lots": [(51_200, 5_500, 1)]}, "deferred by lots: 51191 is not 51200"),
        (
            {"accounts": {**RIGHT.accounts, "gst.igst": -9_001}},
            "trial balance: -1 is not 0",
        ),
        (
            {"accounts": {**RIGHT.accounts, "gateway.simulator": 60_201}},
            "got and owed by the gateway: 60201 is not 60200",
        ),
        (
            {"refunds": [Refund("rfd_1", "ord_1", "rfnd_G", "processed", 60_200)]},
            "paise of rfd_1: 60200 is not 0",
        ),
        (
            {"refunds": [Refund("rfd_1", "ord_1", "rfnd_G", "pending", 60_200)]},
            "rfd_1 is under way: True is not False",
        ),
        (
            {
                "refunds": [Refund("rfd_1", "ord_1", "rfnd_G", "processed", 100, "gateway")],
                "bank": {**RIGHT.bank, "refunds": [{**BACK, "receipt": "rfd_1"}]},
            },
            "rfnd_G went back, and nobody wanted it to",
        ),
        ({"bank": {**RIGHT.bank, "refunds": [BACK]}}, "refunds that are rfnd_G: 0 is not 1"),
        (
            {"bank": {**RIGHT.bank, "refunds": [BACK], "lines": [*LINES, BACK_LINE]}},
            "got and owed by the gateway: 60200 is not 60100",
        ),
        (
            {"bank": {**RIGHT.bank, "disputes": [{"amount": 100, "status": "open"}]}},
            "disputed: 0 is not 100",
        ),
        (
            {"bank": {**RIGHT.bank, "disputes": [{"amount": 100, "status": "lost"}]}},
            "got and owed by the gateway: 60200 is not 60100",
        ),
        ({"bank": {**RIGHT.bank, "lines": [PAID_OUT]}}, "on our bank account: 0 is not 58779"),
        ({"bank": {**RIGHT.bank, "lines": [PAID_OUT]}}, "fees: 0 is not 1421"),
        (
            {"accounts": {**RIGHT.accounts, "refunds_payable": -1}},
            "owed to payers: -1 is not 0",
        ),
        ({"undone": ["job order of ord_1: None"]}, "still to be done: job order of ord_1: None"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_named(planted: Mapping[str, Any], named: str) -> None:
    assert named in differences(replace(RIGHT, **planted))
