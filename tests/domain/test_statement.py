"""A statement proves itself: whatever is changed in it is found and named."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from khata.domain.commands import Command, decide
from khata.domain.consume import Consume
from khata.domain.grants import Purchase
from khata.domain.holds import CaptureHold, OpenHold
from khata.domain.ids import HoldId, OrganizationId, WalletId
from khata.domain.ledger import Stamp, Transaction
from khata.domain.pricing import Price, PriceList, PriceLists
from khata.domain.rules import Rules
from khata.domain.statement import OPENING, Statement, standing_before, statement
from khata.domain.wallet import Book, Wallet
from khata.engine import checkpoint
from khata.engine.checkpoint import SigningKey
from khata.engine.ids import UlidMint
from khata.engine.statements import NotAStatement, verify_statement

NOW_US = 1_795_000_000_123_456
WALLET = WalletId("wal_01M8254JZ50AJ6BZEFX60J77VS")
KEY = SigningKey(bytes(range(32)))
PRICES = PriceList(
    1,
    0,
    {
        "AI_SUMMARY": Price("AI_SUMMARY", "AI", 15, cap="AI"),
        "TOKENS": Price("TOKENS", "AI", 3, per=1000),
    },
)
RULES = Rules(PriceLists((PRICES,)), {"AI": 200})


def ledger() -> tuple[Wallet, list[Transaction]]:
    wallet = Wallet(WALLET, OrganizationId("org_1"), "user", "u", "Delhi Devs", 0, 0)
    hold = UlidMint().for_wallet(WALLET)
    commands: list[Command] = [
        Purchase(
            wallet_id=WALLET, idempotency_key="paid-01", credits=90, price_paise=900, payment_id="p"
        ),
        Consume(
            wallet_id=WALLET,
            idempotency_key="use-001",
            feature="AI_SUMMARY",
            metadata='{"model":"é \\"x\\"","temperature":1e0}',
        ),
        Consume(wallet_id=WALLET, idempotency_key="use-002", feature="TOKENS", quantity=250),
        OpenHold(wallet_id=WALLET, idempotency_key="hold-01", feature="AI_SUMMARY", quantity=2),
        CaptureHold(
            wallet_id=WALLET, idempotency_key="capt-01", hold_id=HoldId("hld_" + hold), quantity=1
        ),
    ]
    book, made = Book(wallet), list[Transaction]()
    for command in commands:
        ulid = hold if isinstance(command, OpenHold) else UlidMint().for_wallet(WALLET)
        decision = decide(book, command, Stamp(ulid, NOW_US, bytes(16)), RULES)
        made.extend(decision.transactions)
        book = decision.book
    assert len(made) == len(commands)
    return wallet, made


def document(first: int = 0) -> dict[str, Any]:
    wallet, transactions = ledger()
    chosen = transactions[first:]
    last = chosen[-1]
    made = statement(
        wallet,
        chosen,
        OPENING if not first else standing_before(chosen[0]),
        from_us=None,
        to_us=NOW_US,
        checkpoint=checkpoint.sign(KEY, WALLET, last.sequence, last.hash, NOW_US),
    )
    return json.loads(msgspec.json.encode(made))


def checked(shown: dict[str, Any], **trust: str) -> set[tuple[str, str]]:
    report = verify_statement(json.dumps(shown, indent=1).encode(), **trust)
    return {(difference.row, difference.field) for difference in report.differences}


@pytest.mark.parametrize("first", [0, 2])
def test_a_statement_is_sound_whole_and_in_part(first: int) -> None:
    shown = document(first)
    assert checked(shown) == set()
    assert checked(shown, trusted_key_id=KEY.id) == set()
    report = verify_statement(json.dumps(shown).encode())
    assert (report.first_sequence, report.last_sequence) == (first + 1, 5)
    assert report.signed_by == KEY.id


def amount(shown: dict[str, Any]) -> None:
    entries = shown["transactions"][1]["entries"]
    entries[0]["amount"], entries[1]["amount"] = -14, 14


def metadata(shown: dict[str, Any]) -> None:
    shown["transactions"][1]["metadata"]["model"] = "x"


def metadata_text(shown: dict[str, Any]) -> None:
    shown["transactions"][1]["metadata"]["temperature"] = 2
    text = json.dumps(shown["transactions"][1]["metadata"])
    shown["transactions"][1]["metadata_text"] = text


def dropped(shown: dict[str, Any]) -> None:
    del shown["transactions"][2]


def cut(shown: dict[str, Any]) -> None:
    del shown["transactions"][-1]


def remainder(shown: dict[str, Any]) -> None:
    shown["transactions"][2]["remainder_after"]["numerator"] += 1


def opening(shown: dict[str, Any]) -> None:
    shown["opening"]["available_credits"] = 5


def checkpoint_sequence(shown: dict[str, Any]) -> None:
    shown["checkpoint"]["sequence"] = 4


def one_sided(shown: dict[str, Any]) -> None:
    del shown["transactions"][0]["entries"][1]


def rupees(shown: dict[str, Any]) -> None:
    legs_in_inr(shown["transactions"][1])[0]["amount"] += 1


def legs_in_inr(transaction: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in transaction["entries"] if entry["unit"] == "INR"]


def test_legs_in_rupees_follow_from_what_is_hashed() -> None:
    shown = document()
    assert [(leg["account"], leg["amount"]) for leg in legs_in_inr(shown["transactions"][1])] == [
        ("deferred_revenue", 150),
        ("income.usage.AI", -150),
    ]
    for transaction in shown["transactions"]:
        transaction["entries"] = [e for e in transaction["entries"] if e["unit"] != "INR"]
    assert checked(shown) == set()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (amount, {("sequence 2", "credits"), ("sequence 2", "hash")}),
        (metadata, {("sequence 2", "metadata")}),
        (metadata_text, {("sequence 2", "hash")}),
        (dropped, {("sequence 4", "sequence"), ("sequence 4", "previous_hash")}),
        (cut, {("closing", "standing")}),
        (remainder, {("sequence 3", "remainder_after")}),
        (opening, {("opening", "standing"), ("sequence 1", "balance_before")}),
        (checkpoint_sequence, {("checkpoint", "signature")}),
        (one_sided, {("sequence 1", "sum of entries in CREDIT"), ("sequence 1", "hash")}),
        (rupees, {("sequence 2", "entries"), ("sequence 2", "sum of entries in INR")}),
    ],
)
def test_what_is_changed_is_named(
    change: Callable[[dict[str, Any]], None], found: set[tuple[str, str]]
) -> None:
    shown = document()
    change(shown)
    assert checked(shown) >= found


def test_another_key_is_not_trusted() -> None:
    shown = document()
    assert checked(shown, trusted_key_id="0" * 16) == {("checkpoint", "signature")}
    del shown["checkpoint"]
    assert checked(shown) == {("checkpoint", "row")}


def test_a_forged_history_under_the_old_signature_is_found() -> None:
    forged = document()
    forged["checkpoint"]["hash"] = forged["transactions"][-1]["hash"] = "00" * 32
    forged["closing"]["hash"] = "00" * 32
    assert ("checkpoint", "signature") in checked(forged)


@pytest.mark.parametrize("text", [b"", b"[]", b'{"format":"x"}', b"\xff", b"[" * 100_000])
def test_other_documents_are_refused(text: bytes) -> None:
    with pytest.raises(NotAStatement):
        verify_statement(text)


def test_a_time_without_zone_is_refused() -> None:
    shown = document()
    shown["transactions"][0]["created_at"] = "2026-11-22T10:00:00"
    with pytest.raises(NotAStatement, match="no time zone"):
        verify_statement(json.dumps(shown).encode())


def test_the_document_reads_back_as_written() -> None:
    encoded = msgspec.json.encode(document())
    assert msgspec.json.decode(encoded, type=Statement).closing.sequence == 5
