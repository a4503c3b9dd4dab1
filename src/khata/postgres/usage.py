"""Usage read from the rollups: what is summed are the hours shown, never the ledger."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from khata.domain.ids import WalletId, bucket_of
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import int2s, texts, times

By = Literal["category", "feature", "member"]


class Narrowed(Struct, frozen=True):
    """Which usage is asked for: all, or that of a category, a feature, a member."""

    category: str | None = None
    feature: str | None = None
    member_id: str | None = None


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


# A wallet's part is summed for itself, so that it is found by the whole key of its rows. Segments
# lie between each instant of $3 and the next.
_WALLETS = "unnest($1::smallint[], $2::text[]) as of (in_bucket, of_wallet)"
_HOURS = """usage_hourly
  where bucket = in_bucket and wallet_id = of_wallet
    and hour >= ($3::timestamptz[])[1] and hour < ($3::timestamptz[])[cardinality($3)]"""
_PART = """width_bucket(hour, $3::timestamptz[]) - 1 as segment,
    max(category) as category, sum(credits) as credits, sum(count) as count,
    sum(quantity) as quantity, max(hour) filter (where count > 0) as last_hour"""
_WHOLE = """segment, name, max(category), sum(credits)::bigint, sum(count)::bigint,
  sum(quantity)::bigint, max(last_hour)"""

_NAMES: dict[By | None, str] = {
    None: "null::text",
    "category": "category",
    "feature": "feature",
    "member": "member_id",
}


def used_query(
    wallets: Sequence[WalletId],
    marks: Sequence[int],
    by: By | None,
    narrowed: Narrowed,
    named: Sequence[str] | None,
) -> tuple[str, tuple[object, ...]]:
    """The statement and parameters of `used`."""
    parameters: list[object] = [
        int2s([bucket_of(wallet_id) for wallet_id in wallets]),
        texts(wallets),
        times(marks),
    ]
    name = _NAMES[by]
    if named is not None:
        parameters.append(texts(named))
        name = f"case when {name} = any (${len(parameters)}::text[]) then {name} end"
    conditions = ""
    for column, value in (
        ("category", narrowed.category),
        ("feature", narrowed.feature),
        ("member_id", narrowed.member_id),
    ):
        if value is not None:
            parameters.append(value)
            conditions += f" and {column} = ${len(parameters)}"
    part = f"select {_PART}, {name} as name from {_HOURS}{conditions} group by segment, name"
    whole = f"select {_WHOLE} from {_WALLETS} cross join lateral ({part}) as part"
    return f"{whole} group by segment, name", tuple(parameters)


async def used(
    connection: Connection,
    wallets: Sequence[WalletId],
    marks: Sequence[int],
    by: By | None = None,
    narrowed: Narrowed = EVERYTHING,
    named: Sequence[str] | None = None,
) -> list[Used]:
    """What these wallets used between each of the rising marks and the next, together.

    It is told apart `by` something, or at least what is `named` is told apart by it.
    """
    asked = used_query(wallets, marks, by, narrowed, named)
    return [Used(*row) for row in await ask(connection, asked[0], *asked[1])]
