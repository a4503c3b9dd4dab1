"""What a batch reads: the wallets locked, then everything that a decision on them may need."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from khata.domain.commands import Extended, Recorded
from khata.domain.ids import GrantId, HoldId, TransactionId, WalletId, bucket_of
from khata.domain.lots import burn_order
from khata.domain.pricing import Remainder
from khata.domain.refusals import AnyRefusal
from khata.domain.wallet import Book, Charge, Hold, Lot, first_due_us
from khata.engine.books import Key, Loaded, Need, Prior
from khata.postgres import rows
from khata.postgres.binary import Array, int2s, int4s, texts, times
from khata.postgres.rows import (
    ACCOUNT_COLUMNS,
    CHARGE_COLUMNS,
    HOLD_COLUMNS,
    LOT_COLUMNS,
    TRANSACTION_COLUMNS,
    WALLET_COLUMNS,
)

Rows = Sequence[tuple[Any, ...]]

# A hold lives for a day at most, so its operation was counted no longer ago than this.
_DAYS_OF_CAPS = 3
_DAY_US = 86_400_000_000


# Plans must not hang on statistics, which are stale while a wallet grows fast. By them the planner
# may begin with the table instead of the few keys asked for, so each table stands in a lateral
# subquery that cannot be pulled up; and it may take one index for another that shares its first
# columns, and read a wallet's whole history to find a key. Where two indexes could serve, the
# subquery asks for the order of the right one by its last column, given as a range (of an
# equality the planner drops the order); the engine's connections never sort (enable_sort is off).


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{column.strip()}" for column in columns.split(","))


# The one lock. Rows are locked in the order of the parameters, which every batch sorts alike.
LOCK_ACCOUNTS = f"""
select a.wallet_id, {_of("a", ACCOUNT_COLUMNS)}
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from accounts where bucket = asked.bucket and wallet_id = asked.wallet_id
  for no key update) a"""

# The same for those who only look: nobody waits for them, and they wait for nobody.
ACCOUNTS = f"""
select a.wallet_id, {_of("a", ACCOUNT_COLUMNS)}
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from accounts where bucket = asked.bucket and wallet_id = asked.wallet_id
  offset 0) a"""

SNAPSHOT = "begin isolation level repeatable read read only"

WALLETS = f"""
select {_of("w", WALLET_COLUMNS)}
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from wallets where bucket = asked.bucket and id = asked.wallet_id offset 0) w"""

TRANSACTIONS_BY_KEY = f"""
select {_of("t", TRANSACTION_COLUMNS)}
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, key)
cross join lateral (
  select * from transactions
  where bucket = asked.bucket and wallet_id = asked.wallet_id
    and idempotency_key >= asked.key and idempotency_key <= asked.key
  order by idempotency_key) t"""

ANSWERS_BY_KEY = """
select a.wallet_id, a.idempotency_key, a.fingerprint, a.outcome
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, key)
cross join lateral (
  select * from answers
  where bucket = asked.bucket and wallet_id = asked.wallet_id and idempotency_key = asked.key
  offset 0) a"""

LIVE_LOTS = f"""
select g.wallet_id, {_of("g", LOT_COLUMNS)}
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from grants
  where bucket = asked.bucket and wallet_id = asked.wallet_id and live
  order by priority) g"""

DUE_HOLDS = f"""
select h.wallet_id, {_of("h", HOLD_COLUMNS)}
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from holds
  where bucket = asked.bucket and wallet_id = asked.wallet_id and state = 'open'
    and expires_at <= ($3::timestamptz[])[1]
  order by expires_at) h"""

CAP_COUNTERS = """
select c.wallet_id, c.cap, c.day, c.used
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from cap_counters
  where bucket = asked.bucket and wallet_id = asked.wallet_id and day >= ($3::integer[])[1]
  offset 0) c"""

METERS = """
select m.wallet_id, m.feature, m.numerator::text, m.denominator::text
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from meters where bucket = asked.bucket and wallet_id = asked.wallet_id offset 0) m"""

HOLDS_BY_ID = f"""
select h.wallet_id, {_of("h", HOLD_COLUMNS)}
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, id)
cross join lateral (
  select * from holds
  where bucket = asked.bucket and wallet_id = asked.wallet_id
    and id >= asked.id and id <= asked.id
  order by id) h"""

CHARGES_BY_ID = f"""
select t.wallet_id, {_of("t", CHARGE_COLUMNS)}, coalesce((
  select sum(r.available_change)::bigint from (
    select available_change from transactions
    where bucket = t.bucket and wallet_id = t.wallet_id and type = 'REFUND'
      and source_id >= t.id and source_id <= t.id
    order by source_id) r), 0)
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, id)
cross join lateral (
  select * from transactions
  where bucket = asked.bucket and id >= asked.id and id <= asked.id order by id) t
where t.wallet_id = asked.wallet_id and t.account like 'consumed.%' and t.account_change > 0"""

LOTS_OF_CHARGES = f"""
select g.wallet_id, {_of("g", LOT_COLUMNS)}
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, id)
cross join lateral (
  select * from transactions
  where bucket = asked.bucket and id >= asked.id and id <= asked.id order by id) t
cross join lateral json_array_elements(t.draws::json) as draw
cross join lateral (
  select * from grants
  where bucket = t.bucket and wallet_id = t.wallet_id and id >= draw ->> 0 and id <= draw ->> 0
    and not live
  order by id) g
where t.wallet_id = asked.wallet_id"""

LOTS_OF_PAYMENTS = f"""
select g.wallet_id, {_of("g", LOT_COLUMNS)}
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, payment_id)
cross join lateral (
  select * from grants
  where bucket = asked.bucket and wallet_id = asked.wallet_id
    and payment_id >= asked.payment_id and payment_id <= asked.payment_id and not live
  order by payment_id) g"""

_answer = msgspec.json.Decoder(Extended | AnyRefusal).decode


def questions(need: Need) -> list[tuple[str, tuple[Array, ...]]]:
    """The statements of a load in their order, the lock first, with their parameters."""
    asked = _about_wallets(LOCK_ACCOUNTS, need)
    if need.keys:
        asked += [(sql, _named(need.keys)) for sql in (TRANSACTIONS_BY_KEY, ANSWERS_BY_KEY)]
    if need.holds:
        asked.append((HOLDS_BY_ID, _named(need.holds)))
    if need.charges:
        asked += [(sql, _named(need.charges)) for sql in (CHARGES_BY_ID, LOTS_OF_CHARGES)]
    if need.payments:
        asked.append((LOTS_OF_PAYMENTS, _named(need.payments)))
    return asked


def glances(need: Need) -> list[tuple[str, tuple[Array, ...]]]:
    """The statements of a look at the wallets' books, to be asked in one snapshot."""
    return _about_wallets(ACCOUNTS, need)


def _about_wallets(accounts: str, need: Need) -> list[tuple[str, tuple[Array, ...]]]:
    wallets = (int2s([bucket_of(wallet) for wallet in need.wallets]), texts(need.wallets))
    return [
        (accounts, wallets),
        (WALLETS, wallets),
        (LIVE_LOTS, wallets),
        (DUE_HOLDS, (*wallets, times([need.at_us]))),
        (CAP_COUNTERS, (*wallets, int4s([need.at_us // _DAY_US - _DAYS_OF_CAPS]))),
        (METERS, wallets),
    ]


def loaded(found: Mapping[str, Rows]) -> Loaded:
    """The books and earlier decisions in the rows that each statement found."""
    return Loaded(_books(found, LOCK_ACCOUNTS), _priors(found))


def seen(found: Mapping[str, Rows]) -> dict[WalletId, Book]:
    """The books in the rows that each glance found."""
    return _books(found, ACCOUNTS)


def _books(found: Mapping[str, Rows], accounts: str) -> dict[WalletId, Book]:
    lots = _lots(found)
    holds: defaultdict[str, dict[HoldId, Hold]] = defaultdict(dict)
    for row in (*found[DUE_HOLDS], *found.get(HOLDS_BY_ID, ())):
        holds[row[0]][row[1]] = rows.hold(row[1:])
    caps: defaultdict[str, dict[tuple[str, int], int]] = defaultdict(dict)
    for wallet_id, cap, day, used in found[CAP_COUNTERS]:
        caps[wallet_id][cap, day] = used
    meters: defaultdict[str, dict[str, Remainder]] = defaultdict(dict)
    for wallet_id, feature, numerator, denominator in found[METERS]:
        meters[wallet_id][feature] = Remainder(int(numerator), int(denominator))
    charges: defaultdict[str, dict[TransactionId, Charge]] = defaultdict(dict)
    for row in found.get(CHARGES_BY_ID, ()):
        charges[row[0]][row[1]] = rows.charge(row[1:-1], row[-1])
    books: dict[WalletId, Book] = {}
    wallets = {row[0]: rows.wallet(row) for row in found[WALLETS]}
    for row in found[accounts]:
        wallet_id = row[0]
        books[wallet_id] = Book(
            wallet=wallets[wallet_id],
            accounts=rows.accounts(row[1:]),
            lots=lots[wallet_id],
            holds=holds[wallet_id],
            caps=caps[wallet_id],
            meters=meters[wallet_id],
            charges=charges[wallet_id],
            due_us=first_due_us(lots[wallet_id], holds[wallet_id]),
        )
    return books


def _lots(found: Mapping[str, Rows]) -> defaultdict[str, tuple[Lot, ...]]:
    by_wallet: defaultdict[str, dict[GrantId, Lot]] = defaultdict(dict)
    for statement in (LIVE_LOTS, LOTS_OF_CHARGES, LOTS_OF_PAYMENTS):
        for row in found.get(statement, ()):
            by_wallet[row[0]][row[1]] = rows.lot(row[1:])
    ordered: defaultdict[str, tuple[Lot, ...]] = defaultdict(tuple)
    for wallet_id, lots in by_wallet.items():
        ordered[wallet_id] = tuple(sorted(lots.values(), key=burn_order))
    return ordered


def _priors(found: Mapping[str, Rows]) -> dict[Key, Prior]:
    priors: dict[Key, Prior] = {}
    for row in found.get(TRANSACTIONS_BY_KEY, ()):
        t = rows.transaction(row)
        if t.idempotency_key is not None and t.fingerprint is not None:
            priors[t.wallet_id, t.idempotency_key] = Prior(t.fingerprint, Recorded(t))
    for wallet_id, key, fingerprint, outcome in found.get(ANSWERS_BY_KEY, ()):
        priors[wallet_id, key] = Prior(fingerprint, _answer(outcome))
    return priors


def _named(pairs: Sequence[tuple[WalletId, str]]) -> tuple[Array, ...]:
    return (
        int2s([bucket_of(wallet) for wallet, _ in pairs]),
        texts([wallet for wallet, _ in pairs]),
        texts([name for _, name in pairs]),
    )
