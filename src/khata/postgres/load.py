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
_WALLET_WIDTH = len(WALLET_COLUMNS.split(","))


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{column.strip()}" for column in columns.split(","))


LOCK_WALLETS = f"""
select {_of("w", WALLET_COLUMNS)}, {_of("a", ACCOUNT_COLUMNS)}
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
join accounts a on a.bucket = asked.bucket and a.wallet_id = asked.wallet_id
join wallets w on w.bucket = asked.bucket and w.id = asked.wallet_id
order by a.bucket, a.wallet_id
for no key update of a"""

TRANSACTIONS_BY_KEY = f"""
select {_of("t", TRANSACTION_COLUMNS)}
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, key)
join transactions t on t.bucket = asked.bucket and t.wallet_id = asked.wallet_id
  and t.idempotency_key = asked.key"""

ANSWERS_BY_KEY = """
select a.wallet_id, a.idempotency_key, a.fingerprint, a.outcome
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, key)
join answers a on a.bucket = asked.bucket and a.wallet_id = asked.wallet_id
  and a.idempotency_key = asked.key"""

LIVE_LOTS = f"""
select g.wallet_id, {_of("g", LOT_COLUMNS)}
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
join grants g on g.bucket = asked.bucket and g.wallet_id = asked.wallet_id and g.live"""

DUE_HOLDS = f"""
select h.wallet_id, {_of("h", HOLD_COLUMNS)}
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
join holds h on h.bucket = asked.bucket and h.wallet_id = asked.wallet_id
  and h.state = 'open' and h.expires_at <= ($3::timestamptz[])[1]"""

CAP_COUNTERS = """
select c.wallet_id, c.cap, c.day, c.used
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
join cap_counters c on c.bucket = asked.bucket and c.wallet_id = asked.wallet_id
  and c.day >= ($3::integer[])[1]"""

METERS = """
select m.wallet_id, m.feature, m.numerator::text, m.denominator::text
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
join meters m on m.bucket = asked.bucket and m.wallet_id = asked.wallet_id"""

HOLDS_BY_ID = f"""
select h.wallet_id, {_of("h", HOLD_COLUMNS)}
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, id)
join holds h on h.bucket = asked.bucket and h.wallet_id = asked.wallet_id and h.id = asked.id"""

CHARGES_BY_ID = f"""
select t.wallet_id, {_of("t", CHARGE_COLUMNS)}, coalesce((
  select sum(r.available_change)::bigint from transactions r
  where r.bucket = t.bucket and r.wallet_id = t.wallet_id and r.type = 'REFUND'
    and r.source_id = t.id), 0)
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, id)
join transactions t on t.bucket = asked.bucket and t.id = asked.id
  and t.wallet_id = asked.wallet_id
where t.account like 'consumed.%' and t.account_change > 0"""

LOTS_OF_CHARGES = f"""
select g.wallet_id, {_of("g", LOT_COLUMNS)}
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, id)
join transactions t on t.bucket = asked.bucket and t.id = asked.id
  and t.wallet_id = asked.wallet_id
cross join lateral json_array_elements(t.draws::json) as draw
join grants g on g.bucket = t.bucket and g.wallet_id = t.wallet_id and g.id = draw ->> 0
  and not g.live"""

LOTS_OF_PAYMENTS = f"""
select g.wallet_id, {_of("g", LOT_COLUMNS)}
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, payment_id)
join grants g on g.bucket = asked.bucket and g.wallet_id = asked.wallet_id
  and g.payment_id = asked.payment_id and not g.live"""

_answer = msgspec.json.Decoder(Extended | AnyRefusal).decode


def questions(need: Need) -> list[tuple[str, tuple[Array, ...]]]:
    """The statements of a load in their order, the lock first, with their parameters."""
    wallets = (int2s([bucket_of(wallet) for wallet in need.wallets]), texts(need.wallets))
    asked: list[tuple[str, tuple[Array, ...]]] = [
        (LOCK_WALLETS, wallets),
        (LIVE_LOTS, wallets),
        (DUE_HOLDS, (*wallets, times([need.at_us]))),
        (CAP_COUNTERS, (*wallets, int4s([need.at_us // _DAY_US - _DAYS_OF_CAPS]))),
        (METERS, wallets),
    ]
    if need.keys:
        asked += [(sql, _named(need.keys)) for sql in (TRANSACTIONS_BY_KEY, ANSWERS_BY_KEY)]
    if need.holds:
        asked.append((HOLDS_BY_ID, _named(need.holds)))
    if need.charges:
        asked += [(sql, _named(need.charges)) for sql in (CHARGES_BY_ID, LOTS_OF_CHARGES)]
    if need.payments:
        asked.append((LOTS_OF_PAYMENTS, _named(need.payments)))
    return asked


def loaded(found: Mapping[str, Rows]) -> Loaded:
    """The books and earlier decisions in the rows that each statement found."""
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
    for row in found[LOCK_WALLETS]:
        wallet_id = row[0]
        books[wallet_id] = Book(
            wallet=rows.wallet(row[:_WALLET_WIDTH]),
            accounts=rows.accounts(row[_WALLET_WIDTH:]),
            lots=lots[wallet_id],
            holds=holds[wallet_id],
            caps=caps[wallet_id],
            meters=meters[wallet_id],
            charges=charges[wallet_id],
            due_us=first_due_us(lots[wallet_id], holds[wallet_id]),
        )
    return Loaded(books, _priors(found))


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
