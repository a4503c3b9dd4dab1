"""What a price trial reads: wallets as they stood at a time, and what they did from then on.

No table says how a wallet's lots stood in the past. They stand now as the ledger left them, so what
has left each lot since then is added to what it has: the cost is that of the ledger since the
period's start, however long the wallet's history is. What of it was reserved then, the holds of
that time tell; what was locked, the few transactions that lock. All in one snapshot.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from khata.domain.ids import GrantId, TransactionId
from khata.domain.ledger import Transaction
from khata.domain.lots import burn_order
from khata.domain.payouts import PAYOUT_TYPES, payouts_after
from khata.domain.price_trial import locked_after
from khata.domain.restores import taken_back
from khata.domain.wallet import Accounts, Book, Draw, Lot, TakenBack, Wallet
from khata.postgres import rows
from khata.postgres.asking import Connection, Row, ask, streamed_on
from khata.postgres.binary import Array, Instant, int2s, int8s, texts
from khata.postgres.rows import LOT_COLUMNS, TRANSACTION_COLUMNS, WALLET_COLUMNS

_OF_WALLET = ", ".join(f"w.{column}" for column in WALLET_COLUMNS.split(", "))
_OF_TRANSACTION = ", ".join(f"t.{column}" for column in TRANSACTION_COLUMNS.split(", "))

# Wallets behind ($1, $2) that moved since $3, with their last transaction before it, before $4, and
# of all. A wallet whose last transaction is older has nothing in the period.
MOVED_WALLETS = f"""
select a.bucket, {_OF_WALLET}, a.sequence,
  sequence_at(a.bucket, a.wallet_id, $3::timestamptz - interval '1 microsecond'),
  sequence_at(a.bucket, a.wallet_id, $4::timestamptz - interval '1 microsecond')
from accounts a join wallets w on w.bucket = a.bucket and w.id = a.wallet_id
where (a.bucket, a.wallet_id) > ($1::smallint, $2) and a.at >= $3
  and ($5::text is null or a.organization_id = $5) and ($6::text is null or a.wallet_id = $6)
order by a.bucket, a.wallet_id limit $7"""

# The wallets of a piece by their place in it: bucket, id, and the last sequence before the period.
_PIECE = """unnest($1::smallint[], $2::text[], $3::bigint[])
  with ordinality as piece (in_bucket, of_wallet, before, place)"""
_SINCE = f"""{_PIECE}
  join transactions t on t.bucket = in_bucket and t.wallet_id = of_wallet and t.sequence > before"""

STOOD = f"""
select place, t.available_after, t.reserved_after, t.locked_after from {_PIECE}
  join transactions t on t.bucket = in_bucket and t.wallet_id = of_wallet and t.sequence = before"""

LOTS = f"""
select place, {LOT_COLUMNS} from {_PIECE}
  join grants g on g.bucket = in_bucket and g.wallet_id = of_wallet and g.sequence <= before"""

# What these draw leaves the lot for good, or comes back to it.
LEFT_SINCE = f"""
select place, draw ->> 0, sum((draw ->> 1)::bigint)::bigint
from {_SINCE} cross join lateral json_array_elements(t.draws::json) as draw
where t.type in ('USAGE_DEDUCTION', 'HOLD_CAPTURE', 'REFUND', 'EXPIRY', 'ADMIN_ADJUSTMENT',
  'TRANSFER_OUT', 'CLAWBACK')
group by 1, 2"""

# Of holds that were open then: those that ended since, and those that are open still.
RESERVED = f"""
select place, draw ->> 0, sum((draw ->> 1)::bigint)::bigint
from (
  select place, t.facts::json -> 'hold' -> 'draws' as draws
  from {_SINCE}
  where t.type in ('HOLD_CAPTURE', 'HOLD_RELEASE')
    and (t.facts::json -> 'hold' ->> 'created_at_us')::bigint < $4
  union all
  select place, h.draws::json
  from {_PIECE}
    join holds h on h.bucket = in_bucket and h.wallet_id = of_wallet
  where h.state = 'open' and h.created_at < $5) as held
cross join lateral json_array_elements(held.draws) as draw
group by 1, 2"""

LOCKED_BY = f"""
select place, {_OF_TRANSACTION} from {_PIECE}
  join transactions t on t.bucket = in_bucket and t.wallet_id = of_wallet
where t.type in ('LOCK', 'UNLOCK', 'PAYOUT_HOLD', 'PAYOUT_RELEASE', 'CLAWBACK')
order by place, t.sequence"""

REFUNDED = f"""
select place, t.source_id from {_SINCE} where t.type = 'REFUND'"""

IN_PERIOD = f"""
select place, {_OF_TRANSACTION}
from unnest($1::smallint[], $2::text[], $3::bigint[], $4::bigint[])
  with ordinality as piece (in_bucket, of_wallet, before, last, place)
  cross join lateral (
    select * from transactions
    where bucket = in_bucket and wallet_id = of_wallet and sequence > before and sequence <= last
    order by sequence) as t
order by place, t.sequence"""

# Of one wallet they lie in this order. Several have to be sorted, busy ones on disk.
ALONE_IN_PERIOD = f"""
select 1, {_OF_TRANSACTION} from transactions t
where t.bucket = $1 and t.wallet_id = $2 and t.sequence > $3 and t.sequence <= $4
order by t.sequence"""

MANY = 5_000

_ByLot = dict[tuple[int, str], int]


class MovedWallet(Struct, frozen=True):
    """A wallet with its last sequences before the period, in it, and of all."""

    bucket: int
    wallet: Wallet
    before: int
    last: int
    newest: int


class Opened(NamedTuple):
    """A wallet's book at the period's start, and the charges that were refunded since."""

    book: Book
    refunded: frozenset[TransactionId]


class Asked(Struct, frozen=True, kw_only=True):
    """Which period of which wallets is tried."""

    from_us: int
    to_us: int
    organization_id: str | None = None
    wallet_id: str | None = None


async def moved_wallets(
    connection: Connection, asked: Asked, behind: MovedWallet | None, limit: int
) -> list[MovedWallet]:
    """The next wallets that moved in the period or since, in the order of bucket and id."""
    place = (-1, "") if behind is None else (behind.bucket, behind.wallet.id)
    times = (Instant(asked.from_us), Instant(asked.to_us))
    found = await ask(
        connection, MOVED_WALLETS, *place, *times, asked.organization_id, asked.wallet_id, limit
    )
    return [_moved(row) for row in found]


async def opened(
    connection: Connection, wallets: Sequence[MovedWallet], from_us: int
) -> list[Opened]:
    """Each of these wallets as it stood at the period's start."""
    piece = _piece(wallets)
    stood = {row[0]: row[1:] for row in await ask(connection, STOOD, *piece)}
    left = _by_lot(await ask(connection, LEFT_SINCE, *piece))
    reserved = _by_lot(await ask(connection, RESERVED, *piece, from_us, Instant(from_us)))
    lots = _by_place(await ask(connection, LOTS, *piece))
    locking = _by_place(await ask(connection, LOCKED_BY, *piece))
    refunded = _by_place(await ask(connection, REFUNDED, *piece))
    made: list[Opened] = []
    for place, each in enumerate(wallets, 1):
        movements = [rows.transaction(row) for row in locking.get(place, ())]
        past = _Past(each, movements)
        then = [
            past.lot(rows.lot(row), left.get((place, row[0]), 0), reserved.get((place, row[0]), 0))
            for row in lots.get(place, ())
        ]
        book = past.book(then, stood.get(place, (0, 0, 0)))
        charges = frozenset(TransactionId(row[0]) for row in refunded.get(place, ()))
        made.append(Opened(book, charges))
    return made


async def in_period(
    connection: Connection, wallets: Sequence[MovedWallet]
) -> AsyncIterator[tuple[int, Transaction]]:
    """All that these wallets did in the period, wallet by wallet, with the wallet's place."""
    for place, some in _parts(wallets):
        statement, parameters = _period_of(some)
        async for row in streamed_on(connection, statement, parameters, "khata_trial"):
            yield place + row[0] - 1, rows.transaction(row[1:])


def _parts(wallets: Sequence[MovedWallet]) -> Iterator[tuple[int, Sequence[MovedWallet]]]:
    """The wallets in parts, each with the place of its first: busy ones alone, others together."""
    first = 0
    for place, each in enumerate(wallets):
        if each.last - each.before > MANY:
            if first < place:
                yield first, wallets[first:place]
            yield place, [each]
            first = place + 1
    if first < len(wallets):
        yield first, wallets[first:]


def _period_of(wallets: Sequence[MovedWallet]) -> tuple[str, tuple[object, ...]]:
    if len(wallets) == 1:
        each = wallets[0]
        return ALONE_IN_PERIOD, (each.bucket, each.wallet.id, each.before, each.last)
    return IN_PERIOD, (*_piece(wallets), int8s([each.last for each in wallets]))


class _Past:
    """What the transactions that lock, of all times, say of a wallet before the period."""

    def __init__(self, of: MovedWallet, movements: Sequence[Transaction]) -> None:
        self._of = of
        self.locked: Mapping[GrantId, int] = {}
        self._before = [t for t in movements if t.sequence <= of.before]
        for t in self._before:
            self.locked = locked_after(self.locked, t.type, t.draws)
        self._unclawed: dict[str, int] = {}
        for t in movements:
            for draw in t.facts.clawed if t.sequence > of.before else ():
                gone = self._unclawed.get(draw.grant_id, 0)
                self._unclawed[draw.grant_id] = gone + draw.credits

    def lot(self, now: Lot, left: int, reserved: int) -> Lot:
        """The lot as it stood, given what has left it since and what was reserved of it."""
        held, locked = now.available + now.reserved + now.locked + left, self.locked.get(now.id, 0)
        return replace(
            now,
            available=held - reserved - locked,
            reserved=reserved,
            locked=locked,
            clawed_back=now.clawed_back - self._unclawed.get(now.id, 0),
        )

    def book(self, lots: Iterable[Lot], stood: Sequence[int]) -> Book:
        """The wallet's book of then."""
        there = tuple(sorted(lots, key=burn_order))
        available, reserved, locked = stood
        debt = sum(lot.available for lot in there) - available
        accounts = Accounts(
            sequence=self._of.before,
            available=available,
            reserved=reserved,
            locked=locked,
            debt=debt,
        )
        return Book(
            self._of.wallet,
            accounts,
            there,
            clawbacks=self._clawbacks(),
            payouts=self._payouts(),
        )

    def _payouts(self) -> Mapping[str, tuple[Draw, ...]]:
        moved = (t for t in self._before if t.type in PAYOUT_TYPES)
        return payouts_after({}, ((t.type, t.source_id, t.draws) for t in moved))

    def _clawbacks(self) -> Mapping[TransactionId, TakenBack]:
        taken: dict[TransactionId, TakenBack] = {}
        for t in self._before:
            named = TransactionId(t.source_id or "")
            if t.type == "CLAWBACK" and t.source == "transaction":
                taken[named] = replace(taken[named], is_restored=True)
            elif t.type == "CLAWBACK" and (found := taken_back(t.id, t.draws, t.facts)):
                taken[t.id] = found
        return taken


def _piece(wallets: Sequence[MovedWallet]) -> tuple[Array, Array, Array]:
    return (
        int2s([each.bucket for each in wallets]),
        texts([each.wallet.id for each in wallets]),
        int8s([each.before for each in wallets]),
    )


def _moved(row: Row) -> MovedWallet:
    bucket, *wallet, newest, before, last = row
    return MovedWallet(bucket, rows.wallet(wallet), before, last, newest)


def _by_lot(found: Iterable[Row]) -> _ByLot:
    return {(place, grant_id): credits for place, grant_id, credits in found}


def _by_place(found: Iterable[Row]) -> dict[int, list[Row]]:
    places: dict[int, list[Row]] = {}
    for row in found:
        places.setdefault(row[0], []).append(row[1:])
    return places
