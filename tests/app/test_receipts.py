"""Receipts: why it cost what it cost."""

import psycopg
import pytest

from desk import SECOND_US, Desk
from khata.app.runtime import KhataSettings, open_khata
from khata.domain.commands import CaptureHold, Consume, RefundUsage
from khata.domain.ids import TransactionId
from khata.domain.pricing import Price, Remainder
from khata.domain.receipt import Receipt
from khata.postgres.connect import session_of
from khata.postgres.server import Server

TOKENS = Price("TOKENS", "AI", 3, per=1000, unit="token", cap="AI", premium=True)


async def receipt(desk: Desk, transaction_id: TransactionId) -> Receipt:
    found = await desk.khata.views.receipt(desk.wallet.id, transaction_id)
    assert found
    return found


async def test_a_charge_names_its_price_its_lots_and_its_caps(desk: Desk) -> None:
    lasting = await desk.grant(100)
    short = await desk.grant(20, expires_at_us=desk.clock() + 60 * SECOND_US)
    await desk.consume("AI_MODERATION")
    charged = await desk.consume("AI_SUMMARY", 2)
    found = await receipt(desk, charged.id)
    assert found.transaction == charged
    assert found.price
    assert (found.price.credits, found.price.per, charged.price_version) == (15, 1, 1)
    drawn = [(lot.lot.id, lot.credits, lot.lot.expires_at_us) for lot in found.lots]
    assert drawn == [
        (short.id, 15, short.expires_at_us),
        (lasting.id, 15, lasting.expires_at_us),
    ]
    (cap,) = found.caps
    assert (cap.cap, cap.before, cap.after, cap.limit) == ("AI", 1, 2, 200)


async def test_a_capture_tells_the_cap_that_its_hold_counted(desk: Desk) -> None:
    lot = await desk.grant(100)
    hold = await desk.hold(40)
    captured = await desk.do(
        CaptureHold(wallet_id=desk.wallet.id, idempotency_key=desk.key, hold_id=hold.id, credits=25)
    )
    found = await receipt(desk, captured.id)
    assert [(drawn.lot.id, drawn.credits) for drawn in found.lots] == [(lot.id, 25)]
    assert [(cap.before, cap.after) for cap in found.caps] == [(0, 1)]
    assert found.hold_transaction
    assert found.hold_transaction.sequence == captured.sequence - 1


async def test_a_metered_charge_shows_the_remainder_it_carried(desk: Desk) -> None:
    await desk.grant(100)
    await desk.khata.prices.publish([TOKENS])
    await desk.consume("TOKENS", 250)
    found = await receipt(desk, (await desk.consume("TOKENS", 250)).id)
    assert found.price == TOKENS
    facts = found.transaction.facts
    assert facts.remainder_before == Remainder(750, 1000)
    assert facts.remainder_after == Remainder(500, 1000)
    assert found.transaction.available_change == -1


async def test_a_refund_shows_the_lots_that_took_credits_back(desk: Desk) -> None:
    lot = await desk.grant(100)
    charged = await desk.consume("AI_SUMMARY")
    refunded = await desk.do(
        RefundUsage(
            wallet_id=desk.wallet.id,
            idempotency_key=desk.key,
            transaction_id=charged.id,
            reason="twice",
            credits=5,
        )
    )
    found = await receipt(desk, refunded.id)
    assert [(drawn.lot.id, drawn.credits) for drawn in found.lots] == [(lot.id, -5)]
    assert found.price is None


async def test_a_price_published_elsewhere_is_learned(desk: Desk, settings: KhataSettings) -> None:
    await desk.grant(100)
    async with open_khata(settings, desk.clock) as elsewhere:
        await elsewhere.prices.publish([TOKENS])
        charged = await Desk(elsewhere, desk.wallet, desk.clock).do(
            Consume(
                wallet_id=desk.wallet.id,
                idempotency_key="elsewhere",
                feature="TOKENS",
                quantity=2000,
            )
        )
    assert (await receipt(desk, charged.id)).price == TOKENS


# What somebody with all rights did to the third transaction, and where that shows: at which of
# the transactions, and whether in what it says, before it or after it.
TAMPERED = [
    ("update {t} set member_id = 'nobody' where {third}", {3: "content"}),
    ("update {t} set at = at + interval '1 second' where {third}", {3: "content"}),
    (
        "update {t} set hash = sha256('another') where {third}",
        {2: None, 3: "content", 4: "before"},
    ),
    ("delete from {t} where {third}", {2: "after", 4: "before"}),
    ("delete from {t} where wallet_id = '{wallet}' and sequence = 5", {3: None, 4: "after"}),
]


@pytest.mark.parametrize(("change", "faults"), TAMPERED)
async def test_a_changed_ledger_shows_where_it_is_broken(
    desk: Desk, database: Server, change: str, faults: dict[int, str | None]
) -> None:
    await desk.grant(100)
    made = [await desk.consume(member_id="asha") for _ in range(4)]
    for charged in made:
        assert (await receipt(desk, charged.id)).chain_fault is None
    third = f"wallet_id = '{desk.wallet.id}' and sequence = 3"
    statement = change.format(t="transactions", third=third, wallet=desk.wallet.id)
    with psycopg.connect(session_of(database.owner_dsn, "vandal")) as owner:
        owner.execute("alter table transactions disable trigger transactions_append_only")
        assert owner.execute(statement.encode()).rowcount == 1
        owner.execute("alter table transactions enable always trigger transactions_append_only")
    for charged in made:
        if charged.sequence in faults:
            found = await receipt(desk, charged.id)
            assert found.chain_fault == faults[charged.sequence], charged.sequence
