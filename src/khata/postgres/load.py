"""What a batch reads: the wallets locked, then everything that a decision on them may need."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from khata.domain.commands import Claimed, Extended, Recorded
from khata.domain.ids import WalletId, bucket_of
from khata.domain.lots import burn_order
from khata.domain.payouts import payouts_after
from khata.domain.pricing import Remainder
from khata.domain.refusals import AnyRefusal
from khata.domain.wallet import NEVER_US, Book, Hold, first_due_us
from khata.engine.books import Key, Need, Prior
from khata.postgres import rows
from khata.postgres.binary import Array, int2s, int4s, texts, times
from khata.postgres.rows import (
    ACCOUNT_COLUMNS,
    CHARGE_COLUMNS,
    CLAWBACK_COLUMNS,
    HOLD_COLUMNS,
    LOT_COLUMNS,
    TRANSACTION_COLUMNS,
    WALLET_COLUMNS,
)
from khata.postgres.wire import Statement

Rows = Sequence[tuple[Any, ...]]
Made = TypeVar("Made")

# A wallet's today by any clock; what a hold counted on an earlier day is read with the hold.
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
LOCK_ACCOUNTS = """
select a.wallet_id, a.revision
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from accounts where bucket = asked.bucket and wallet_id = asked.wallet_id
  for no key update) a"""

ACCOUNTS = f"""
select a.wallet_id, a.revision, a.recharge_below, a.recharges, {_of("a", ACCOUNT_COLUMNS)}
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from accounts where bucket = asked.bucket and wallet_id = asked.wallet_id
  offset 0) a"""

REVISIONS = """
select a.wallet_id, a.revision
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
select a.wallet_id, a.idempotency_key, a.fingerprint, a.outcome, a.refusal_id
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

_USED_ON_ITS_DAY = """(
  select used from cap_counters c
  where c.bucket = h.bucket and c.wallet_id = h.wallet_id and c.day = h.day and c.cap = h.cap)"""

DUE_HOLDS = f"""
select h.wallet_id, {_of("h", HOLD_COLUMNS)}, {_USED_ON_ITS_DAY}
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from holds
  where bucket = asked.bucket and wallet_id = asked.wallet_id and state = 'open'
    and expires_at <= ($3::timestamptz[])[1]
  order by expires_at) h"""

NEXT_HOLD = """
select h.wallet_id, h.expires_at
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from holds
  where bucket = asked.bucket and wallet_id = asked.wallet_id and state = 'open'
    and expires_at > ($3::timestamptz[])[1]
  order by expires_at limit 1) h"""

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
select h.wallet_id, {_of("h", HOLD_COLUMNS)}, {_USED_ON_ITS_DAY}
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

CLAWBACKS_BY_ID = f"""
select t.wallet_id, {_of("t", CLAWBACK_COLUMNS)}, exists (
  select 1 from (
    select 1 from transactions
    where bucket = t.bucket and wallet_id = t.wallet_id
      and type = 'CLAWBACK' and source = 'transaction'
      and source_id >= t.id and source_id <= t.id
    order by source_id) r)
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, id)
cross join lateral (
  select * from transactions
  where bucket = asked.bucket and id >= asked.id and id <= asked.id order by id) t
where t.wallet_id = asked.wallet_id and t.type = 'CLAWBACK' and t.source = 'payment'"""

# The two types stand next to each other in the index of types.
PAYOUTS = """
select t.wallet_id, t.type, t.source_id, t.draws
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from transactions
  where bucket = asked.bucket and wallet_id = asked.wallet_id
    and type >= 'PAYOUT_HOLD' and type <= 'PAYOUT_RELEASE' and type <> 'USAGE_DEDUCTION'
  order by type, sequence) t"""

_answer = msgspec.json.Decoder(Extended | Claimed | AnyRefusal).decode


def lock(wallets: Sequence[WalletId]) -> Statement:
    """The statement that locks these wallets, which must be sorted."""
    return LOCK_ACCOUNTS, _wallets(wallets)


def revisions(wallets: Sequence[WalletId]) -> Statement:
    """The statement that tells at which revision these wallets are, without a lock."""
    return REVISIONS, _wallets(wallets)


def about_wallets(wallets: Sequence[WalletId], at_us: int) -> list[Statement]:
    """The statements that read these wallets' books."""
    asked = _wallets(wallets)
    at = times([at_us])
    return [
        (ACCOUNTS, asked),
        (WALLETS, asked),
        (LIVE_LOTS, asked),
        (DUE_HOLDS, (*asked, at)),
        (NEXT_HOLD, (*asked, at)),
        (CAP_COUNTERS, (*asked, int4s([at_us // _DAY_US - _DAYS_OF_CAPS]))),
        (METERS, asked),
    ]


def about_commands(need: Need) -> list[Statement]:
    """The statements that read what the commands of a batch name."""
    asked: list[Statement] = []
    if need.keys:
        keys = _named(need.keys)
        asked += [(TRANSACTIONS_BY_KEY, keys), (ANSWERS_BY_KEY, keys)]
    if need.holds:
        asked.append((HOLDS_BY_ID, _named(need.holds)))
    if need.charges:
        asked += [(sql, _named(need.charges)) for sql in (CHARGES_BY_ID, LOTS_OF_CHARGES)]
    if need.payments:
        asked.append((LOTS_OF_PAYMENTS, _named(need.payments)))
    if need.clawbacks:
        asked.append((CLAWBACKS_BY_ID, _named(need.clawbacks)))
    if need.payouts:
        asked.append((PAYOUTS, _wallets(sorted(set(need.payouts)))))
    return asked


def books(found: Mapping[str, Rows]) -> dict[WalletId, Book]:
    """The books in the rows that `about_wallets` found."""
    lots = _by_wallet(found[LIVE_LOTS], rows.lot)
    holds = _by_wallet(found[DUE_HOLDS], _hold)
    next_hold = dict(found[NEXT_HOLD])
    caps = _caps_of_holds(found[DUE_HOLDS])
    for wallet_id, cap, day, used in found[CAP_COUNTERS]:
        caps[wallet_id][cap, day] = used
    meters: defaultdict[str, dict[str, Remainder]] = defaultdict(dict)
    for wallet_id, feature, numerator, denominator in found[METERS]:
        meters[wallet_id][feature] = Remainder(int(numerator), int(denominator))
    accounts = {row[0]: row for row in found[ACCOUNTS]}
    made: dict[WalletId, Book] = {}
    for row in found[WALLETS]:
        wallet_id = row[0]
        in_order = tuple(sorted(lots[wallet_id].values(), key=burn_order))
        due_us = first_due_us(in_order, holds[wallet_id])
        made[wallet_id] = Book(
            wallet=rows.wallet(row),
            accounts=rows.accounts(accounts[wallet_id][4:]),
            lots=in_order,
            holds=holds[wallet_id],
            caps=caps[wallet_id],
            meters=meters[wallet_id],
            due_us=min(due_us, next_hold.get(wallet_id, NEVER_US)),
            revision=accounts[wallet_id][1],
            recharge_below=accounts[wallet_id][2],
            recharges=accounts[wallet_id][3],
        )
    return made


def with_named(books: Mapping[WalletId, Book], found: Mapping[str, Rows]) -> dict[WalletId, Book]:
    """The books with the holds, charges and spent lots that `about_commands` found."""
    completed = dict(books)
    named = found.get(HOLDS_BY_ID, ())
    caps = _caps_of_holds(named)
    for wallet_id, holds in _by_wallet(named, _hold).items():
        book = completed[wallet_id]
        completed[wallet_id] = replace(
            book, holds={**holds, **book.holds}, caps={**caps[wallet_id], **book.caps}
        )
    spent = (*found.get(LOTS_OF_CHARGES, ()), *found.get(LOTS_OF_PAYMENTS, ()))
    for wallet_id, lots in _by_wallet(spent, rows.lot).items():
        book = completed[wallet_id]
        everything = sorted((*book.lots, *lots.values()), key=burn_order)
        completed[wallet_id] = replace(book, lots=tuple(everything))
    for row in found.get(CHARGES_BY_ID, ()):
        book, charge = completed[row[0]], rows.charge(row[1:-1], row[-1])
        completed[row[0]] = replace(book, charges={**book.charges, charge.id: charge})
    for row in found.get(CLAWBACKS_BY_ID, ()):
        book, taken = completed[row[0]], rows.clawback(row[1:-1], row[-1])
        if taken is not None:
            completed[row[0]] = replace(book, clawbacks={**book.clawbacks, taken.id: taken})
    for wallet_id, type_, payout_id, draws in found.get(PAYOUTS, ()):
        book, moved_by = completed[wallet_id], (type_, payout_id, rows.draws(draws))
        completed[wallet_id] = replace(book, payouts=payouts_after(book.payouts, [moved_by]))
    return completed


def priors(found: Mapping[str, Rows]) -> dict[Key, Prior]:
    """The decisions that the keys of a batch already stand for."""
    known: dict[Key, Prior] = {}
    for row in found.get(TRANSACTIONS_BY_KEY, ()):
        t = rows.transaction(row)
        if t.idempotency_key is not None and t.fingerprint is not None:
            known[t.wallet_id, t.idempotency_key] = Prior(t.fingerprint, Recorded(t))
    for wallet_id, key, fingerprint, outcome, refusal_id in found.get(ANSWERS_BY_KEY, ()):
        known[wallet_id, key] = Prior(fingerprint, _answer(outcome), refusal_id)
    return known


def _hold(row: rows.Row) -> Hold:
    return rows.hold(row[:-1])


def _caps_of_holds(found: Rows) -> defaultdict[str, dict[tuple[str, int], int]]:
    """The counters of the days on which these holds were taken, by wallet."""
    caps: defaultdict[str, dict[tuple[str, int], int]] = defaultdict(dict)
    for row in found:
        *_, cap, day, _, _, used = row
        if used is not None:
            caps[row[0]][cap, day] = used
    return caps


def _by_wallet(
    found: Rows, made: Callable[[rows.Row], Made]
) -> defaultdict[WalletId, dict[Any, Made]]:
    """Rows that begin with their wallet and their id, by both."""
    by_wallet: defaultdict[WalletId, dict[Any, Made]] = defaultdict(dict)
    for row in found:
        by_wallet[row[0]][row[1]] = made(row[1:])
    return by_wallet


def _wallets(wallets: Sequence[WalletId]) -> tuple[Array, Array]:
    return int2s([bucket_of(wallet) for wallet in wallets]), texts(wallets)


def _named(pairs: Sequence[tuple[WalletId, str]]) -> tuple[Array, ...]:
    return (
        int2s([bucket_of(wallet) for wallet, _ in pairs]),
        texts([wallet for wallet, _ in pairs]),
        texts([name for _, name in pairs]),
    )
