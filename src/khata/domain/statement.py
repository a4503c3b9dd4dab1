"""Statements: a wallet's transactions as a document that proves itself with no server.

Each transaction has the shape that the API gives it, and beside it what else its hash covers.
The reader computes each hash anew, follows the chain from the opening to the closing hash, and
holds the closing against the signed checkpoint (engine/checkpoint.py).
"""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from khata.domain import chain
from khata.domain.difference import Difference
from khata.domain.ids import GrantId, OrganizationId, TransactionId, WalletId
from khata.domain.inr import legs_of
from khata.domain.ledger import NO_FACTS, Facts, Transaction, TransactionType, hash_of
from khata.domain.pricing import Remainder
from khata.domain.times import microseconds, rfc3339
from khata.domain.wallet import GENESIS, Draw, Wallet

FORMAT = "khata.statement.v1"


class Entry(Struct, frozen=True):
    """One leg of a transaction: credits, or with the unit `INR` paise, debit positive."""

    account: str
    unit: str
    amount: int


class StatementDraw(Struct, frozen=True):
    """Credits taken from one grant; negative where they went back to it."""

    grant_id: str
    credits: int


class StatementTransaction(Struct, frozen=True, kw_only=True):
    """The API's Transaction, then what else the hash covers.

    `metadata_text` and `facts_text` are the stored texts, to the byte.
    """

    id: str
    wallet_id: str
    sequence: int
    type: TransactionType
    credits: int
    balance_before: int
    balance_after: int
    feature: str | None
    category: str | None
    quantity: int | None
    price_version: int | None
    member_id: str | None
    source: str | None
    source_id: str | None
    idempotency_key: str | None
    metadata: Raw
    created_at: str
    hash: str
    previous_hash: str
    entries: tuple[Entry, ...]
    draws: tuple[StatementDraw, ...]
    remainder_before: Remainder | UnsetType = UNSET
    remainder_after: Remainder | UnsetType = UNSET
    reserved_after: int
    locked_after: int
    recognized_paise: int
    metadata_text: str | None
    facts_text: str | None
    hash_version: int


class Standing(Struct, frozen=True):
    """Where a wallet's book stood: after which transaction, its hash, and the balances."""

    sequence: int
    hash: str
    available_credits: int
    reserved_credits: int
    locked_credits: int


class Checkpoint(Struct, frozen=True):
    """A signed head: at that time, the wallet's transaction of that sequence had that hash."""

    wallet_id: str
    sequence: int
    hash: str
    at: str
    algorithm: str
    key_id: str
    public_key: str
    signature: str


class StatementWallet(Struct, frozen=True):
    """Whose statement it is."""

    id: str
    organization_id: str
    owner_type: str
    owner_id: str
    name: str
    time_zone: str


class Statement(Struct, frozen=True, kw_only=True):
    """The document. `opening` stands before the first transaction, `closing` after the last."""

    format: str = FORMAT
    wallet: StatementWallet
    from_: str | None = field(name="from")
    to: str | None
    opening: Standing
    closing: Standing
    transactions: tuple[StatementTransaction, ...]
    checkpoint: Checkpoint | None = None


OPENING = Standing(0, GENESIS.hex(), 0, 0, 0)

_facts = msgspec.json.Decoder(Facts).decode
_canonical = msgspec.json.Encoder(order="sorted").encode


def statement(
    wallet: Wallet,
    transactions: Sequence[Transaction],
    before: Standing,
    *,
    from_us: int | None,
    to_us: int | None,
    checkpoint: Checkpoint | None,
) -> Statement:
    """The document for these transactions, without gaps. `before` is where the book stood first.

    The checkpoint should be of the last transaction, or of `before` where there is none.
    """
    last = transactions[-1] if transactions else None
    return Statement(
        wallet=StatementWallet(
            wallet.id,
            wallet.organization_id,
            wallet.owner_type,
            wallet.owner_id,
            wallet.name,
            wallet.time_zone,
        ),
        from_=None if from_us is None else rfc3339(from_us),
        to=None if to_us is None else rfc3339(to_us),
        opening=before,
        closing=before if last is None else standing_after(last),
        transactions=tuple(statement_transaction(t) for t in transactions),
        checkpoint=checkpoint,
    )


def statement_transaction(t: Transaction) -> StatementTransaction:
    """The transaction as a statement shows it."""
    return StatementTransaction(
        id=t.id,
        wallet_id=t.wallet_id,
        sequence=t.sequence,
        type=t.type,
        credits=t.available_change,
        balance_before=t.balance_before,
        balance_after=t.available_after,
        feature=t.feature,
        category=t.category,
        quantity=t.quantity,
        price_version=t.price_version,
        member_id=t.member_id,
        source=t.source,
        source_id=t.source_id,
        idempotency_key=t.idempotency_key,
        metadata=Raw((t.metadata or "null").encode()),
        created_at=rfc3339(t.at_us),
        hash=t.hash.hex(),
        previous_hash=t.previous_hash.hex(),
        entries=tuple(_entries(t)),
        draws=tuple(StatementDraw(draw.grant_id, draw.credits) for draw in t.draws),
        remainder_before=t.facts.remainder_before or UNSET,
        remainder_after=t.facts.remainder_after or UNSET,
        reserved_after=t.reserved_after,
        locked_after=t.locked_after,
        recognized_paise=t.recognized_paise,
        metadata_text=t.metadata,
        facts_text=t.facts_text,
        hash_version=t.hash_version,
    )


def standing_after(t: Transaction) -> Standing:
    """Where the book stands after a transaction."""
    return Standing(t.sequence, t.hash.hex(), t.available_after, t.reserved_after, t.locked_after)


def standing_before(t: Transaction) -> Standing:
    """Where the book stood before a transaction."""
    return Standing(
        t.sequence - 1,
        t.previous_hash.hex(),
        t.balance_before,
        t.reserved_after - t.reserved_change,
        t.locked_after - t.locked_change,
    )


def differences(document: Statement) -> Iterator[Difference]:
    """All in which the document contradicts itself. The checkpoint's signature is not looked at.

    Raises `ValueError` for a transaction that could never have been one.
    """
    wallet_id, stands = document.wallet.id, document.opening
    if stands.sequence == 0 and stands != OPENING:
        yield Difference(
            "statement", wallet_id, "opening", "standing", _shown(OPENING), _shown(stands)
        )
    for shown in document.transactions:
        read = _read(shown)
        yield from _transaction_differences(wallet_id, shown, read, stands)
        stands = standing_after(read)
    if stands != document.closing:
        yield Difference(
            "statement", wallet_id, "closing", "standing", _shown(stands), _shown(document.closing)
        )
    yield from _checkpoint_differences(document)


def _entries(t: Transaction) -> Iterator[Entry]:
    legs = (
        ("available", t.available_change),
        ("reserved", t.reserved_change),
        ("locked", t.locked_change),
        (t.account, t.account_change),
    )
    for account, amount in legs:
        if amount and account is not None:
            yield Entry(account, "CREDIT", amount)
    for leg in legs_of(t):
        yield Entry(leg.account, "INR", leg.paise)


def _read(shown: StatementTransaction) -> Transaction:
    """The transaction that the document shows."""
    changes = {"available": 0, "reserved": 0, "locked": 0}
    account: str | None = None
    account_change = 0
    for entry in shown.entries:
        if entry.unit != "CREDIT":
            continue
        if entry.account in changes:
            changes[entry.account] += entry.amount
        else:
            account, account_change = entry.account, account_change + entry.amount
    return Transaction(
        id=TransactionId(shown.id),
        organization_id=OrganizationId(""),
        wallet_id=WalletId(shown.wallet_id),
        sequence=shown.sequence,
        type=shown.type,
        at_us=microseconds(shown.created_at),
        available_change=changes["available"],
        reserved_change=changes["reserved"],
        locked_change=changes["locked"],
        account=account,
        account_change=account_change,
        available_after=shown.balance_after,
        reserved_after=shown.reserved_after,
        locked_after=shown.locked_after,
        feature=shown.feature,
        category=shown.category,
        quantity=shown.quantity,
        price_version=shown.price_version,
        member_id=shown.member_id,
        source=shown.source,
        source_id=shown.source_id,
        idempotency_key=shown.idempotency_key,
        metadata=shown.metadata_text,
        draws=tuple(Draw(GrantId(draw.grant_id), draw.credits) for draw in shown.draws),
        facts=NO_FACTS if shown.facts_text is None else _facts(shown.facts_text),
        facts_text=shown.facts_text,
        recognized_paise=shown.recognized_paise,
        previous_hash=bytes.fromhex(shown.previous_hash),
        hash=bytes.fromhex(shown.hash),
        hash_version=shown.hash_version,
    )


def _transaction_differences(
    wallet_id: str, shown: StatementTransaction, read: Transaction, before: Standing
) -> Iterator[Difference]:
    expected = {
        **_fields(statement_transaction(read)),
        "wallet_id": wallet_id,
        "sequence": before.sequence + 1,
        "previous_hash": before.hash,
        "hash": hash_of(read).hex(),
        "balance_before": before.available_credits,
        "reserved_after": before.reserved_credits + read.reserved_change,
        "locked_after": before.locked_credits + read.locked_change,
        "hash_version": chain.VERSION,
        "entries": _entries_as_shown(shown, read),
    }
    for name, found in _fields(shown).items():
        if found != expected[name]:
            yield Difference(
                "transactions",
                wallet_id,
                f"sequence {shown.sequence}",
                name,
                _shown(expected[name]),
                _shown(found),
            )
    for unit in dict.fromkeys(entry.unit for entry in shown.entries):
        amount = sum(entry.amount for entry in shown.entries if entry.unit == unit)
        if amount:
            row, field = f"sequence {shown.sequence}", f"sum of entries in {unit}"
            yield Difference("transactions", wallet_id, row, field, 0, amount)


def _entries_as_shown(shown: StatementTransaction, read: Transaction) -> tuple[Entry, ...]:
    """The legs it must show. Statements from before there were any in INR have none of these."""
    tells_money = any(entry.unit == "INR" for entry in shown.entries)
    return tuple(each for each in _entries(read) if tells_money or each.unit != "INR")


def _fields(shown: StatementTransaction) -> dict[str, object]:
    """By name; metadata by its meaning, since a document may be set out anew."""
    fields = {name: getattr(shown, name) for name in shown.__struct_fields__}
    return {**fields, "metadata": msgspec.json.decode(shown.metadata)}


def _checkpoint_differences(document: Statement) -> Iterator[Difference]:
    checkpoint, closing = document.checkpoint, document.closing
    if checkpoint is None:
        return
    fixed = (checkpoint.wallet_id, checkpoint.sequence, checkpoint.hash)
    stands = (document.wallet.id, closing.sequence, closing.hash)
    if fixed != stands:
        yield Difference(
            "statement",
            document.wallet.id,
            "checkpoint",
            "wallet, sequence and hash",
            _shown(stands),
            _shown(fixed),
        )


def _shown(value: object) -> str | int | None:
    if value is None or isinstance(value, str | int):
        return value
    return "absent" if value is UNSET else _canonical(value).decode()
