"""No door lets a senseless amount through; should one, nothing is minted all the same."""

import pytest

from khata.domain.commands import (
    CaptureHold,
    Command,
    Consume,
    GrantCredits,
    OpenHold,
    Purchase,
    Recorded,
    RefundUsage,
    Transfer,
)
from khata.domain.ids import HoldId, TransactionId, WalletId
from khata.engine.batcher import Bug
from khata.engine.engine import Engine
from khata.testing import HandClock, MemoryBooks, audit, rules, wallet, wallet_id
from khata.testing.books import Shelf

ACME, ZEN = wallet_id("acme"), wallet_id("zen")
KEY = "key-senseless"

pytestmark = pytest.mark.anyio


class Shop:
    """A wallet with 100 credits, a charge of 10 and a hold of 10."""

    def __init__(self) -> None:
        self.books = MemoryBooks(wallet("acme"), wallet("zen"))
        self.engine = Engine(self.books, rules, HandClock())
        self.charge = TransactionId("")
        self.hold = HoldId("")

    async def open(self) -> "Shop":
        await self.engine.submit(
            Purchase(
                wallet_id=ACME,
                idempotency_key="key-1",
                credits=100,
                price_paise=1000,
                payment_id="pay-1",
            )
        )
        charge = Consume(wallet_id=ACME, idempotency_key="key-2", feature="USE", quantity=10)
        hold = OpenHold(wallet_id=ACME, idempotency_key="key-3", feature="USE", quantity=10)
        charged, held = await self.engine.submit(charge), await self.engine.submit(hold)
        assert isinstance(charged.outcome, Recorded)
        assert isinstance(held.outcome, Recorded)
        assert held.outcome.transaction.facts.hold is not None
        self.charge = charged.outcome.transaction.id
        self.hold = held.outcome.transaction.facts.hold.id
        return self


def senseless(shop: Shop) -> list[Command]:
    return [
        Consume(wallet_id=ACME, idempotency_key=KEY, feature="USE", quantity=-5),
        OpenHold(wallet_id=ACME, idempotency_key=KEY, feature="USE", quantity=-5),
        OpenHold(wallet_id=ACME, idempotency_key=KEY, feature="USE", credits=-5),
        OpenHold(wallet_id=ACME, idempotency_key=KEY, feature="USE"),
        CaptureHold(wallet_id=ACME, idempotency_key=KEY, hold_id=shop.hold, credits=-5),
        CaptureHold(wallet_id=ACME, idempotency_key=KEY, hold_id=shop.hold, quantity=-5),
        CaptureHold(wallet_id=ACME, idempotency_key=KEY, hold_id=shop.hold),
        GrantCredits(wallet_id=ACME, idempotency_key=KEY, kind="bonus", credits=0, note=""),
        GrantCredits(wallet_id=ACME, idempotency_key=KEY, kind="bonus", credits=-5, note=""),
        Purchase(
            wallet_id=ACME, idempotency_key=KEY, credits=0, price_paise=10, payment_id="pay-2"
        ),
        Purchase(
            wallet_id=ACME, idempotency_key=KEY, credits=-5, price_paise=10, payment_id="pay-2"
        ),
        Purchase(
            wallet_id=ACME,
            idempotency_key=KEY,
            credits=5,
            bonus_credits=-5,
            price_paise=10,
            payment_id="pay-2",
        ),
        RefundUsage(
            wallet_id=ACME,
            idempotency_key=KEY,
            transaction_id=shop.charge,
            credits=-5,
            reason="",
        ),
        Transfer(wallet_id=ACME, idempotency_key=KEY, to_wallet_id=ZEN, credits=-5, note=""),
    ]


async def test_a_senseless_amount_is_a_bug_that_moves_nothing() -> None:
    shop = await Shop().open()
    before = {each: (kept.book, list(kept.transactions)) for each, kept in kept_of(shop)}
    for command in senseless(shop):
        try:
            answer = await shop.engine.submit(command)
        except Bug:
            continue
        raise AssertionError(f"{command} was answered {answer.outcome}")
    for each, kept in kept_of(shop):
        assert (kept.book, kept.transactions) == before[each]
        audit(kept.book, kept.transactions)


def kept_of(shop: Shop) -> list[tuple[WalletId, Shelf]]:
    return list(shop.books.shelves.items())
