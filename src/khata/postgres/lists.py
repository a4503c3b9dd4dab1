"""A wallet's grants and holds as lists, newest first: by id, which is by creation."""

from typing import NamedTuple

from khata.domain.ids import GrantId, HoldId, WalletId, bucket_of
from khata.domain.wallet import GrantKind, Hold, HoldState, Lot
from khata.postgres import rows
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant, texts
from khata.postgres.rows import HOLD_COLUMNS, LOT_COLUMNS

GRANT = f"select {LOT_COLUMNS} from grants where bucket = $1 and wallet_id = $2 and id = $3"

GRANTS_BY_ID = f"""
select {LOT_COLUMNS} from grants
where bucket = $1 and wallet_id = $2 and id = any ($3::text[])"""

HOLD = f"select {HOLD_COLUMNS} from holds where bucket = $1 and wallet_id = $2 and id = $3"

_GRANTS = f"select {LOT_COLUMNS} from grants where bucket = $1 and wallet_id = $2"
_HOLDS = f"select {HOLD_COLUMNS} from holds where bucket = $1 and wallet_id = $2"

# A hold whose time is up is expired, whether or not that has been booked. {0} is now.
HOLD_STATES: dict[HoldState, str] = {
    "open": "state = 'open' and expires_at > {0}",
    "expired": "(state = 'expired' or state = 'open' and expires_at <= {0})",
    "captured": "state = 'captured'",
    "released": "state = 'released'",
}


class GrantFilter(NamedTuple):
    """Which grants are asked for; `live` ones have credits left in some pocket."""

    kind: GrantKind | None = None
    live: bool = False


class _Page(NamedTuple):
    """A statement under way: its text, and its parameters by number."""

    statement: str
    parameters: tuple[object, ...]

    def also(self, condition: str, value: object) -> "_Page":
        """With one more condition, in which {0} is the value."""
        number = f"${len(self.parameters) + 1}"
        text = f"{self.statement} and {condition.format(number)}"
        return _Page(text, (*self.parameters, value))

    def ending(self, limit: int, before: str | None) -> "_Page":
        """Newest first, below the id `before`."""
        page = self if before is None else self.also("id < {0}", before)
        number = f"${len(page.parameters) + 1}"
        return _Page(f"{page.statement} order by id desc limit {number}", (*page.parameters, limit))


def grants_page(
    wallet_id: WalletId, chosen: GrantFilter, limit: int, before: str | None
) -> tuple[str, tuple[object, ...]]:
    """The statement and parameters of a page of grants."""
    page = _Page(_GRANTS, (bucket_of(wallet_id), wallet_id))
    if chosen.kind is not None:
        page = page.also("kind = {0}", chosen.kind)
    if chosen.live:
        page = _Page(f"{page.statement} and live", page.parameters)
    return page.ending(limit, before)


def holds_page(
    wallet_id: WalletId, state: HoldState | None, at_us: int, limit: int, before: str | None
) -> tuple[str, tuple[object, ...]]:
    """The statement and parameters of a page of holds.

    Open ones have an index; other states are compared row by row from the newest on.
    """
    page = _Page(_HOLDS, (bucket_of(wallet_id), wallet_id))
    if state in {"open", "expired"}:
        page = page.also(HOLD_STATES[state], Instant(at_us))
    elif state is not None:
        page = _Page(f"{page.statement} and {HOLD_STATES[state]}", page.parameters)
    return page.ending(limit, before)


async def grants(
    connection: Connection,
    wallet_id: WalletId,
    chosen: GrantFilter,
    limit: int,
    before: str | None,
) -> list[Lot]:
    """Up to `limit` grants as booked."""
    statement, parameters = grants_page(wallet_id, chosen, limit, before)
    return [rows.lot(row) for row in await ask(connection, statement, *parameters)]


async def grant(connection: Connection, wallet_id: WalletId, grant_id: GrantId) -> Lot | None:
    """One grant as booked."""
    found = await ask(connection, GRANT, bucket_of(wallet_id), wallet_id, grant_id)
    return rows.lot(found[0]) if found else None


async def grants_by_id(
    connection: Connection, wallet_id: WalletId, ids: list[GrantId]
) -> dict[GrantId, Lot]:
    """Those of these grants that the wallet has, as booked."""
    found = await ask(connection, GRANTS_BY_ID, bucket_of(wallet_id), wallet_id, texts(ids))
    lots = [rows.lot(row) for row in found]
    return {lot.id: lot for lot in lots}


async def holds(
    connection: Connection,
    wallet_id: WalletId,
    state: HoldState | None,
    at_us: int,
    limit: int,
    before: str | None,
) -> list[Hold]:
    """Up to `limit` holds as booked, of those that are in that state by now."""
    statement, parameters = holds_page(wallet_id, state, at_us, limit, before)
    return [rows.hold(row) for row in await ask(connection, statement, *parameters)]


async def hold(connection: Connection, wallet_id: WalletId, hold_id: HoldId) -> Hold | None:
    """One hold as booked."""
    found = await ask(connection, HOLD, bucket_of(wallet_id), wallet_id, hold_id)
    return rows.hold(found[0]) if found else None
