"""Endpoints of webhooks: who wants to be told of what, and how they have been doing.

What people set changes by comparing the time of its last change; how an endpoint is doing is
counted beside that, by whoever sends to it.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from khata.domain.ids import OrganizationId
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant, texts

EndpointState = Literal["enabled", "disabled", "deleted"]

_SET = (
    "url, event_types, description, state, why, sealed_secret, sealed_old_secret, old_secret_until"
)
_FIELDS = (
    f"id, organization_id, {_SET}, failures, failing_since, resting_until, created_at, updated_at"
)

INSERT_ENDPOINT = f"""
insert into webhook_endpoints (id, organization_id, created_at, updated_at, {_SET})
values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11)"""

ENDPOINT = f"select {_FIELDS} from webhook_endpoints where id = $1 and state <> 'deleted'"

ENDPOINTS = f"""
select {_FIELDS} from webhook_endpoints
where ($1::text is null or organization_id = $1) and state <> 'deleted' and id > $2
order by id limit $3"""

COUNT_ENDPOINTS = """
select count(*) from webhook_endpoints where organization_id = $1 and state <> 'deleted'"""

# An endpoint that was enabled, or moved, has not failed yet.
PUT_ENDPOINT = f"""
update webhook_endpoints set ({_SET}) = ($4, $5, $6, $7, $8, $9, $10, $11), updated_at = $3,
  failures = case when (state, url) = ($7, $4) then failures else 0 end,
  failing_since = case when (state, url) = ($7, $4) then failing_since end,
  is_alerted = (state, url) = ($7, $4) and is_alerted,
  resting_until = case when (state, url) = ($7, $4) then resting_until end
where id = $1 and updated_at = $2
returning 1"""

# It changes nothing, but nobody moves the endpoint before the attempt is noted.
STAY = """
update webhook_endpoints set failures = failures where id = $1 and state <> 'deleted'
returning url <> $2"""

SUCCEEDED = """
update webhook_endpoints
set failures = 0, failing_since = null, is_alerted = false, resting_until = null
where id = $1 and url = $2 and failures > 0
returning 1"""

# An answer may come late: it says nothing of another URL, nor of what is not enabled any more.
_AS_TRIED = "id = $1 and state = 'enabled' and url = $2"

FAILED = f"""
update webhook_endpoints set failures = failures + 1, failing_since = coalesce(failing_since, $3),
  resting_until = greatest(resting_until, $4)
where {_AS_TRIED}
returning failing_since"""

ALERTED = f"""
update webhook_endpoints set is_alerted = true
where {_AS_TRIED} and failures > 0 and not is_alerted
returning 1"""

DISABLED = f"""
update webhook_endpoints set state = 'disabled', why = $3,
  updated_at = greatest($4, updated_at + interval '1 microsecond')
where {_AS_TRIED}
returning 1"""

LISTENING = """
select id, organization_id, event_types from webhook_endpoints
where state = 'enabled' and organization_id = any($1::text[])
order by id"""


class Endpoint(Struct, frozen=True, kw_only=True):
    """Where an organization wants to be told. No `event_types` are all of them.

    `why` says of a disabled one how that came; `failures` counts since the last success.
    """

    id: str
    organization_id: OrganizationId
    url: str
    event_types: tuple[str, ...]
    description: str
    state: EndpointState
    why: str | None
    sealed_secret: bytes
    sealed_old_secret: bytes | None = None
    old_secret_until_us: int | None = None
    failures: int = 0
    failing_since_us: int | None = None
    resting_until_us: int | None = None
    created_at_us: int
    updated_at_us: int


class Listener(Struct, frozen=True):
    """An enabled endpoint, and what it wants to be told of: all where none is named."""

    endpoint_id: str
    organization_id: OrganizationId
    event_types: frozenset[str]

    def wants(self, event_type: str) -> bool:
        """Whether it wants to be told of that."""
        return not self.event_types or event_type in self.event_types


async def insert_endpoint(connection: Connection, endpoint: Endpoint) -> None:
    """Adds an endpoint."""
    named = (endpoint.id, endpoint.organization_id, Instant(endpoint.created_at_us))
    await ask(connection, INSERT_ENDPOINT, *named, *_set(endpoint))


async def endpoint(connection: Connection, endpoint_id: str) -> Endpoint | None:
    """The endpoint, unless there is none or it was deleted."""
    found = await ask(connection, ENDPOINT, endpoint_id)
    return _endpoint(found[0]) if found else None


async def endpoints(
    connection: Connection, organization_id: OrganizationId | None, limit: int, behind: str | None
) -> list[Endpoint]:
    """Up to `limit` endpoints of the organization, or of all, behind that id, oldest first."""
    rows = await ask(connection, ENDPOINTS, organization_id, behind or "", limit)
    return [_endpoint(row) for row in rows]


async def count_endpoints(connection: Connection, organization_id: OrganizationId) -> int:
    """How many the organization has."""
    return (await ask(connection, COUNT_ENDPOINTS, organization_id))[0][0]


async def put_endpoint(connection: Connection, after: Endpoint, before: Endpoint) -> bool:
    """Sets the endpoint, if it still is as it was before."""
    times = (Instant(before.updated_at_us), Instant(after.updated_at_us))
    return bool(await ask(connection, PUT_ENDPOINT, after.id, *times, *_set(after)))


async def listening(
    connection: Connection, organizations: Sequence[OrganizationId]
) -> list[Listener]:
    """The enabled endpoints of these organizations."""
    rows = await ask(connection, LISTENING, texts(organizations))
    return [Listener(row[0], row[1], frozenset(row[2])) for row in rows]


async def has_moved(connection: Connection, endpoint_id: str, url: str) -> bool:
    """Whether the endpoint has another URL by now; it stays as it is for the transaction."""
    found = await ask(connection, STAY, endpoint_id, url)
    return bool(found) and found[0][0]


async def note_success(connection: Connection, endpoint_id: str, url: str) -> bool:
    """The endpoint accepted something, and has no failures any more; whether it had any."""
    return bool(await ask(connection, SUCCEEDED, endpoint_id, url))


async def note_failure(
    connection: Connection, endpoint_id: str, url: str, at_us: int, resting_until_us: int | None
) -> int | None:
    """One more failure, and a rest if any; since when it has been failing.

    None where it is not enabled at that URL any more.
    """
    rest = None if resting_until_us is None else Instant(resting_until_us)
    found = await ask(connection, FAILED, endpoint_id, url, Instant(at_us), rest)
    return found[0][0] if found else None


async def note_alerted(connection: Connection, endpoint_id: str, url: str) -> bool:
    """Whether nobody was alerted of these failures yet: from now on somebody is."""
    return bool(await ask(connection, ALERTED, endpoint_id, url))


async def disable(connection: Connection, endpoint_id: str, url: str, why: str, at_us: int) -> bool:
    """Disables the endpoint by ourselves; whether it was enabled at that URL."""
    return bool(await ask(connection, DISABLED, endpoint_id, url, why, Instant(at_us)))


def _set(endpoint: Endpoint) -> tuple[object, ...]:
    e, until_us = endpoint, endpoint.old_secret_until_us
    secrets = (
        e.sealed_secret,
        e.sealed_old_secret,
        None if until_us is None else Instant(until_us),
    )
    return (e.url, list(e.event_types), e.description, e.state, e.why, *secrets)


def _endpoint(row: Row) -> Endpoint:
    return Endpoint(
        id=row[0],
        organization_id=row[1],
        url=row[2],
        event_types=tuple(row[3]),
        description=row[4],
        state=row[5],
        why=row[6],
        sealed_secret=row[7],
        sealed_old_secret=row[8],
        old_secret_until_us=row[9],
        failures=row[10],
        failing_since_us=row[11],
        resting_until_us=row[12],
        created_at_us=row[13],
        updated_at_us=row[14],
    )
