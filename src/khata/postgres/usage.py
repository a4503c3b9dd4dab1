"""Usage read from the rollups: what is summed are the hours shown, never the ledger."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from khata.domain.ids import WalletId, bucket_of
from khata.domain.usage_grains import Name, Narrowed, Sources
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant, int2s, texts, times

By = Name | Literal["wallet"]


EVERYTHING = Narrowed()


class Used(NamedTuple):
    """What was used in one segment of time under one name.

    The name is none where nothing is told apart, and for what was not named. `category` is of a
    feature; `last_hour_us` is when the last hour with a charge began.
    """

    segment: int
    name: str | None
    category: str | None
    credits: int
    charges: int
    quantity: int
    last_hour_us: int | None

    def and_also(self, other: "Used") -> "Used":
        """With what another has in the same place."""
        last_us = max(self.last_hour_us or 0, other.last_hour_us or 0)
        return self._replace(
            category=max(self.category or "", other.category or ""),
            credits=self.credits + other.credits,
            charges=self.charges + other.charges,
            quantity=self.quantity + other.quantity,
            last_hour_us=last_us or None,
        )


# A wallet's part is summed for itself, so that it is found by the whole key of its rows. Segments
# lie between each instant of $3 and the next. Sums of the grain $4 within $5 are taken for the
# stretches $6 to $7 as far as there are any, and the hours for what comes after, and for the
# stretches $8 to $9. A wallet is worth summing up where $11 hours before $10 might have been sums;
# the first of its rows says so. The orders keep the planner to the primary keys.
_FROM = """unnest($1::smallint[], $2::text[]) as of (in_bucket, of_wallet)
left join usage_summed on usage_summed.bucket = in_bucket and usage_summed.wallet_id = of_wallet
cross join lateral (
  select coalesce(until, '-infinity') as summed_until) as far
cross join lateral ("""
_SOURCES = """(
    select summed.* from unnest($6::timestamptz[], $7::timestamptz[]) as whole (first, last)
    cross join lateral (
      select starts as at, category, feature, member_id, credits, count, quantity, last_hour,
        0 as late
      from usage_sums
      where bucket = in_bucket and wallet_id = of_wallet and grain = $4 and within = $5
        and starts >= first and starts < last
      order by starts) as summed
    union all
    select hours.* from (
      select first, last, 0 as late from unnest($8::timestamptz[], $9::timestamptz[])
        as edge (first, last)
      union all
      select greatest(first, summed_until), last, 1
      from unnest($6::timestamptz[], $7::timestamptz[]) as whole (first, last)) as rest
    cross join lateral (
      select hour as at, category, feature, member_id, credits, count, quantity,
        case when count > 0 then hour end as last_hour,
        case when hour < $10 then rest.late else 0 end as late
      from usage_hourly
      where bucket = in_bucket and wallet_id = of_wallet and hour >= rest.first
        and hour < rest.last
      order by hour) as hours) as source"""
_PART = """width_bucket(at, $3::timestamptz[]) - 1 as segment,
    max(category) as category, sum(credits) as credits, sum(count) as count,
    sum(quantity) as quantity, max(last_hour) as last_hour,
    case when sum(sum(late)) over () >= $11 and row_number() over () = 1 then of_wallet end
      as worth"""
_WHOLE = """segment, name, max(category), sum(credits)::bigint, sum(count)::bigint,
  sum(quantity)::bigint, max(last_hour), array_agg(worth) filter (where worth is not null)"""

_NAMES: dict[By | None, str] = {
    None: "null::text",
    "category": "category",
    "feature": "feature",
    "member": "member_id",
    "wallet": "of_wallet",
}


class Question(Struct, frozen=True):
    """What is asked of the usage of some wallets: between each of the rising marks and the next,
    told apart `by` something, or at least what is `named` told apart by it."""

    wallets: Sequence[WalletId]
    marks: Sequence[int]
    sources: Sources
    by: By | None = None
    narrowed: Narrowed = EVERYTHING
    named: Sequence[str] | None = None


class Worth(NamedTuple):
    """From how many hourly rows on a wallet is worth summing up, that were past by then."""

    rows: int
    past_us: int


NEVER_WORTH = Worth(2**63 - 1, 0)


def used_query(asked: Question, worth: Worth) -> tuple[str, tuple[object, ...]]:
    """The statement and parameters of `used`."""
    whole, edges = asked.sources.whole, asked.sources.edges
    parameters: list[object] = [
        int2s([bucket_of(wallet_id) for wallet_id in asked.wallets]),
        texts(asked.wallets),
        times(asked.marks),
        asked.sources.grain,
        asked.sources.within,
        times([first for first, _ in whole]),
        times([last for _, last in whole]),
        times([first for first, _ in edges]),
        times([last for _, last in edges]),
        Instant(worth.past_us),
        worth.rows,
    ]
    name = _NAMES[asked.by]
    if asked.named is not None:
        parameters.append(texts(asked.named))
        name = f"case when {name} = any (${len(parameters)}::text[]) then {name} end"
    conditions: list[str] = []
    for column, value in (
        ("category", asked.narrowed.category),
        ("feature", asked.narrowed.feature),
        ("member_id", asked.narrowed.member_id),
    ):
        if value is not None:
            parameters.append(value)
            conditions.append(f"{column} = ${len(parameters)}")
    where = f" where {' and '.join(conditions)}" if conditions else ""
    part = f"select {_PART}, {name} as name from {_SOURCES}{where} group by segment, name"
    statement = f"select {_WHOLE} from {_FROM}{part}) as part group by segment, name"
    return statement, tuple(parameters)


async def used(
    connection: Connection, asked: Question, worth: Worth = NEVER_WORTH
) -> tuple[list[Used], list[WalletId]]:
    """What was used, and the wallets whose hours are worth summing up before the next look."""
    statement, parameters = used_query(asked, worth)
    found = await ask(connection, statement, *parameters)
    return [Used(*row[:-1]) for row in found], [each for row in found for each in row[-1] or ()]
