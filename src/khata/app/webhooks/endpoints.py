"""Endpoints: where an organization wants to be told, set by people, each change written down.

The secret is shown when it is made and kept sealed. While it is being changed those before sign as
well, each until its time is over.
"""

import secrets
from collections.abc import Callable, Collection
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from khata.app.invalid import Invalid
from khata.app.people.audited import Change, note_change
from khata.app.sealing import Sealer
from khata.app.webhooks.health import calm
from khata.app.webhooks.signing import Sealed, replaced, secret_place
from khata.domain.actor import Actor
from khata.domain.delivery_plan import HOUR_US
from khata.domain.ids import OrganizationId, is_id
from khata.domain.standard_webhooks import SECRET_BYTES, secret_text
from khata.domain.web_address import ReachRules, read_web_address
from khata.engine.ids import UlidMint
from khata.postgres import webhook_endpoints as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.audit_log import Shown
from khata.postgres.connect import Pool
from khata.postgres.delivery_lanes import forget_lanes, wake_lanes
from khata.postgres.delivery_log import hasten
from khata.postgres.organizations import default_organization, organization_exists
from khata.postgres.webhook_endpoints import Endpoint

MOST_ENDPOINTS: Final = 50
MOST_OVERLAP_HOURS: Final = 168
WHY_BY_HAND: Final = "It was disabled by hand."

Alter = Callable[[Endpoint], Endpoint]
"""The endpoint as it is to be; the same where nothing changes."""


class TooManyEndpoints(Exception):
    """The organization has as many endpoints as one may have."""


class EndpointWish(Struct, frozen=True, kw_only=True):
    """What people set. What is None stays as it is."""

    url: str | None = None
    event_types: tuple[str, ...] | None = None
    description: str | None = None


class Endpoints:
    """The endpoints of all organizations. `event_types` are those there are."""

    def __init__(
        self,
        pool: Pool,
        sealer: Sealer,
        rules: ReachRules,
        event_types: Collection[str],
        now_us: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._sealer = sealer
        self._rules = rules
        self._event_types = event_types
        self._now_us = now_us
        self._mint = UlidMint()

    async def create(
        self, organization_id: OrganizationId | None, wish: EndpointWish, by: Actor
    ) -> tuple[Endpoint, str]:
        """A new endpoint of the organization, or of the default one, and its secret, which is shown
        this once. Raises `Invalid` and `TooManyEndpoints`."""
        if wish.url is None:
            raise Invalid("url", "is required")
        self._check(wish)
        endpoint_id, at_us = "whe_" + self._mint.anywhere(), self._now_us()
        secret, sealed = self._new_secret(endpoint_id)
        async with borrowed(self._pool) as connection, connection.transaction():
            organization = await _organization(connection, organization_id)
            if await store.count_endpoints(connection, organization) >= MOST_ENDPOINTS:
                raise TooManyEndpoints(f"An organization has {MOST_ENDPOINTS} endpoints at most.")
            made = Endpoint(
                id=endpoint_id,
                organization_id=organization,
                url=wish.url,
                event_types=_sorted(wish.event_types or ()),
                description=wish.description or "",
                state="enabled",
                why=None,
                sealed_secret=sealed,
                created_at_us=at_us,
                updated_at_us=at_us,
            )
            await store.insert_endpoint(connection, made)
            await self._write_down(connection, "webhook_endpoint.created", by, None, made)
        return made, secret

    async def find(self, endpoint_id: str) -> Endpoint | None:
        """The endpoint, if there is one."""
        if not is_id(endpoint_id, "whe_"):
            return None
        async with borrowed(self._pool) as connection:
            return await store.endpoint(connection, endpoint_id)

    async def list(
        self, organization_id: OrganizationId | None, limit: int, behind: str | None
    ) -> list[Endpoint]:
        """Up to `limit` endpoints of the organization, or of all, oldest first."""
        async with borrowed(self._pool) as connection:
            return await store.endpoints(connection, organization_id, limit, behind)

    async def change(self, endpoint_id: str, wish: EndpointWish, by: Actor) -> Endpoint | None:
        """The endpoint with what is wished; none where there is none. Raises `Invalid`."""
        self._check(wish)

        def changed(before: Endpoint) -> Endpoint:
            types, description = wish.event_types, wish.description
            return replace(
                before,
                url=before.url if wish.url is None else wish.url,
                event_types=before.event_types if types is None else _sorted(types),
                description=before.description if description is None else description,
            )

        return await self._changed(endpoint_id, "webhook_endpoint.changed", by, changed)

    async def rotate(
        self, endpoint_id: str, overlap_hours: int, by: Actor
    ) -> tuple[Endpoint, str] | None:
        """The endpoint with a new secret, which is shown this once; none where there is none.

        Until the overlap is over the old secret signs as well, and whatever signs beside it until
        then: where the answer is lost, rotate again. Without an overlap no other one signs.
        """
        secret, sealed = self._new_secret(endpoint_id)
        overlap_us = overlap_hours * HOUR_US

        def rotated(before: Endpoint) -> Endpoint:
            now_us, made = self._now_us(), Sealed(sealed, None, None)
            if overlap_us:
                known = Sealed(
                    before.sealed_secret, before.sealed_old_secret, before.old_secret_until_us
                )
                made = replaced(
                    self._sealer, endpoint_id, known, sealed, now_us, now_us + overlap_us
                )
            return replace(
                before,
                sealed_secret=made.own,
                sealed_old_secret=made.former,
                old_secret_until_us=made.former_until_us,
            )

        action = "webhook_endpoint.secret_rotated"
        found = await self._changed(endpoint_id, action, by, rotated)
        return None if found is None else (found, secret)

    async def enable(self, endpoint_id: str, by: Actor) -> Endpoint | None:
        """The endpoint, to which all that waits is sent at once; none where there is none."""

        def enabled(before: Endpoint) -> Endpoint:
            return replace(before, state="enabled", why=None)

        action = "webhook_endpoint.enabled"
        return await self._changed(endpoint_id, action, by, enabled, "woken")

    async def disable(self, endpoint_id: str, by: Actor) -> Endpoint | None:
        """The endpoint, to which nothing is sent; none where there is none.

        What waits stays, and nothing new is put behind it.
        """

        def disabled(before: Endpoint) -> Endpoint:
            if before.state == "disabled":
                return before
            return replace(before, state="disabled", why=WHY_BY_HAND)

        return await self._changed(endpoint_id, "webhook_endpoint.disabled", by, disabled)

    async def delete(self, endpoint_id: str, by: Actor) -> bool:
        """Ends the endpoint with its secrets for good; whether there was one."""

        def deleted(before: Endpoint) -> Endpoint:
            return replace(
                before,
                state="deleted",
                why=None,
                sealed_secret=b"",
                sealed_old_secret=None,
                old_secret_until_us=None,
            )

        action = "webhook_endpoint.deleted"
        return bool(await self._changed(endpoint_id, action, by, deleted, "forgotten"))

    async def _changed(
        self,
        endpoint_id: str,
        action: str,
        by: Actor,
        alter: Alter,
        then: Literal["woken", "forgotten", "left"] = "left",
    ) -> Endpoint | None:
        """The endpoint after a change, written down with it; tried again on what others left."""
        if not is_id(endpoint_id, "whe_"):
            return None
        while True:
            async with borrowed(self._pool) as connection, connection.transaction():
                before = await store.endpoint(connection, endpoint_id)
                if before is None:
                    return None
                after = alter(before)
                if after == before:
                    return before
                # Strictly later than before, for it tells one state from the next.
                at_us = max(self._now_us(), before.updated_at_us + 1)
                after = replace(after, updated_at_us=at_us)
                if await store.put_endpoint(connection, after, before):
                    if (after.state, after.url) != (before.state, before.url):
                        await calm(connection, after.organization_id, after.id, at_us)
                    await self._write_down(connection, action, by, before, after)
                    await self._follow(connection, endpoint_id, then)
                    return after

    async def _follow(self, connection: Connection, endpoint_id: str, then: str) -> None:
        if then == "woken":
            await hasten(connection, endpoint_id, self._now_us())
            await wake_lanes(connection, endpoint_id, self._now_us())
        elif then == "forgotten":
            await forget_lanes(connection, endpoint_id)

    async def _write_down(
        self,
        connection: Connection,
        action: str,
        by: Actor,
        before: Endpoint | None,
        after: Endpoint,
    ) -> None:
        change = Change(
            organization_id=after.organization_id,
            action=action,
            subject=after.id,
            before=None if before is None else _shown(before),
            after=_shown(after),
        )
        await note_change(connection, by, change, after.updated_at_us)

    def _new_secret(self, endpoint_id: str) -> tuple[str, bytes]:
        secret = secret_text(secrets.token_bytes(SECRET_BYTES))
        return secret, self._sealer.seal(secret.encode(), secret_place(endpoint_id))

    def _check(self, wish: EndpointWish) -> None:
        if wish.url is not None:
            address = read_web_address(wish.url, self._rules)
            if isinstance(address, str):
                raise Invalid("url", address)
        for place, event_type in enumerate(wish.event_types or ()):
            if event_type not in self._event_types:
                known = ", ".join(sorted(self._event_types))
                raise Invalid(f"event_types[{place}]", f"must be one of {known}")


async def _organization(
    connection: Connection, organization_id: OrganizationId | None
) -> OrganizationId:
    if organization_id is None:
        default = await default_organization(connection)
        assert default is not None, "the first start made one"
        return default
    if not await organization_exists(connection, organization_id):
        raise Invalid("organization_id", "is no organization here")
    return organization_id


def _sorted(event_types: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(set(event_types)))


def _shown(endpoint: Endpoint) -> Shown:
    return {
        "url": endpoint.url,
        "event_types": ", ".join(endpoint.event_types),
        "description": endpoint.description,
        "state": endpoint.state,
        "why": endpoint.why,
    }
