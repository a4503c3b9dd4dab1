"""A wallet's ledger, read back: pages, counts, single transactions and long stretches."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from khata.domain.ids import TransactionId, WalletId, bucket_of, is_id
from khata.domain.ledger import Transaction
from khata.domain.receipt import Neighbours
from khata.postgres import rows
from khata.postgres.asking import Connection, ask, stream
from khata.postgres.binary import Instant, int2s, int8s, texts
from khata.postgres.connect import Pool
from khata.postgres.rows import TRANSACTION_COLUMNS

USAGE = "USAGE_DEDUCTION"
COUNTED_AT_MOST = 10_000
# So many rows are compared for a first page and for a count, which are as quick as in a small
# wallet; and so many for each further page, which those ask for who look far back. A twentieth of a
# second's work, whatever is looked for and however rare it is.
COMPARED_AT_FIRST = 10_000
COMPARED_TO_COUNT = 15_000
COMPARED_AT_MOST = 200_000
SEARCHED_AT_MOST = 50_000


class TransactionFilter(Struct, frozen=True):
    """Which transactions are asked for. Times are from `from_us` on and before `to_us`.

    Of `types` and `categories` it is any of those named, or any at all. `q` is looked for in
    feature, member, key, source, metadata and note, capital or not; a whole transaction id finds
    just that one.
    """

    types: frozenset[str] = frozenset()
    feature: str | None = None
    categories: frozenset[str] = frozenset()
    member_id: str | None = None
    from_us: int | None = None
    to_us: int | None = None
    q: str | None = None

    @property
    def is_of_time_only(self) -> bool:
        """Whether it takes a whole stretch of the ledger."""
        return not (self.types or self.feature or self.categories or self.member_id or self.q)

    @property
    def is_of_several_types(self) -> bool:
        """Whether it is of types that an index knows, and of more than one."""
        return len(self.types) > 1 and USAGE not in self.types

    @property
    def compared_at_most(self) -> int | None:
        """How many rows may be compared at once; none where an index knows which they are."""
        are_few = bool(self.types) and not self.types & _MANY
        if are_few or (self.q is not None and is_id(self.q, "txn_")):
            return None
        if self.q is not None:
            return SEARCHED_AT_MOST
        narrowed = self.feature or self.categories or self.member_id
        return COMPARED_AT_MOST if narrowed or USAGE in self.types else None


class Stretch(NamedTuple):
    """A wallet's transactions from one sequence to another, both included."""

    wallet_id: WalletId
    first: int
    last: int


class Page(Struct, frozen=True):
    """Some transactions, newest first. What is below the sequence `following` is still to be looked
    at, which may be nothing that is looked for; none where all was. What has come since is above
    the sequence `newest`, whatever is looked for."""

    transactions: Sequence[Transaction]
    following: int | None
    newest: int


class Query(NamedTuple):
    """A statement and its parameters."""

    statement: str
    parameters: tuple[object, ...]


class Count(Struct, frozen=True):
    """How many there are; when capped, there may be more."""

    count: int
    is_capped: bool


# A range with an order keeps the planner to the index of ids, as in load.py.
TRANSACTION = f"""
select {TRANSACTION_COLUMNS} from transactions
where bucket = $1 and id >= $2 and id <= $2
order by id"""

NEWEST_SEQUENCE = "select sequence from accounts where bucket = $1 and wallet_id = $2"

# One statement, so that no charge comes between the two.
NEIGHBOURS = """
select (select hash from transactions
    where bucket = $1 and wallet_id = $2 and sequence = $3 - 1),
  coalesce((select previous_hash from transactions
    where bucket = $1 and wallet_id = $2 and sequence = $3 + 1),
    (select head from accounts where bucket = $1 and wallet_id = $2))"""

SEQUENCE_AT = "select sequence_at($1::smallint, $2, $3)"

BY_SEQUENCE = f"""
select {TRANSACTION_COLUMNS} from transactions
where bucket = $1 and wallet_id = $2 and sequence >= $3 and sequence <= $4
order by sequence"""

# All of several stretches, each numbered. The bounds keep the planner to the primary key.
STRETCHES = f"""
select asked.number_, t.* from unnest($1::bigint[], $2::smallint[], $3::text[], $4::bigint[],
  $5::bigint[]) as asked (number_, bucket_, wallet_, first_, last_)
cross join lateral (
  select {TRANSACTION_COLUMNS} from transactions
  where bucket = bucket_ and wallet_id = wallet_ and sequence >= first_ and sequence <= last_
  order by sequence) as t"""

# Types of which a wallet may have about as many as it has transactions.
_MANY = frozenset({USAGE, "HOLD", "HOLD_CAPTURE", "HOLD_RELEASE"})

# What each further condition of a filter says. {0} is its parameter.
#
# A page is a walk down the primary key from its cursor until it is full, so what it costs is the
# rows passed over: none without a filter or with times only, which become sequences. Types other
# than usage have an index of their own, and of several the newest of each are put in order: a page
# of each at most. A feature, category, member or text is compared row by row, a quarter of a
# microsecond each, a text half of one: where it is rare, a page ends after so many of them and the
# next one goes on. An index for each would cost every charge more than these lists are worth.
#
# Most facts have no note, and are not parsed to find that out.
_NOTE = "case when strpos(facts, '\"note\":') > 0 then facts::json ->> 'note' end"
_SEARCHED = f"feature, member_id, idempotency_key, source_id, metadata, {_NOTE}"
CONDITIONS = {
    "before": "sequence < {0}",
    "down_to": "sequence >= {0}",
    "from_us": "sequence > (select sequence_at($1::smallint, $2, {0}))",
    "to_us": "sequence <= (select sequence_at($1::smallint, $2, {0}))",
    "usage": "type = any({0})",
    "types": "type = any({0}) and type <> 'USAGE_DEDUCTION'",
    "type": "type = {0} and type <> 'USAGE_DEDUCTION'",
    "each": "type = type_ and type <> 'USAGE_DEDUCTION'",
    "feature": "feature = {0}",
    "categories": "category = any({0})",
    "member_id": "member_id = {0}",
    "id": "sequence = (select sequence from transactions where bucket = $1"
    " and id >= {0} and id <= {0} and wallet_id = $2 order by id)",
    "q": f"strpos(lower(concat_ws(E'\\n', {_SEARCHED})), lower({{0}})) > 0",
}


def page(
    wallet_id: WalletId,
    chosen: TransactionFilter,
    limit: int,
    before: int | None,
    down_to: int | None = None,
) -> Query:
    """The latest transactions below one sequence and down to another, newest first."""
    return _newest(TRANSACTION_COLUMNS, wallet_id, chosen, limit, (before, down_to))


def count(wallet_id: WalletId, chosen: TransactionFilter, down_to: int | None = None) -> Query:
    """How many transactions there are down to a sequence, at most one more than are counted."""
    found = _newest("sequence", wallet_id, chosen, COUNTED_AT_MOST + 1, (None, down_to))
    return Query(f"select count(*) from ({found.statement}) as counted", found.parameters)


def everything(wallet_id: WalletId, chosen: TransactionFilter) -> Query:
    """All of them, oldest first."""
    where, parameters = _where(wallet_id, chosen, (None, None))
    return Query(
        f"select {TRANSACTION_COLUMNS} from transactions where {where} order by sequence",
        parameters,
    )


async def paged(
    connection: Connection,
    wallet_id: WalletId,
    chosen: TransactionFilter,
    limit: int,
    before: int | None,
    newer_than: int | None = None,
) -> Page:
    """Up to `limit` transactions below one sequence and above another, and where to go on."""
    # Before the rows: what comes between is among them and newer too, and not in neither.
    newest = await newest_sequence(connection, wallet_id)
    down_to = first = None if newer_than is None else newer_than + 1
    if chosen.compared_at_most is not None:
        begins, last = await stretch(connection, wallet_id, chosen.from_us, chosen.to_us)
        first = max(begins, first or 0)
        last = last if before is None else min(last, before - 1)
        most = COMPARED_AT_FIRST if before is None else chosen.compared_at_most
        down_to = max(first, last - most + 1)
        before = last + 1
    found = await transactions(connection, page(wallet_id, chosen, limit + 1, before, down_to))
    if len(found) > limit:
        return Page(found[:limit], found[limit - 1].sequence, newest)
    return Page(found, None if down_to == first else down_to, newest)


async def transactions(connection: Connection, query: Query) -> list[Transaction]:
    """The transactions of a page."""
    return [
        rows.transaction(row) for row in await ask(connection, query.statement, *query.parameters)
    ]


async def streamed(pool: Pool, query: Query) -> AsyncIterator[Transaction]:
    """The transactions of a query, however many, in constant memory."""
    async for row in stream(pool, *query):
        yield rows.transaction(row)


async def counted(
    connection: Connection, wallet_id: WalletId, chosen: TransactionFilter, *, is_far: bool = False
) -> Count:
    """How many there are: exactly for a stretch of time, which costs nothing to count; else
    among the latest that may be compared at once, or as far back as one page looks."""
    if chosen.is_of_time_only:
        first, last = await stretch(connection, wallet_id, chosen.from_us, chosen.to_us)
        return Count(last - first + 1, is_capped=False)
    down_to = first = None
    if chosen.compared_at_most is not None:
        first, last = await stretch(connection, wallet_id, chosen.from_us, chosen.to_us)
        most = chosen.compared_at_most if is_far else COMPARED_TO_COUNT
        down_to = max(first, last - most + 1)
    asked = count(wallet_id, chosen, down_to)
    found = (await ask(connection, asked.statement, *asked.parameters))[0][0]
    is_capped = found > COUNTED_AT_MOST or down_to != first
    return Count(min(found, COUNTED_AT_MOST), is_capped)


async def transaction(
    connection: Connection, wallet_id: WalletId, transaction_id: TransactionId
) -> Transaction | None:
    """One transaction of that wallet."""
    found = await ask(connection, TRANSACTION, bucket_of(transaction_id), transaction_id)
    found_one = rows.transaction(found[0]) if found else None
    return found_one if found_one and found_one.wallet_id == wallet_id else None


async def neighbours(connection: Connection, of: Transaction) -> Neighbours:
    """What the ledger has before and after that transaction."""
    asked = (bucket_of(of.wallet_id), of.wallet_id, of.sequence)
    return Neighbours(*(await ask(connection, NEIGHBOURS, *asked))[0])


async def stretch(
    connection: Connection, wallet_id: WalletId, from_us: int | None, to_us: int | None
) -> tuple[int, int]:
    """The first and the last sequence from one time on and before another; none: last < first."""
    first = 0 if from_us is None else await sequence_at(connection, wallet_id, from_us - 1)
    if to_us is not None:
        return first + 1, max(first, await sequence_at(connection, wallet_id, to_us - 1))
    return first + 1, await newest_sequence(connection, wallet_id)


async def stretches(connection: Connection, asked: Sequence[Stretch]) -> list[list[Transaction]]:
    """The transactions of each of these stretches, in their order."""
    found: list[list[Transaction]] = [[] for _ in asked]
    wallets = [one.wallet_id for one in asked]
    parameters = (
        int8s(range(len(asked))),
        int2s([bucket_of(wallet_id) for wallet_id in wallets]),
        texts(wallets),
        int8s([one.first for one in asked]),
        int8s([one.last for one in asked]),
    )
    for row in await ask(connection, STRETCHES, *parameters):
        found[int(row[0])].append(rows.transaction(row[1:]))
    return found


async def newest_sequence(connection: Connection, wallet_id: WalletId) -> int:
    """That of the wallet's last transaction, 0 where there is none."""
    found = await ask(connection, NEWEST_SEQUENCE, bucket_of(wallet_id), wallet_id)
    return found[0][0] if found else 0


async def sequence_at(connection: Connection, wallet_id: WalletId, at_us: int) -> int:
    """The last sequence at or before an instant, 0 where there is none."""
    found = await ask(connection, SEQUENCE_AT, bucket_of(wallet_id), wallet_id, Instant(at_us))
    return found[0][0]


def by_sequence(wallet_id: WalletId, first: int, last: int) -> Query:
    """The transactions from one sequence to another, both included, in their order."""
    return Query(BY_SEQUENCE, (bucket_of(wallet_id), wallet_id, first, last))


def _newest(
    columns: str,
    wallet_id: WalletId,
    chosen: TransactionFilter,
    limit: int,
    between: tuple[int | None, int | None],
) -> Query:
    """The latest, or of several types the latest of all of them, each found by its index."""
    if not chosen.is_of_several_types:
        where, parameters = _where(wallet_id, chosen, between)
        place = len(parameters) + 1
        newest = f"select {columns} from transactions where {where}"
        return Query(f"{newest} order by sequence desc limit ${place}", (*parameters, limit))
    where, parameters = _where(wallet_id, replace(chosen, types=frozenset()), between)
    place = len(parameters) + 1
    newest = (
        f"select {columns} from transactions where {where} and {CONDITIONS['each']}"
        f" order by sequence desc limit ${place}"
    )
    return Query(
        f"select of_each.* from unnest(${place + 1}::text[]) as asked (type_)"
        f" cross join lateral ({newest}) as of_each order by sequence desc limit ${place}",
        (*parameters, limit, texts(sorted(chosen.types))),
    )


def _of_types(types: frozenset[str]) -> dict[str, object]:
    if not types:
        return {}
    if USAGE in types:
        return {"usage": texts(sorted(types))}
    if len(types) == 1:
        return {"type": next(iter(types))}
    return {"types": texts(sorted(types))}


def _where(
    wallet_id: WalletId,
    chosen: TransactionFilter,
    between: tuple[int | None, int | None],
) -> tuple[str, tuple[object, ...]]:
    before, down_to = between
    asked: dict[str, object] = {
        "before": before,
        "down_to": down_to,
        "from_us": None if chosen.from_us is None else Instant(chosen.from_us - 1),
        "to_us": None if chosen.to_us is None else Instant(chosen.to_us - 1),
        **_of_types(chosen.types),
        "feature": chosen.feature,
        "categories": texts(sorted(chosen.categories)) if chosen.categories else None,
        "member_id": chosen.member_id,
        **_text(chosen.q),
    }
    given = [(name, value) for name, value in asked.items() if value is not None]
    conditions = [CONDITIONS[name].format(f"${place}") for place, (name, _) in enumerate(given, 3)]
    where = " and ".join(["bucket = $1", "wallet_id = $2", *conditions])
    return where, (bucket_of(wallet_id), wallet_id, *(value for _, value in given))


def _text(q: str | None) -> dict[str, str | None]:
    if q is None or is_id(q, "txn_"):
        return {"id": q}
    return {"q": q}
