"""What a batch writes: one statement a table, whatever the size of the batch."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from khata.domain.ids import WalletId, bucket_of
from khata.domain.ledger import Transaction
from khata.domain.usage import rollup
from khata.domain.wallet import Book
from khata.engine.books import Changes, KeptAnswer
from khata.postgres.binary import Array, byteas, int2s, int4s, int8s, texts, times
from khata.postgres.records import (
    Records,
    SharedTexts,
    accounts_record,
    hold_record,
    lot_record,
    transaction_record,
)
from khata.postgres.wire import Statement

INSERT_TRANSACTIONS = "insert into transactions select * from unnest($1::transactions[])"

UPDATE_ACCOUNTS = """
update accounts a set revision = n.revision, sequence = n.sequence, head = n.head, at = n.at,
  available = n.available,
  reserved = n.reserved, locked = n.locked, debt = n.debt, issued_purchase = n.issued_purchase,
  issued_bonus = n.issued_bonus, issued_promo = n.issued_promo, issued_plan = n.issued_plan,
  adjusted = n.adjusted, consumed = n.consumed, expired = n.expired,
  transferred = n.transferred, clawed_back = n.clawed_back
from unnest($1::accounts[]) as n
where a.bucket = n.bucket and a.wallet_id = n.wallet_id"""

INSERT_LOTS = "insert into grants select * from unnest($1::grants[])"

UPDATE_LOTS = """
update grants g set available = n.available, reserved = n.reserved, locked = n.locked,
  clawed_back = n.clawed_back, live = n.live
from unnest($1::grants[]) as n
where g.bucket = n.bucket and g.wallet_id = n.wallet_id and g.id = n.id"""

INSERT_HOLDS = "insert into holds select * from unnest($1::holds[])"

UPDATE_HOLDS = """
update holds h set state = n.state, captured = n.captured, expires_at = n.expires_at
from unnest($1::holds[]) as n
where h.bucket = n.bucket and h.wallet_id = n.wallet_id and h.id = n.id"""

UPSERT_METERS = """
insert into meters as m (bucket, wallet_id, feature, organization_id, numerator, denominator)
select bucket, wallet_id, feature, organization_id, numerator::numeric, denominator::numeric
from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
  as n (bucket, wallet_id, feature, organization_id, numerator, denominator)
on conflict (bucket, wallet_id, feature) do update
  set numerator = excluded.numerator, denominator = excluded.denominator"""

UPSERT_CAPS = """
insert into cap_counters as c (bucket, wallet_id, day, cap, organization_id, used)
select * from unnest($1::smallint[], $2::text[], $3::integer[], $4::text[], $5::text[],
  $6::bigint[])
on conflict (bucket, wallet_id, day, cap) do update set used = excluded.used"""

ADD_USAGE = """
insert into usage_hourly as u (bucket, wallet_id, hour, feature, member_id, organization_id,
  category, credits, count, quantity)
select * from unnest($1::smallint[], $2::text[], $3::timestamptz[], $4::text[], $5::text[],
  $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[])
on conflict (bucket, wallet_id, hour, feature, member_id) do update
  set credits = u.credits + excluded.credits, count = u.count + excluded.count,
      quantity = u.quantity + excluded.quantity"""

INSERT_OUTBOX = """
insert into outbox (bucket, wallet_id, sequence, first_sequence, organization_id, at)
select * from unnest($1::smallint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[],
  $6::timestamptz[])"""

INSERT_ANSWERS = """
insert into answers (bucket, wallet_id, idempotency_key, organization_id, fingerprint, at,
  outcome)
select * from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::bytea[],
  $6::timestamptz[], $7::text[])"""

_encode = msgspec.json.Encoder().encode


def insertion(transactions: Sequence[Transaction], shared: SharedTexts) -> Statement:
    """The statement that adds these transactions to the ledger."""
    rows = [transaction_record(t, shared) for t in transactions]
    return INSERT_TRANSACTIONS, (Records("transactions", rows),)


def statements(changes: Changes, shared: SharedTexts) -> Iterator[Statement]:
    """The statements that write all but the transactions themselves."""
    changed = [after for _, after in _pairs(changes)]
    if changed:
        rows = [accounts_record(revised(book), shared) for book in changed]
        yield UPDATE_ACCOUNTS, (Records("accounts", rows),)
    moved = [after for before, after in _pairs(changes) if after.accounts is not before.accounts]
    if moved:
        yield INSERT_OUTBOX, _outbox(changes, moved)
    yield from _lots(changes, shared)
    yield from _holds(changes, shared)
    yield from _counters(changes)
    yield from _usage(changes)
    if changes.answers:
        yield INSERT_ANSWERS, _answers(changes, changes.answers)


def revised(book: Book) -> Book:
    """The book as it is once written."""
    return replace(book, revision=book.revision + 1)


def _outbox(changes: Changes, books: Sequence[Book]) -> tuple[Array, ...]:
    return (
        *_ids(books),
        int8s([book.accounts.sequence for book in books]),
        int8s([changes.before[book.wallet.id].accounts.sequence + 1 for book in books]),
        _organizations(books),
        times([book.accounts.at_us for book in books]),
    )


def _lots(changes: Changes, shared: SharedTexts) -> Iterator[Statement]:
    made: list[bytes] = []
    changed: list[bytes] = []
    for before, after in _pairs(changes):
        if after.lots is before.lots:
            continue
        known = {lot.id: lot for lot in before.lots}
        for lot in after.lots:
            old = known.get(lot.id)
            if old is not lot and old != lot:
                (made if old is None else changed).append(lot_record(after, lot, shared))
    if made:
        yield INSERT_LOTS, (Records("grants", made),)
    if changed:
        yield UPDATE_LOTS, (Records("grants", changed),)


def _holds(changes: Changes, shared: SharedTexts) -> Iterator[Statement]:
    made: list[bytes] = []
    changed: list[bytes] = []
    for before, after in _pairs(changes):
        if after.holds is before.holds:
            continue
        for hold_id, hold in after.holds.items():
            old = before.holds.get(hold_id)
            if old is not hold:
                (made if old is None else changed).append(hold_record(after, hold, shared))
    if made:
        yield INSERT_HOLDS, (Records("holds", made),)
    if changed:
        yield UPDATE_HOLDS, (Records("holds", changed),)


def _counters(changes: Changes) -> Iterator[Statement]:
    pairs = list(_pairs(changes))
    meters = [
        (after, feature, remainder)
        for before, after in pairs
        if after.meters is not before.meters
        for feature, remainder in after.meters.items()
        if before.meters.get(feature) != remainder
    ]
    if meters:
        books = [book for book, _, _ in meters]
        yield (
            UPSERT_METERS,
            (
                *_ids(books),
                texts([feature for _, feature, _ in meters]),
                _organizations(books),
                texts([str(remainder.numerator) for _, _, remainder in meters]),
                texts([str(remainder.denominator) for _, _, remainder in meters]),
            ),
        )
    caps = [
        (after, cap, day, used)
        for before, after in pairs
        if after.caps is not before.caps
        for (cap, day), used in after.caps.items()
        if before.caps.get((cap, day)) != used
    ]
    if caps:
        books = [book for book, _, _, _ in caps]
        yield (
            UPSERT_CAPS,
            (
                *_ids(books),
                int4s([day for _, _, day, _ in caps]),
                texts([cap for _, cap, _, _ in caps]),
                _organizations(books),
                int8s([used for _, _, _, used in caps]),
            ),
        )


def _usage(changes: Changes) -> Iterator[Statement]:
    zones = {wallet_id: book.wallet.time_zone for wallet_id, book in changes.after.items()}
    used = rollup(changes.transactions, zones)
    if not used:
        return
    books = [changes.after[key.wallet_id] for key in used]
    yield (
        ADD_USAGE,
        (
            *_ids(books),
            times([key.hour_us for key in used]),
            texts([key.feature for key in used]),
            texts([key.member_id for key in used]),
            _organizations(books),
            texts([usage.category for usage in used.values()]),
            int8s([usage.credits for usage in used.values()]),
            int8s([usage.charges for usage in used.values()]),
            int8s([usage.quantity for usage in used.values()]),
        ),
    )


def _answers(changes: Changes, answers: Sequence[KeptAnswer]) -> tuple[Array, ...]:
    books = [changes.after[answer.wallet_id] for answer in answers]
    return (
        *_ids(books),
        texts([answer.idempotency_key for answer in answers]),
        _organizations(books),
        byteas([answer.fingerprint for answer in answers]),
        times([answer.at_us for answer in answers]),
        texts([_encode(answer.outcome).decode() for answer in answers]),
    )


def _pairs(changes: Changes) -> Iterator[tuple[Book, Book]]:
    for wallet_id, after in changes.after.items():
        before = changes.before[wallet_id]
        if after is not before:
            yield before, after


def _ids(books: Iterable[Book]) -> tuple[Array, Array]:
    wallets: list[WalletId] = [book.wallet.id for book in books]
    return int2s([bucket_of(wallet) for wallet in wallets]), texts(wallets)


def _organizations(books: Iterable[Book]) -> Array:
    return texts([book.wallet.organization_id for book in books])
