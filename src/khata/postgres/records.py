"""Rows as an array of a table's own row type, in PostgreSQL's binary form.

`unnest($1::transactions[])` gives whole rows for the price of one array. An array a column costs
five times as much to unnest: each is put into a store of its own first (31 columns: 7.5 against
1.6 microseconds a row). A row's columns stand in the order of the table, each with its type.
"""

from collections.abc import Sequence
from struct import Struct as Layout

from khata.domain.budgets import BudgetUse, Counter
from khata.domain.ids import bucket_of
from khata.domain.ledger import Transaction
from khata.domain.usage import Usage, UsageKey
from khata.domain.wallet import Accounts, Book, Draw, Hold, Lot
from khata.postgres.binary import timestamp
from khata.postgres.rows import encoded

_BOOL, _BYTEA, _INT8, _INT2, _INT4, _TEXT, _TIME = 16, 17, 20, 21, 23, 25, 1184

_head = Layout(">iiiii").pack
_length = Layout(">i").pack
_typed = Layout(">ii").pack
_int2 = Layout(">iih").pack
_int4 = Layout(">iii").pack
_int8 = Layout(">iiq").pack
_bool = Layout(">ii?").pack
_start = Layout(">iiih").pack
_int8s = [Layout(">" + "iiq" * count).pack for count in range(15)]

_NULL_TEXT = _typed(_TEXT, -1)
_NULL_BYTEA = _typed(_BYTEA, -1)
_NULL_INT8 = _typed(_INT8, -1)
_NULL_INT4 = _typed(_INT4, -1)
_HASH = _typed(_BYTEA, 32)


class Records:
    """An array parameter of rows of a table. The connection knows the type's number."""

    __slots__ = ("rows", "table")

    def __init__(self, table: str, rows: Sequence[bytes]) -> None:
        self.table = table
        self.rows = rows

    def payload(self, type_oid: int) -> bytes:
        """The array in binary form."""
        parts = [_head(1, 0, type_oid, len(self.rows), 1)]
        for row in self.rows:
            parts.append(_length(len(row)))
            parts.append(row)
        return b"".join(parts)


class SharedTexts:
    """Texts that many rows of a batch share, encoded once."""

    def __init__(self) -> None:
        self._fields: dict[str | None, bytes] = {None: _NULL_TEXT}
        self._starts: dict[tuple[int, str], bytes] = {}
        self._usages: dict[tuple[object, ...], bytes] = {}

    def __call__(self, value: str | None) -> bytes:
        field = self._fields.get(value)
        if field is None:
            field = self._fields[value] = _text(value)
        return field

    def start(self, columns: int, wallet_id: str) -> bytes:
        """The number of columns, the bucket and the wallet, with which each row begins."""
        start = self._starts.get((columns, wallet_id))
        if start is None:
            start = _start(columns, _INT2, 2, bucket_of(wallet_id)) + self(wallet_id)
            self._starts[columns, wallet_id] = start
        return start

    def usage(self, t: Transaction) -> bytes:
        """What was used at which price by whom: much the same for many charges."""
        key = (t.feature, t.category, t.quantity, t.price_version, t.member_id, t.source)
        fields = self._usages.get(key)
        if fields is None:
            fields = self._usages[key] = b"".join(
                (
                    self(t.feature),
                    self(t.category),
                    _NULL_INT8 if t.quantity is None else _int8(_INT8, 8, t.quantity),
                    _NULL_INT4 if t.price_version is None else _int4(_INT4, 4, t.price_version),
                    self(t.member_id),
                    self(t.source),
                )
            )
        return fields


def transaction_record(t: Transaction, shared: SharedTexts) -> bytes:
    """A row of `transactions`."""
    return b"".join(
        (
            shared.start(31, t.wallet_id),
            _int8(_INT8, 8, t.sequence),
            _text(t.id),
            shared(t.organization_id),
            shared(t.type),
            _int8s[4](
                *(_TIME, 8, timestamp(t.at_us), _INT8, 8, t.available_change),
                *(_INT8, 8, t.reserved_change, _INT8, 8, t.locked_change),
            ),
            shared(t.account),
            _int8s[4](
                *(_INT8, 8, t.account_change, _INT8, 8, t.available_after),
                *(_INT8, 8, t.reserved_after, _INT8, 8, t.locked_after),
            ),
            shared.usage(t),
            _text(t.source_id),
            _text(t.idempotency_key),
            _NULL_BYTEA if t.fingerprint is None else _bytea(t.fingerprint),
            _text(t.metadata),
            _json(t.draws),
            _text(t.facts_text),
            _int8(_INT8, 8, t.recognized_paise),
            _int2(_INT2, 2, t.hash_version),
            _HASH,
            t.previous_hash,
            _HASH,
            t.hash,
        )
    )


def accounts_record(book: Book, shared: SharedTexts) -> bytes:
    """A row of `accounts`, of the revision that follows the book's."""
    a: Accounts = book.accounts
    return b"".join(
        (
            shared.start(22, book.wallet.id),
            shared(book.wallet.organization_id),
            _int8s[2](*(_INT8, 8, book.revision + 1, _INT8, 8, a.sequence)),
            _HASH,
            a.head,
            _int8s[14](
                *(_TIME, 8, timestamp(a.at_us), _INT8, 8, a.available),
                *(_INT8, 8, a.reserved, _INT8, 8, a.locked, _INT8, 8, a.debt),
                *(_INT8, 8, a.issued_purchase, _INT8, 8, a.issued_bonus),
                *(_INT8, 8, a.issued_promo, _INT8, 8, a.issued_plan),
                *(_INT8, 8, a.adjusted, _INT8, 8, a.consumed, _INT8, 8, a.expired),
                *(_INT8, 8, a.transferred, _INT8, 8, a.clawed_back),
            ),
            _NULL_INT8 if book.recharge_below is None else _int8(_INT8, 8, book.recharge_below),
            _int8(_INT8, 8, book.recharges),
        )
    )


def lot_record(book: Book, lot: Lot, shared: SharedTexts) -> bytes:
    """A row of `grants`."""
    return b"".join(
        (
            shared.start(20, book.wallet.id),
            _text(lot.id),
            shared(book.wallet.organization_id),
            shared(lot.kind),
            _int2(_INT2, 2, lot.priority),
            _int8(_TIME, 8, timestamp(lot.expires_at_us)),
            _bool(_BOOL, 1, lot.transferable),
            _int8s[5](
                *(_INT8, 8, lot.granted, _INT8, 8, lot.available, _INT8, 8, lot.reserved),
                *(_INT8, 8, lot.locked, _INT8, 8, lot.clawed_back),
            ),
            _bool(_BOOL, 1, lot.available + lot.reserved + lot.locked > 0),
            _int8(_INT8, 8, lot.cost_paise),
            _text(lot.payment_id),
            _text(lot.from_grant_id),
            _text(lot.note),
            _int8s[2](*(_INT8, 8, lot.sequence, _TIME, 8, timestamp(lot.created_at_us))),
        )
    )


def hold_record(book: Book, hold: Hold, shared: SharedTexts) -> bytes:
    """A row of `holds`."""
    return b"".join(
        (
            shared.start(19, book.wallet.id),
            _text(hold.id),
            shared(book.wallet.organization_id),
            shared(hold.state),
            shared(hold.feature),
            shared(hold.category),
            _NULL_INT8 if hold.quantity is None else _int8(_INT8, 8, hold.quantity),
            _int8s[2](*(_INT8, 8, hold.credits, _INT8, 8, hold.captured)),
            _int4(_INT4, 4, hold.price_version),
            _int8s[2](
                *(_TIME, 8, timestamp(hold.expires_at_us)),
                *(_TIME, 8, timestamp(hold.created_at_us)),
            ),
            _json(hold.draws),
            shared(hold.member_id),
            shared(hold.cap),
            _int4(_INT4, 4, hold.day),
            _text(hold.metadata),
            _json(hold.budgets) if hold.budgets else _NULL_TEXT,
        )
    )


def cap_record(book: Book, cap: str, day: int, used: int, shared: SharedTexts) -> bytes:
    """A row of `cap_counters`."""
    return b"".join(
        (
            shared.start(6, book.wallet.id),
            _int4(_INT4, 4, day),
            shared(cap),
            shared(book.wallet.organization_id),
            _int8(_INT8, 8, used),
        )
    )


def counter_record(book: Book, counter: Counter, used: int, shared: SharedTexts) -> bytes:
    """A row of `budget_counters`."""
    return b"".join(
        (
            shared.start(7, book.wallet.id),
            shared(counter.budget_id),
            _int8(_TIME, 8, timestamp(counter.since_us)),
            shared(counter.subject),
            shared(book.wallet.organization_id),
            _int8(_INT8, 8, used),
        )
    )


def usage_record(book: Book, key: UsageKey, usage: Usage, shared: SharedTexts) -> bytes:
    """A row of `usage_hourly`."""
    return b"".join(
        (
            shared.start(10, book.wallet.id),
            _int8(_TIME, 8, timestamp(key.hour_us)),
            shared(key.feature),
            shared(key.member_id),
            shared(book.wallet.organization_id),
            shared(usage.category),
            _int8s[3](
                *(_INT8, 8, usage.credits, _INT8, 8, usage.charges, _INT8, 8, usage.quantity)
            ),
        )
    )


def outbox_record(before: Book, after: Book, shared: SharedTexts) -> bytes:
    """A row of `outbox`: the stretch of the ledger between two states of a book."""
    return b"".join(
        (
            shared.start(6, after.wallet.id),
            _int8s[2](*(_INT8, 8, after.accounts.sequence, _INT8, 8, before.accounts.sequence + 1)),
            shared(after.wallet.organization_id),
            _int8(_TIME, 8, timestamp(after.accounts.at_us)),
        )
    )


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL_TEXT
    text = value.encode()
    return _typed(_TEXT, len(text)) + text


def _bytea(value: bytes) -> bytes:
    return _typed(_BYTEA, len(value)) + value


def _json(value: tuple[Draw, ...] | tuple[BudgetUse, ...]) -> bytes:
    text = encoded(value)
    return _typed(_TEXT, len(text)) + text
