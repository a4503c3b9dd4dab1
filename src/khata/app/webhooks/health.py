"""How endpoints are doing: counted with each attempt, told to people, and ended after five days.

All of it is written in the transaction that notes the attempt. An answer tells of the URL that
it came from: nothing is counted where the endpoint was moved, disabled or deleted meanwhile.
"""

from msgspec import Struct

from khata.app.people.audited import Change, note_change
from khata.domain.actor import WORKER, Actor
from khata.domain.delivery_plan import Verdict, is_failing, why_given_up
from khata.domain.ids import OrganizationId
from khata.domain.times import rfc3339
from khata.postgres import webhook_endpoints as store
from khata.postgres.alerts import NewAlert, place_of, raise_alert
from khata.postgres.asking import Connection
from khata.postgres.deliveries import Due
from khata.postgres.news import News, tell
from khata.postgres.resolving import resolve_about


class Failure(Struct, frozen=True):
    """One more failure: until when the endpoint rests now, and whether a delivery was given up."""

    verdict: Verdict
    at_us: int
    resting_until_us: int | None
    is_dead: bool


async def recovered(connection: Connection, due: Due, at_us: int) -> None:
    """The endpoint accepted something: whatever there was of failures is over."""
    if await store.note_success(connection, due.endpoint_id, due.url):
        await calm(connection, due.organization_id, due.endpoint_id, at_us)


async def failed(connection: Connection, due: Due, failure: Failure) -> None:
    """Counts the failure; alerts people once, and disables what has failed for too long."""
    at_us, tried = failure.at_us, (due.endpoint_id, due.url)
    since_us = await store.note_failure(connection, *tried, at_us, failure.resting_until_us)
    if since_us is None:
        return
    why = why_given_up(since_us, failure.verdict, at_us)
    worries = failure.is_dead or why is not None or is_failing(since_us, at_us)
    if worries and await store.note_alerted(connection, *tried):
        await _alert(connection, due, since_us, at_us)
    if why is not None and await store.disable(connection, *tried, why, at_us):
        await _tell_disabled(connection, due, why, at_us)


async def calm(
    connection: Connection, organization_id: OrganizationId, endpoint_id: str, at_us: int
) -> None:
    """Nobody need worry about the endpoint any more."""
    place = place_of(None, organization_id)
    await resolve_about(connection, place, "WEBHOOK_FAILING", endpoint_id, at_us)


async def _alert(connection: Connection, due: Due, since_us: int, at_us: int) -> None:
    alert = NewAlert(
        wallet_id=None,
        organization_id=due.organization_id,
        type="WEBHOOK_FAILING",
        subject=f"{due.endpoint_id} {since_us}",
        facts={"endpoint_id": due.endpoint_id, "url": due.url, "failing_since": rfc3339(since_us)},
    )
    await raise_alert(connection, alert, at_us)


async def _tell_disabled(connection: Connection, due: Due, why: str, at_us: int) -> None:
    change = Change(
        organization_id=due.organization_id,
        action="webhook_endpoint.disabled",
        subject=due.endpoint_id,
        before={"state": "enabled"},
        after={"state": "disabled", "why": why},
    )
    await note_change(connection, Actor(WORKER), change, at_us)
    news = News(
        organization_id=due.organization_id,
        wallet_id=None,
        kind="webhook_endpoint.disabled",
        subject=due.endpoint_id,
        at_us=at_us,
    )
    await tell(connection, news)
