"""What a batch writes: one statement a table, whatever the size of the batch."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from khata.domain.acts import Act
from khata.domain.commands import Extended
from khata.domain.ids import WalletId, bucket_of
from khata.domain.ledger import Transaction
from khata.domain.usage import rollup
from khata.domain.wallet import Book
from khata.engine.books import Changes, KeptAnswer
from khata.postgres.binary import Array, byteas, int2s, int8s, texts, times
from khata.postgres.bought import bought
from khata.postgres.counters import shared_update
from khata.postgres.records import (
    Records,
    SharedTexts,
    accounts_record,
    cap_record,
    counter_record,
    hold_record,
    lot_record,
    outbox_record,
    transaction_record,
    usage_record,
)
from khata.postgres.wire import Statement

INSERT_TRANSACTIONS = "insert into transactions select * from unnest($1::transactions[])"

UPDATE_ACCOUNTS = """
update accounts a set revision = n.revision, sequence = n.sequence, head = n.head, at = n.at,
  available = n.available,
  reserved = n.reserved, locked = n.locked, debt = n.debt, issued_purchase = n.issued_purchase,
  issued_bonus = n.issued_bonus, issued_promo = n.issued_promo, issued_plan = n.issued_plan,
  adjusted = n.adjusted, consumed = n.consumed, expired = n.expired,
  transferred = n.transferred, clawed_back = n.clawed_back,
  recharge_below = n.recharge_below, recharges = n.recharges
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
insert into cap_counters as c select * from unnest($1::cap_counters[])
on conflict (bucket, wallet_id, day, cap) do update set used = excluded.used"""

UPSERT_COUNTERS = """
insert into budget_counters as c select * from unnest($1::budget_counters[])
on conflict (bucket, wallet_id, budget_id, since, subject) do update set used = excluded.used"""

ADD_USAGE = """
insert into usage_hourly as u select * from unnest($1::usage_hourly[])
on conflict (bucket, wallet_id, hour, feature, member_id) do update
  set credits = u.credits + excluded.credits, count = u.count + excluded.count,
      quantity = u.quantity + excluded.quantity"""

INSERT_OUTBOX = "insert into outbox select * from unnest($1::outbox[])"

INSERT_ANSWERS = """
insert into answers (bucket, wallet_id, idempotency_key, organization_id, fingerprint, at,
  outcome, refusal_id, code, circumstances)
select * from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::bytea[],
  $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::text[])"""

# At most one is under way by the index of that name. Should there be one nevertheless, the charge
# stands all the same: that one goes on, and arms the wallet when it ends.
INSERT_RECHARGES = """
insert into recharges (bucket, wallet_id, number, organization_id, state, created_at, updated_at)
select bucket_, wallet_, number_, organization_, 'triggered', at_, at_
from unnest($1::smallint[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[])
  as begun (bucket_, wallet_, number_, organization_, at_)
on conflict do nothing"""

INSERT_RECHARGE_JOBS = """
insert into jobs (bucket, kind, subject, wallet_id, run_at, created_at)
select bucket_, 'recharge', wallet_ || '/' || number_, wallet_, at_, at_
from unnest($1::smallint[], $2::text[], $3::bigint[], $4::timestamptz[])
  as begun (bucket_, wallet_, number_, at_)
on conflict do nothing"""

# The columns of `audit_log`, for many acts at once.
INSERT_ACTS = """
insert into audit_log (id, organization_id, at, actor, address, request_id, action, subject,
  before, after)
select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
  $7::text[], $8::text[], $9::text[], $10::text[])"""

Pairs = list[tuple[Book, Book]]

_encode = msgspec.json.Encoder().encode


def insertion(transactions: Sequence[Transaction], shared: SharedTexts) -> Statement:
    """The statement that adds these transactions to the ledger."""
    rows = [transaction_record(t, shared) for t in transactions]
    return INSERT_TRANSACTIONS, (Records("transactions", rows),)


def statements(changes: Changes, shared: SharedTexts) -> Iterator[Statement]:
    """The statements that write all but the transactions themselves."""
    pairs = changed_books(changes)
    if pairs:
        rows = [accounts_record(after, shared) for _, after in pairs]
        yield UPDATE_ACCOUNTS, (Records("accounts", rows),)
    news = [
        outbox_record(before, after, shared)
        for before, after in pairs
        if after.accounts is not before.accounts
    ]
    if news:
        yield INSERT_OUTBOX, (Records("outbox", news),)
    yield from _lots(pairs, shared)
    yield from _holds(pairs, shared)
    yield from _meters(pairs)
    yield from _caps(pairs, shared)
    yield from _counters(pairs, shared)
    if changes.shared:
        yield shared_update(changes.shared)
    yield from _usage(changes, shared)
    yield from bought(changes.transactions)
    yield from _recharges(pairs)
    if changes.acts:
        yield INSERT_ACTS, _acts(changes.acts)
    if changes.answers:
        yield INSERT_ANSWERS, _answers(changes, changes.answers)


def changed_books(changes: Changes) -> Pairs:
    """The books that a batch changed, before and after."""
    return [
        (changes.before[wallet_id], after)
        for wallet_id, after in changes.after.items()
        if after is not changes.before[wallet_id]
    ]


def _lots(pairs: Pairs, shared: SharedTexts) -> Iterator[Statement]:
    made: list[bytes] = []
    changed: list[bytes] = []
    for before, after in pairs:
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


def _holds(pairs: Pairs, shared: SharedTexts) -> Iterator[Statement]:
    made: list[bytes] = []
    changed: list[bytes] = []
    for before, after in pairs:
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


def _meters(pairs: Pairs) -> Iterator[Statement]:
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


def _caps(pairs: Pairs, shared: SharedTexts) -> Iterator[Statement]:
    rows = [
        cap_record(after, cap, day, used, shared)
        for before, after in pairs
        if after.caps is not before.caps
        for (cap, day), used in after.caps.items()
        if before.caps.get((cap, day)) != used
    ]
    if rows:
        yield UPSERT_CAPS, (Records("cap_counters", rows),)


def _counters(pairs: Pairs, shared: SharedTexts) -> Iterator[Statement]:
    rows = [
        counter_record(after, counter, used, shared)
        for before, after in pairs
        if after.counts.own is not before.counts.own
        for counter, used in after.counts.own.items()
        if before.counts.own.get(counter) != used
    ]
    if rows:
        yield UPSERT_COUNTERS, (Records("budget_counters", rows),)


def _usage(changes: Changes, shared: SharedTexts) -> Iterator[Statement]:
    zones = {wallet_id: book.wallet.time_zone for wallet_id, book in changes.after.items()}
    used = rollup(changes.transactions, zones)
    if used:
        books = changes.after
        rows = [
            usage_record(books[key.wallet_id], key, usage, shared) for key, usage in used.items()
        ]
        yield ADD_USAGE, (Records("usage_hourly", rows),)


def _recharges(pairs: Pairs) -> Iterator[Statement]:
    begun = [after for before, after in pairs if after.recharges != before.recharges]
    if begun:
        numbers = int8s([book.recharges for book in begun])
        at = times([book.accounts.at_us for book in begun])
        yield INSERT_RECHARGES, (*_ids(begun), numbers, _organizations(begun), at)
        yield INSERT_RECHARGE_JOBS, (*_ids(begun), numbers, at)


def _acts(acts: Sequence[Act]) -> tuple[Array, ...]:
    moved = [act.transaction for act in acts]
    return (
        texts([act.id for act in acts]),
        texts([t.organization_id for t in moved]),
        times([t.at_us for t in moved]),
        texts([act.by.id for act in acts]),
        texts([act.by.address for act in acts]),
        texts([act.by.request_id for act in acts]),
        texts([act.action for act in acts]),
        texts([t.wallet_id for t in moved]),
        texts([_encode(act.before).decode() for act in acts]),
        texts([_encode(act.after).decode() for act in acts]),
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
        texts([answer.refusal_id for answer in answers]),
        texts([_code(answer) for answer in answers]),
        texts([_circumstances(answer) for answer in answers]),
    )


def _code(answer: KeptAnswer) -> str | None:
    return None if isinstance(answer.outcome, Extended) else answer.outcome.code


def _circumstances(answer: KeptAnswer) -> str | None:
    so = answer.circumstances
    return None if so is None else _encode(so).decode()


def _ids(books: Iterable[Book]) -> tuple[Array, Array]:
    wallets: list[WalletId] = [book.wallet.id for book in books]
    return int2s([bucket_of(wallet) for wallet in wallets]), texts(wallets)


def _organizations(books: Iterable[Book]) -> Array:
    return texts([book.wallet.organization_id for book in books])
