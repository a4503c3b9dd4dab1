"""Endpoints of webhooks as everybody is shown them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from khata.app.shown.common import Time
from khata.domain.times import rfc3339
from khata.postgres import webhook_endpoints as store


class WebhookEndpoint(Struct, frozen=True, kw_only=True):
    """Where an organization wants to be told. No `event_types` are all of them.

    `why` says of a disabled one how that came. `failures` counts since the last success, and
    until `resting_until` nothing is sent.
    """

    id: str
    organization_id: str
    url: str
    event_types: tuple[str, ...]
    description: str
    state: Literal["enabled", "disabled"]
    why: str | None
    old_secret_until: Time | None
    failures: int
    failing_since: Time | None
    resting_until: Time | None
    created_at: Time
    updated_at: Time


def endpoint_shown(endpoint: store.Endpoint) -> WebhookEndpoint:
    """The endpoint as the API shows it, without its secrets."""
    return WebhookEndpoint(
        id=endpoint.id,
        organization_id=endpoint.organization_id,
        url=endpoint.url,
        event_types=endpoint.event_types,
        description=endpoint.description,
        state="enabled" if endpoint.state == "enabled" else "disabled",
        why=endpoint.why,
        old_secret_until=_time(endpoint.old_secret_until_us),
        failures=endpoint.failures,
        failing_since=_time(endpoint.failing_since_us),
        resting_until=_time(endpoint.resting_until_us),
        created_at=rfc3339(endpoint.created_at_us),
        updated_at=rfc3339(endpoint.updated_at_us),
    )


def _time(at_us: int | None) -> Time | None:
    return None if at_us is None else rfc3339(at_us)
