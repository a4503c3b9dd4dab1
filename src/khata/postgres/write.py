"""What a batch writes: one statement a table, whatever the size of the batch."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from khata.domain.ids import WalletId, bucket_of
from khata.domain.ledger import Transaction
from khata.domain.usage import rollup
from khata.domain.wallet import Book, Hold, Lot
from khata.engine.books import Changes, KeptAnswer
from khata.postgres.binary import Array, bools, byteas, int2s, int4s, int8s, texts, times
from khata.postgres.rows import TRANSACTION_COLUMNS, draws_text
from khata.postgres.wire import Statement

INSERT_TRANSACTIONS = f"""
insert into transactions (bucket, {TRANSACTION_COLUMNS})
select * from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::bigint[],
  $6::text[], $7::timestamptz[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[],
  $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::text[], $17::text[],
  $18::bigint[], $19::integer[], $20::text[], $21::text[], $22::text[], $23::text[],
  $24::text[], $25::text[], $26::text[], $27::bigint[], $28::bytea[], $29::bytea[],
  $30::bytea[], $31::smallint[])"""

UPDATE_ACCOUNTS = """
update accounts a set sequence = n.sequence, head = n.head, at = n.at, available = n.available,
  reserved = n.reserved, locked = n.locked, debt = n.debt, issued_purchase = n.issued_purchase,
  issued_bonus = n.issued_bonus, issued_promo = n.issued_promo, issued_plan = n.issued_plan,
  adjusted = n.adjusted, consumed = n.consumed, expired = n.expired,
  transferred = n.transferred, clawed_back = n.clawed_back
from unnest($1::smallint[], $2::text[], $3::bigint[], $4::bytea[], $5::timestamptz[],
  $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
  $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[],
  $18::bigint[]) as n (bucket, wallet_id, sequence, head, at, available, reserved, locked, debt,
  issued_purchase, issued_bonus, issued_promo, issued_plan, adjusted, consumed, expired,
  transferred, clawed_back)
where a.bucket = n.bucket and a.wallet_id = n.wallet_id"""

INSERT_LOTS = """
insert into grants (bucket, wallet_id, id, organization_id, kind, priority, expires_at,
  transferable, granted, available, reserved, locked, clawed_back, live, cost_paise, payment_id,
  from_grant_id, note, sequence, created_at)
select * from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::text[],
  $6::smallint[], $7::timestamptz[], $8::boolean[], $9::bigint[], $10::bigint[], $11::bigint[],
  $12::bigint[], $13::bigint[], $14::boolean[], $15::bigint[], $16::text[], $17::text[],
  $18::text[], $19::bigint[], $20::timestamptz[])"""

UPDATE_LOTS = """
update grants g set available = n.available, reserved = n.reserved, locked = n.locked,
  clawed_back = n.clawed_back, live = n.live
from unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
  $7::bigint[], $8::boolean[])
  as n (bucket, wallet_id, id, available, reserved, locked, clawed_back, live)
where g.bucket = n.bucket and g.wallet_id = n.wallet_id and g.id = n.id"""

INSERT_HOLDS = """
insert into holds (bucket, wallet_id, id, organization_id, state, feature, category, quantity,
  credits, captured, price_version, expires_at, created_at, draws, member_id, cap, day, metadata)
select * from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
  $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::integer[], $12::timestamptz[],
  $13::timestamptz[], $14::text[], $15::text[], $16::text[], $17::integer[], $18::text[])"""

UPDATE_HOLDS = """
update holds h set state = n.state, captured = n.captured, expires_at = n.expires_at
from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[])
  as n (bucket, wallet_id, id, state, captured, expires_at)
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


def statements(changes: Changes) -> Iterator[Statement]:
    """The statements that write these changes, in one flush."""
    if changes.transactions:
        yield INSERT_TRANSACTIONS, _transactions(changes.transactions)
    moved = [
        book
        for wallet_id, book in changes.after.items()
        if book.accounts is not changes.before[wallet_id].accounts
    ]
    if moved:
        yield UPDATE_ACCOUNTS, _accounts(moved)
        yield INSERT_OUTBOX, _outbox(changes, moved)
    yield from _lots(changes)
    yield from _holds(changes)
    yield from _counters(changes)
    yield from _usage(changes)
    if changes.answers:
        yield INSERT_ANSWERS, _answers(changes, changes.answers)


def _transactions(transactions: Sequence[Transaction]) -> tuple[Array, ...]:
    ts = transactions
    return (
        int2s([bucket_of(t.wallet_id) for t in ts]),
        texts([t.id for t in ts]),
        texts([t.organization_id for t in ts]),
        texts([t.wallet_id for t in ts]),
        int8s([t.sequence for t in ts]),
        texts([t.type for t in ts]),
        times([t.at_us for t in ts]),
        int8s([t.available_change for t in ts]),
        int8s([t.reserved_change for t in ts]),
        int8s([t.locked_change for t in ts]),
        texts([t.account for t in ts]),
        int8s([t.account_change for t in ts]),
        int8s([t.available_after for t in ts]),
        int8s([t.reserved_after for t in ts]),
        int8s([t.locked_after for t in ts]),
        texts([t.feature for t in ts]),
        texts([t.category for t in ts]),
        int8s([t.quantity for t in ts]),
        int4s([t.price_version for t in ts]),
        texts([t.member_id for t in ts]),
        texts([t.source for t in ts]),
        texts([t.source_id for t in ts]),
        texts([t.idempotency_key for t in ts]),
        texts([t.metadata for t in ts]),
        texts([draws_text(t.draws) for t in ts]),
        texts([t.facts_text for t in ts]),
        int8s([t.recognized_paise for t in ts]),
        byteas([t.previous_hash for t in ts]),
        byteas([t.hash for t in ts]),
        byteas([t.fingerprint for t in ts]),
        int2s([t.hash_version for t in ts]),
    )


def _accounts(books: Sequence[Book]) -> tuple[Array, ...]:
    accounts = [book.accounts for book in books]
    return (
        *_ids(books),
        int8s([a.sequence for a in accounts]),
        byteas([a.head for a in accounts]),
        times([a.at_us for a in accounts]),
        int8s([a.available for a in accounts]),
        int8s([a.reserved for a in accounts]),
        int8s([a.locked for a in accounts]),
        int8s([a.debt for a in accounts]),
        int8s([a.issued_purchase for a in accounts]),
        int8s([a.issued_bonus for a in accounts]),
        int8s([a.issued_promo for a in accounts]),
        int8s([a.issued_plan for a in accounts]),
        int8s([a.adjusted for a in accounts]),
        int8s([a.consumed for a in accounts]),
        int8s([a.expired for a in accounts]),
        int8s([a.transferred for a in accounts]),
        int8s([a.clawed_back for a in accounts]),
    )


def _outbox(changes: Changes, books: Sequence[Book]) -> tuple[Array, ...]:
    return (
        *_ids(books),
        int8s([book.accounts.sequence for book in books]),
        int8s([changes.before[book.wallet.id].accounts.sequence + 1 for book in books]),
        _organizations(books),
        times([book.accounts.at_us for book in books]),
    )


def _lots(changes: Changes) -> Iterator[Statement]:
    made: list[tuple[Book, Lot]] = []
    changed: list[tuple[Book, Lot]] = []
    for before, after in _pairs(changes):
        if after.lots is before.lots:
            continue
        known = {lot.id: lot for lot in before.lots}
        for lot in after.lots:
            old = known.get(lot.id)
            if old is None:
                made.append((after, lot))
            elif old is not lot and old != lot:
                changed.append((after, lot))
    if made:
        yield INSERT_LOTS, _new_lots(made)
    if changed:
        lots = [lot for _, lot in changed]
        yield (
            UPDATE_LOTS,
            (
                *_ids([book for book, _ in changed]),
                texts([lot.id for lot in lots]),
                int8s([lot.available for lot in lots]),
                int8s([lot.reserved for lot in lots]),
                int8s([lot.locked for lot in lots]),
                int8s([lot.clawed_back for lot in lots]),
                bools([_is_live(lot) for lot in lots]),
            ),
        )


def _new_lots(made: Sequence[tuple[Book, Lot]]) -> tuple[Array, ...]:
    books, lots = [book for book, _ in made], [lot for _, lot in made]
    return (
        *_ids(books),
        texts([lot.id for lot in lots]),
        _organizations(books),
        texts([lot.kind for lot in lots]),
        int2s([lot.priority for lot in lots]),
        times([lot.expires_at_us for lot in lots]),
        bools([lot.transferable for lot in lots]),
        int8s([lot.granted for lot in lots]),
        int8s([lot.available for lot in lots]),
        int8s([lot.reserved for lot in lots]),
        int8s([lot.locked for lot in lots]),
        int8s([lot.clawed_back for lot in lots]),
        bools([_is_live(lot) for lot in lots]),
        int8s([lot.cost_paise for lot in lots]),
        texts([lot.payment_id for lot in lots]),
        texts([lot.from_grant_id for lot in lots]),
        texts([lot.note for lot in lots]),
        int8s([lot.sequence for lot in lots]),
        times([lot.created_at_us for lot in lots]),
    )


def _is_live(lot: Lot) -> bool:
    return lot.available + lot.reserved + lot.locked > 0


def _holds(changes: Changes) -> Iterator[Statement]:
    made: list[tuple[Book, Hold]] = []
    changed: list[tuple[Book, Hold]] = []
    for before, after in _pairs(changes):
        if after.holds is before.holds:
            continue
        for hold_id, hold in after.holds.items():
            old = before.holds.get(hold_id)
            if old is None:
                made.append((after, hold))
            elif old is not hold:
                changed.append((after, hold))
    if made:
        yield INSERT_HOLDS, _new_holds(made)
    if changed:
        holds = [hold for _, hold in changed]
        yield (
            UPDATE_HOLDS,
            (
                *_ids([book for book, _ in changed]),
                texts([hold.id for hold in holds]),
                texts([hold.state for hold in holds]),
                int8s([hold.captured for hold in holds]),
                times([hold.expires_at_us for hold in holds]),
            ),
        )


def _new_holds(made: Sequence[tuple[Book, Hold]]) -> tuple[Array, ...]:
    books, holds = [book for book, _ in made], [hold for _, hold in made]
    return (
        *_ids(books),
        texts([hold.id for hold in holds]),
        _organizations(books),
        texts([hold.state for hold in holds]),
        texts([hold.feature for hold in holds]),
        texts([hold.category for hold in holds]),
        int8s([hold.quantity for hold in holds]),
        int8s([hold.credits for hold in holds]),
        int8s([hold.captured for hold in holds]),
        int4s([hold.price_version for hold in holds]),
        times([hold.expires_at_us for hold in holds]),
        times([hold.created_at_us for hold in holds]),
        texts([draws_text(hold.draws) for hold in holds]),
        texts([hold.member_id for hold in holds]),
        texts([hold.cap for hold in holds]),
        int4s([hold.day for hold in holds]),
        texts([hold.metadata for hold in holds]),
    )


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
