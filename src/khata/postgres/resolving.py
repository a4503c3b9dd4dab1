"""Alerts end by themselves when what they tell of is over, whether or not anybody has seen them."""

from collections.abc import Collection

from khata.domain.ids import WalletId, bucket_of
from khata.postgres import news
from khata.postgres.alerts import AlertType
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

UNRESOLVED = """
select id, subject from alerts
where bucket = $1 and wallet_id = $2 and type = $3 and state <> 'resolved' order by id"""

# Who comes second finds it over, and tells of nothing.
RESOLVE = f"""
with over as (
  update alerts set state = 'resolved', resolved_at = $4
  where bucket = $1 and wallet_id = $2 and id = $3 and state <> 'resolved'
  returning *)
insert into news ({news.COLUMNS})
select bucket, $5, organization_id, nullif(wallet_id, organization_id), 'alert.resolved', id,
  resolved_at from over"""


async def resolve(
    connection: Connection,
    place: WalletId,
    type: AlertType,
    at_us: int,
    but: Collection[str] = (),
) -> None:
    """The alerts of that type that stand at this place are over, but those of the subjects named.
    In a transaction."""
    for alert_id, subject in await _unresolved(connection, place, type):
        if subject not in but:
            await _resolve(connection, place, alert_id, at_us)


async def resolve_one(
    connection: Connection, place: WalletId, type: AlertType, subject: str, at_us: int
) -> None:
    """The alert of that type and subject is over, if there was one. In a transaction."""
    for alert_id, its_subject in await _unresolved(connection, place, type):
        if subject == its_subject:
            await _resolve(connection, place, alert_id, at_us)


async def end_alert(connection: Connection, place: WalletId, alert_id: str, at_us: int) -> None:
    """That alert is over, if it was not already."""
    await _resolve(connection, place, alert_id, at_us)


async def resolve_about(
    connection: Connection, place: WalletId, type: AlertType, about: str, at_us: int
) -> None:
    """The alerts of that type are over whose subjects begin with this word. In a transaction."""
    for alert_id, subject in await _unresolved(connection, place, type):
        if subject.partition(" ")[0] == about:
            await _resolve(connection, place, alert_id, at_us)


async def _unresolved(connection: Connection, place: WalletId, type: AlertType) -> list[Row]:
    return await ask(connection, UNRESOLVED, bucket_of(place), place, type)


async def _resolve(connection: Connection, place: WalletId, alert_id: str, at_us: int) -> None:
    named = (bucket_of(place), place, alert_id)
    await ask(connection, RESOLVE, *named, Instant(at_us), news.news_id(place))
