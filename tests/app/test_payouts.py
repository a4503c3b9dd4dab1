"""Payout accounts in the database: sealed, changed one after another, and every change told."""

import asyncio
from typing import Any

import msgspec
import pytest

from desk import Clock, Desk
from khata.app.invalid import Invalid
from khata.app.payouts import Payouts
from khata.app.runtime import Khata
from khata.app.sealing import Place, Sealer
from khata.domain.actor import Actor
from khata.domain.bank_account import BankAccount
from khata.domain.commands import (
    HoldPayout,
    LockPurchase,
    Purchase,
    ReleasePayout,
    UnlockPurchase,
)
from khata.postgres.asking import ask_pool
from khata.postgres.payout_accounts import PayoutAccount
from khata.postgres.server import Server
from stored import verified

ASHA = BankAccount(holder_name="Asha Rao", ifsc="HDFC0001234", number="50100123456789")
RAVI = BankAccount(holder_name="Ravi Rao", ifsc="SBIN0000300", number="30100198765432")
BY = Actor("key_1", "203.0.113.9")


async def put(desk: Desk, account: BankAccount, payouts: Payouts | None = None) -> PayoutAccount:
    wallet = desk.wallet
    payouts = payouts or desk.khata.payouts
    return await payouts.put(wallet.id, wallet.organization_id, account, BY)


async def audited(khata: Khata) -> list[tuple[Any, ...]]:
    rows = await ask_pool(
        khata.registries,
        "select action, actor, address, subject, before, after from audit_log"
        " where action like 'payout_account.%' order by at, id",
    )
    decode = msgspec.json.decode
    return [(*row[:4], row[4] and decode(row[4]), decode(row[5])) for row in rows]


async def test_an_account_is_kept_without_a_readable_number(desk: Desk) -> None:
    account = await put(desk, ASHA)
    assert await desk.khata.payouts.account(desk.wallet.id) == account
    assert (account.bank_name, account.last_digits) == ("HDFC Bank", "6789")
    assert account.verified_at_us is None
    rows = await ask_pool(desk.khata.registries, "select t::text from payout_accounts t")
    assert ASHA.number not in rows[0][0]
    assert ASHA.number.encode().hex() not in rows[0][0]
    place = Place("payout_accounts", desk.wallet.id, "account_number")
    assert desk.khata.sealer.unseal(account.sealed_number, place) == ASHA.number.encode()


async def test_each_change_is_written_down_with_its_numbers_masked(desk: Desk) -> None:
    await put(desk, ASHA)
    await put(desk, ASHA)
    await desk.khata.payouts.verify(desk.wallet.id, BY)
    await desk.khata.payouts.verify(desk.wallet.id, BY)
    await put(desk, RAVI)
    asha = {
        "holder_name": "Asha Rao",
        "bank_name": "HDFC Bank",
        "ifsc": "HDFC0001234",
        "account_number": "XXXXXX6789",
    }
    ravi = {
        "holder_name": "Ravi Rao",
        "bank_name": "State Bank of India",
        "ifsc": "SBIN0000300",
        "account_number": "XXXXXX5432",
    }
    by = (BY.id, BY.address, desk.wallet.id)
    unverified, is_verified = {**asha, "verified": False}, {**asha, "verified": True}
    assert await audited(desk.khata) == [
        ("payout_account.set", *by, None, unverified),
        ("payout_account.verified", *by, unverified, is_verified),
        ("payout_account.set", *by, is_verified, {**ravi, "verified": False}),
    ]


async def test_a_changed_account_is_not_verified_any_more(desk: Desk, clock: Clock) -> None:
    await put(desk, ASHA)
    first = await desk.khata.payouts.verify(desk.wallet.id, BY)
    assert first is not None
    assert first.verified_at_us == clock()
    clock.turn(seconds=9)
    assert (await put(desk, ASHA)).verified_at_us == first.verified_at_us
    other = BankAccount(holder_name=ASHA.holder_name, ifsc=ASHA.ifsc, number="50100123450000")
    assert (await put(desk, other)).verified_at_us is None


async def test_there_is_nothing_to_verify_without_an_account(desk: Desk) -> None:
    assert await desk.khata.payouts.verify(desk.wallet.id, BY) is None
    assert await audited(desk.khata) == []


async def test_of_many_changes_at_once_each_sees_what_the_one_before_it_left(desk: Desk) -> None:
    accounts = [
        BankAccount(holder_name="Asha Rao", ifsc="HDFC0001234", number=f"5010012345678{digit}")
        for digit in range(8)
    ]
    await asyncio.gather(*(put(desk, account) for account in accounts))
    told = await audited(desk.khata)
    assert len(told) == len(accounts)
    assert [entry[4] for entry in told] == [None, *(entry[5] for entry in told[:-1])]


async def test_what_will_not_do_leaves_the_account_as_it_was(desk: Desk) -> None:
    before = await put(desk, ASHA)
    with pytest.raises(Invalid) as wrong:
        await put(desk, BankAccount(holder_name="Asha", ifsc="HDFC0001234", number="123"))
    assert wrong.value.field == "account_number"
    assert await desk.khata.payouts.account(desk.wallet.id) == before


async def test_the_same_account_is_sealed_anew_by_a_new_key(desk: Desk, clock: Clock) -> None:
    before = await put(desk, ASHA)
    sealer = Sealer([bytes(32)])
    rotated = Payouts(desk.khata.registries, sealer, clock, enabled=False)
    after = await put(desk, ASHA, rotated)
    assert not sealer.is_sealed_by_newest(before.sealed_number)
    assert sealer.is_sealed_by_newest(after.sealed_number)
    assert await put(desk, ASHA, rotated) == after


async def test_payouts_and_disputes_in_the_ledger_of_the_database(
    desk: Desk, database: Server
) -> None:
    def key() -> dict[str, Any]:
        return {"wallet_id": desk.wallet.id, "idempotency_key": desk.key}

    bought = Purchase(**key(), credits=100, price_paise=1000, payment_id="pay-1")
    await desk.do(bought)
    held = await desk.do(HoldPayout(**key(), credits=30))
    await desk.do(LockPurchase(**key(), payment_id="pay-1"))
    unlocked = await desk.do(UnlockPurchase(**key(), payment_id="pay-1"))
    assert (unlocked.available_after, unlocked.locked_after) == (70, 30)
    released = await desk.do(ReleasePayout(**key(), payout_id=held.source_id or ""))
    assert released.draws == held.draws
    assert (released.available_after, released.locked_after) == (100, 0)
    assert verified(database.owner_dsn).differences == []
