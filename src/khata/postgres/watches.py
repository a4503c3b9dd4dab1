"""Watches: how far each wallet's ledger was watched, and the stretches of it still to be seen."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from khata.domain.budgets import BudgetUse
from khata.domain.burn import Burn, Used
from khata.domain.crossings import Level
from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.ledger import CapUse
from khata.domain.limits import DAY_US
from khata.domain.watch import Lines, Seen, Watch
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Array, Instant, bools, int2s, int8s, texts, times

# The update of the row is its lock: of two who look at a wallet the second waits for the first.
OPEN_WATCHES = """
insert into watches as w (bucket, wallet_id, organization_id)
select bucket, wallet_id, organization_id
from unnest($1::smallint[], $2::text[], $3::text[]) as asked (bucket, wallet_id, organization_id)
on conflict (bucket, wallet_id) do update set looks = w.looks + 1
returning wallet_id, sequence, at, available, was_low, was_exhausted, used, tail, head, oldest_at,
  burning_since"""

SAVE_WATCHES = """
update watches w set sequence = n.sequence, at = n.at, available = n.available,
  was_low = n.was_low, was_exhausted = n.was_exhausted, used = n.used, tail = n.tail,
  head = n.head, oldest_at = n.oldest_at, burning_since = n.burning_since
from unnest($1::smallint[], $2::text[], $3::bigint[], $4::timestamptz[], $5::bigint[],
  $6::boolean[], $7::boolean[], $8::bigint[], $9::bigint[], $10::bigint[], $11::timestamptz[],
  $12::timestamptz[]) as n (bucket, wallet_id, sequence, at, available, was_low, was_exhausted,
  used, tail, head, oldest_at, burning_since)
where w.bucket = n.bucket and w.wallet_id = n.wallet_id"""

LINES = """
select w.id, w.low_balance_threshold, w.rapid_burn_limit, w.rapid_burn_action, w.time_zone
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)
cross join lateral (
  select * from wallets where bucket = asked.bucket and id = asked.wallet_id offset 0) w"""

# Usage is what the burn window counts; of other facts caps, budgets and new lots are looked at.
STRETCHES = """
select t.wallet_id, t.sequence, t.at, t.available_after,
  case when t.type in ('USAGE_DEDUCTION', 'HOLD_CAPTURE') then t.account_change else 0 end,
  case when strpos(t.facts, '"caps":') > 0 or strpos(t.facts, '"budgets":') > 0 then t.facts end,
  t.type in ('REFUND', 'CLAWBACK')
    or (strpos(t.facts, '"grants":') > 0 and strpos(t.facts, '"expires_at_us":') > 0)
from unnest($1::smallint[], $2::text[], $3::bigint[], $4::bigint[])
  as asked (bucket, wallet_id, after, until)
cross join lateral (
  select * from transactions
  where bucket = asked.bucket and wallet_id = asked.wallet_id
    and sequence > asked.after and sequence <= asked.until
  order by sequence) t"""

_CHARGES = "type in ('USAGE_DEDUCTION', 'HOLD_CAPTURE') and account_change > 0"

CHARGES_BEHIND = f"""
select sequence, at, account_change from transactions
where bucket = $1 and wallet_id = $2 and sequence > $3 and {_CHARGES}
order by sequence limit $4"""

# A wallet that had a history when it was first watched.
STOOD_BEFORE = """
select sequence - 1, at, available_after - available_change from transactions
where bucket = $1 and wallet_id = $2 and sequence = $3"""

WINDOW_BEFORE = f"""
select coalesce(sum(account_change), 0)::bigint, min(at), coalesce(max(sequence), 0)
from (
  select sequence, at, account_change from transactions
  where bucket = $1 and wallet_id = $2 and sequence > $3 and sequence <= $4 and {_CHARGES}
  order by sequence) as charges"""

TAIL_BEFORE = "select sequence_at($1, $2, $3)"

# Only at a crossing, and of one window: its dearest feature and member.
_IN_WINDOW = f"""from transactions
where bucket = $1 and wallet_id = $2 and sequence > $3 and sequence <= $4 and {_CHARGES}"""

DEAREST_FEATURE = f"""
select feature, sum(account_change)::bigint as credits {_IN_WINDOW} and feature is not null
group by feature order by credits desc, feature limit 1"""

DEAREST_MEMBER = f"""
select member_id, sum(account_change)::bigint as credits {_IN_WINDOW} and member_id is not null
group by member_id order by credits desc, member_id limit 1"""

IS_WATCHED = """
select exists (select from watches where bucket = $1 and wallet_id = $2 and sequence > 0)"""

# What was counted on one day of the wallet's zone.
COUNTED_ON = """
select cap, used from cap_counters where bucket = $1 and wallet_id = $2 and day = $3"""

HEAD = "select organization_id, sequence from accounts where bucket = $1 and wallet_id = $2"

_PAGE = 1_000


class Due(Struct, frozen=True):
    """A wallet whose ledger has news: from where on if it was never watched, and up to where."""

    wallet_id: WalletId
    organization_id: OrganizationId
    first_sequence: int
    sequence: int


class Dearest(Struct, frozen=True):
    """What used most of a window, and how many credits; nothing where nobody is named."""

    name: str | None = None
    credits: int | None = None


class _Uses(Struct):
    caps: tuple[CapUse, ...] = ()
    budgets: tuple[BudgetUse, ...] = ()


_NO_USES = _Uses()
_uses = msgspec.json.Decoder(_Uses).decode


async def open_watches(connection: Connection, due: Sequence[Due]) -> dict[WalletId, Watch]:
    """The watches of these wallets, ours until the transaction ends; made where there was none.

    One that is made stands where the wallet stood before the first of its news.
    """
    asked = sorted(due, key=lambda one: (bucket_of(one.wallet_id), one.wallet_id))
    named = _wallets([one.wallet_id for one in asked])
    organizations = texts([one.organization_id for one in asked])
    found = await ask(connection, OPEN_WATCHES, *named, organizations)
    watches = {row[0]: _watch(row) for row in found}
    for one in asked:
        if watches[one.wallet_id].sequence == 0 and one.first_sequence > 1:
            watches[one.wallet_id] = await _begun(connection, one.wallet_id, one.first_sequence)
    return watches


async def is_watched(connection: Connection, wallet_id: WalletId) -> bool:
    """Whether anything of the wallet's ledger was seen."""
    return (await ask(connection, IS_WATCHED, bucket_of(wallet_id), wallet_id))[0][0]


async def save_watches(connection: Connection, watches: Mapping[WalletId, Watch]) -> None:
    """Keeps the watches as they are now."""
    kept = sorted(watches)
    of = [watches[wallet_id] for wallet_id in kept]
    await ask(
        connection,
        SAVE_WATCHES,
        *_wallets(kept),
        int8s([watch.sequence for watch in of]),
        times([watch.at_us for watch in of]),
        int8s([watch.available for watch in of]),
        bools([watch.level.was_low for watch in of]),
        bools([watch.level.was_exhausted for watch in of]),
        int8s([watch.burn.used for watch in of]),
        int8s([watch.burn.tail for watch in of]),
        int8s([watch.burn.head for watch in of]),
        times([watch.burn.oldest_us for watch in of]),
        times([watch.burn.burning_since_us for watch in of]),
    )


async def lines(connection: Connection, wallets: Sequence[WalletId]) -> dict[WalletId, Lines]:
    """The lines that these wallets draw for themselves."""
    found = await ask(connection, LINES, *_wallets(wallets))
    return {row[0]: Lines(*row[1:]) for row in found}


async def stretches(
    connection: Connection, asked: Mapping[WalletId, tuple[int, int]]
) -> dict[WalletId, list[Seen]]:
    """The transactions of each wallet behind one sequence and up to another, in their order."""
    wallets = list(asked)
    between = [int8s([asked[wallet_id][end] for wallet_id in wallets]) for end in (0, 1)]
    seen: defaultdict[WalletId, list[Seen]] = defaultdict(list)
    for row in await ask(connection, STRETCHES, *_wallets(wallets), *between):
        uses = _NO_USES if row[5] is None else _uses(row[5])
        one = Seen(row[1], row[2], row[3], row[4], uses.caps, bool(row[6]), uses.budgets)
        seen[row[0]].append(one)
    return seen


async def charges_behind(
    connection: Connection, wallet_id: WalletId, tail: int, until_us: int
) -> list[Used]:
    """The charges behind the tail, up to the first that is later than that."""
    named, known = (bucket_of(wallet_id), wallet_id), list[Used]()
    while True:
        behind = known[-1].sequence if known else tail
        page = [Used(*row) for row in await ask(connection, CHARGES_BEHIND, *named, behind, _PAGE)]
        known += page
        if len(page) < _PAGE or page[-1].at_us > until_us:
            return known


async def head(connection: Connection, wallet_id: WalletId) -> tuple[OrganizationId, int]:
    """The wallet's organization, and its last transaction."""
    organization_id, sequence = (await ask(connection, HEAD, bucket_of(wallet_id), wallet_id))[0]
    return organization_id, sequence


async def counted_on(connection: Connection, wallet_id: WalletId, day: int) -> dict[str, int]:
    """The operations of a day of the wallet's, by cap."""
    asked = (bucket_of(wallet_id), wallet_id, day)
    return {row[0]: row[1] for row in await ask(connection, COUNTED_ON, *asked)}


async def dearest(
    connection: Connection, wallet_id: WalletId, tail: int, until: int
) -> tuple[Dearest, Dearest]:
    """The feature and the member that used most between those transactions."""
    asked = (bucket_of(wallet_id), wallet_id, tail, until)
    found = [await ask(connection, sql, *asked) for sql in (DEAREST_FEATURE, DEAREST_MEMBER)]
    feature, member = (Dearest(*rows[0]) if rows else Dearest() for rows in found)
    return feature, member


async def _begun(connection: Connection, wallet_id: WalletId, first: int) -> Watch:
    named = (bucket_of(wallet_id), wallet_id)
    sequence, at_us, available = (await ask(connection, STOOD_BEFORE, *named, first))[0]
    since = Instant(at_us - DAY_US)
    tail = (await ask(connection, TAIL_BEFORE, *named, since))[0][0]
    used, oldest_us, newest = (await ask(connection, WINDOW_BEFORE, *named, tail, sequence))[0]
    burn = Burn(used, tail, max(newest, tail), oldest_us)
    return Watch(sequence, at_us, available, Level(), burn)


def _watch(row: Row) -> Watch:
    _, sequence, at_us, available, was_low, was_exhausted, *burn = row
    return Watch(sequence, at_us, available, Level(was_low, was_exhausted), Burn(*burn))


def _wallets(wallets: Sequence[WalletId]) -> tuple[Array, Array]:
    return int2s([bucket_of(wallet_id) for wallet_id in wallets]), texts(wallets)
