"""Refusals as they are kept beside their keys, to be looked up."""

from typing import NamedTuple

import msgspec
from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.refusals import AnothersLimit, AnyRefusal, BudgetExceeded
from khata.domain.refused import Circumstances
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant
from khata.postgres.history import Query

_COLUMNS = "refusal_id, at, idempotency_key, outcome, circumstances"

_OF_WALLET = "bucket = $1 and wallet_id = $2 and refusal_id is not null"

# A range with an order keeps the planner to the index of ids, as in load.py.
_OF_ID = """from answers
where bucket = $1 and wallet_id = $2 and refusal_id >= {0} and refusal_id <= {0}
order by refusal_id"""

REFUSAL = f"select {_COLUMNS} {_OF_ID.format('$3')}"

# Where an older page begins. What is no longer kept has nothing older that is.
_BEHIND = f"(select at, refusal_id {_OF_ID})"

# Said only where it is asked for, so that each list is a stretch of an index: all of a wallet by
# time, and those of a code by time too.
_CONDITIONS = {
    "code": "code = {0}",
    "since": "at >= {0}",
    "until": "at < {0}",
    "before": f"(at, refusal_id) < {_BEHIND}",
}

# The last refusal of each budget and subject in a window. They have an index of their own, so that
# a look costs what is new, however much else is kept.
OF_BUDGETS = """
select distinct on (budget_id, subject, resets_at_us) wallet_id, organization_id, at, outcome
from answers cross join lateral jsonb_to_record(outcome::jsonb)
  as told (budget_id text, subject text, resets_at_us bigint)
where at >= $1 and at < $2 and code = 'BUDGET_EXCEEDED'
order by budget_id, subject, resets_at_us, at desc"""

_exceeded = msgspec.json.Decoder(BudgetExceeded).decode
_outcome = msgspec.json.Decoder(AnyRefusal).decode
_circumstances = msgspec.json.Decoder(Circumstances).decode


class KeptRefusal(Struct, frozen=True):
    """A refusal, when and under which key it was decided, and how things stood then."""

    id: str
    at_us: int
    idempotency_key: str
    refusal: AnyRefusal | AnothersLimit
    circumstances: Circumstances


class RefusalFilter(NamedTuple):
    """Which refusals to list; None is any. From is included, until is not."""

    code: str | None = None
    from_us: int | None = None
    until_us: int | None = None


class RefusedByBudget(NamedTuple):
    """A charge that a budget refused, and when."""

    wallet_id: WalletId
    organization_id: OrganizationId
    at_us: int
    refusal: BudgetExceeded


async def refusal(
    connection: Connection, wallet_id: WalletId, refusal_id: str
) -> KeptRefusal | None:
    """The wallet's refusal of that id, as long as it is kept."""
    found = await ask(connection, REFUSAL, bucket_of(wallet_id), wallet_id, refusal_id)
    return _kept(found[0]) if found else None


async def refusals(
    connection: Connection,
    wallet_id: WalletId,
    chosen: RefusalFilter,
    limit: int,
    before: str | None,
) -> list[KeptRefusal]:
    """Up to `limit` refusals older than the one with the id `before`, newest first."""
    asked = page(wallet_id, chosen, limit, before)
    return [_kept(row) for row in await ask(connection, asked.statement, *asked.parameters)]


def page(wallet_id: WalletId, chosen: RefusalFilter, limit: int, before: str | None) -> Query:
    """The latest such refusals, or those that are older than one of them."""
    asked = {
        "code": chosen.code,
        "since": None if chosen.from_us is None else Instant(chosen.from_us),
        "until": None if chosen.until_us is None else Instant(chosen.until_us),
        "before": before,
    }
    given = [(name, value) for name, value in asked.items() if value is not None]
    conditions = [_CONDITIONS[name].format(f"${place}") for place, (name, _) in enumerate(given, 4)]
    where = " and ".join([_OF_WALLET, *conditions])
    return Query(
        f"select {_COLUMNS} from answers where {where} order by at desc, refusal_id desc limit $3",
        (bucket_of(wallet_id), wallet_id, limit, *(value for _, value in given)),
    )


async def refused_by_budgets(
    connection: Connection, since_us: int, until_us: int
) -> list[RefusedByBudget]:
    """The last charge in that time that each budget refused to each subject in a window."""
    found = await ask(connection, OF_BUDGETS, Instant(since_us), Instant(until_us))
    return [
        RefusedByBudget(wallet_id, within, at_us, _exceeded(outcome))
        for wallet_id, within, at_us, outcome in found
    ]


def _kept(row: Row) -> KeptRefusal:
    refusal_id, at_us, key, outcome, circumstances = row
    return KeptRefusal(refusal_id, at_us, key, _outcome(outcome), _circumstances(circumstances))
