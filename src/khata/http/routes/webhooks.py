"""Webhooks out: where an organization is told, and the log of what was sent."""

from __future__ import annotations

from typing import Final

from khata.app.cursors import cursor, id_behind
from khata.app.events.told import TYPES
from khata.app.runtime import Khata
from khata.app.shown.endpoints import WebhookEndpoint, endpoint_shown
from khata.app.webhooks.endpoints import TooManyEndpoints
from khata.http.auth import ApiCaller, actor_of
from khata.http.call import Call
from khata.http.event_scopes import demand_events
from khata.http.problems import Problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.common import Page
from khata.http.schemas.webhooks import (
    DeliveryQuery,
    EndpointFigures,
    EndpointQuery,
    FigureQuery,
    NewWebhookEndpoint,
    Redelivery,
    RedeliveryBody,
    RotationBody,
    StandingWebhookEndpoint,
    WebhookDelivery,
    WebhookEndpointBody,
    WebhookEndpointChanges,
    WholeWebhookDelivery,
    delivery_shown,
    figures_shown,
    logged_shown,
    new_endpoint_shown,
    redelivery_shown,
    standing_shown,
    whole_shown,
)
from khata.postgres.webhook_endpoints import Endpoint

_ALL: Final = "/v1/webhook-endpoints"
_ONE: Final = f"{_ALL}/{{endpoint_id}}"
_SENT: Final = f"{_ONE}/deliveries"
_MISSING: Final = ("WEBHOOK_ENDPOINT_NOT_FOUND",)
_MISSING_DELIVERY: Final = (*_MISSING, "DELIVERY_NOT_FOUND")


class WebhookRoutes:
    """Endpoints of webhooks, and deliveries."""

    routes = Routes("Webhooks")

    def __init__(self, khata: Khata) -> None:
        self._endpoints = khata.webhooks.endpoints
        self._log = khata.webhooks.log
        self._now_us = khata.now_us

    @routes.on(
        f"POST {_ALL}",
        scope="webhooks:write",
        audit=("webhook_endpoint.created",),
        statuses=(201,),
        problems=("TOO_MANY_WEBHOOK_ENDPOINTS",),
        example={"url": "https://example.com/khata", "event_types": ["wallet.updated"]},
    )
    async def create_webhook_endpoint(
        self, call: Call[ApiCaller], body: WebhookEndpointBody
    ) -> Reply[NewWebhookEndpoint]:
        """Be told of events by webhook. The `secret` that signs them is shown this once.

        The URL is https on a public host. Each event is sent at least once, in the order of its
        wallet, signed as Standard Webhooks says; tell repeated ones by `webhook-id`. It takes the
        scopes that a live stream of these events does: `wallets:read`, `payments:read` for
        `order.updated`, `webhooks:read` for `webhook_endpoint.disabled`.
        """
        within = call.caller.within(body.organization_id)
        demand_events(call.caller, body.event_types or TYPES)
        try:
            made, secret = await self._endpoints.create(within, body.wish(), actor_of(call))
        except TooManyEndpoints as error:
            raise Problem("TOO_MANY_WEBHOOK_ENDPOINTS", str(error)) from error
        return Reply(new_endpoint_shown(made, secret), 201)

    @routes.on(f"GET {_ALL}", scope="webhooks:read")
    async def list_webhook_endpoints(
        self, call: Call[ApiCaller], query: EndpointQuery
    ) -> Page[StandingWebhookEndpoint]:
        """List endpoints, oldest first, each with its last day and how much waits for it."""
        within = call.caller.within(query.organization_id)
        behind = id_behind("webhook_endpoints", query.cursor)
        found = await self._endpoints.list(within, query.limit + 1, behind)
        page = found[: query.limit]
        standings = await self._log.standings(page)
        following = page[-1].id if len(found) > query.limit else None
        return Page(
            [standing_shown(each, standings[each.id]) for each in page],
            None if following is None else cursor("webhook_endpoints", following),
        )

    @routes.on(f"GET {_ONE}", scope="webhooks:read", problems=_MISSING)
    async def get_webhook_endpoint(
        self, call: Call[ApiCaller], endpoint_id: str
    ) -> StandingWebhookEndpoint:
        """Give an endpoint, with its last day and how much waits for it, without its secret."""
        endpoint = await self._known(call.caller, endpoint_id)
        standings = await self._log.standings([endpoint])
        return standing_shown(endpoint, standings[endpoint.id])

    @routes.on(
        f"PATCH {_ONE}",
        scope="webhooks:write",
        audit=("webhook_endpoint.changed",),
        problems=_MISSING,
        example={"event_types": ["wallet.updated", "alert.raised"]},
    )
    async def change_webhook_endpoint(
        self, call: Call[ApiCaller], endpoint_id: str, body: WebhookEndpointChanges
    ) -> WebhookEndpoint:
        """Change an endpoint. What waits already is sent to the new URL, so that it takes the
        scopes of the events it had and of those it has then, as to make one."""
        endpoint = await self._known(call.caller, endpoint_id)
        after = endpoint.event_types if body.event_types is None else body.event_types
        for types in (endpoint.event_types, after):
            demand_events(call.caller, types or TYPES)
        return _found(
            endpoint_id, await self._endpoints.change(endpoint.id, body.wish(), actor_of(call))
        )

    @routes.on(
        f"DELETE {_ONE}",
        scope="webhooks:write",
        audit=("webhook_endpoint.deleted",),
        problems=_MISSING,
    )
    async def delete_webhook_endpoint(
        self, call: Call[ApiCaller], endpoint_id: str
    ) -> WebhookEndpoint:
        """Delete an endpoint, with what waits for it. It is given as it was."""
        endpoint = await self._known(call.caller, endpoint_id)
        if not await self._endpoints.delete(endpoint.id, actor_of(call)):
            raise _no_endpoint(endpoint_id)
        return endpoint_shown(endpoint)

    @routes.on(
        f"POST {_ONE}/rotate-secret",
        scope="webhooks:write",
        audit=("webhook_endpoint.secret_rotated",),
        problems=_MISSING,
        example={"overlap_hours": 24},
    )
    async def rotate_webhook_secret(
        self, call: Call[ApiCaller], endpoint_id: str, body: RotationBody | None
    ) -> NewWebhookEndpoint:
        """Make a new secret, shown this once. Until the overlap is over the old one signs too.

        Where the answer was lost, rotate again: each former secret signs until its own overlap is
        over. An overlap of 0 hours ends them all at once.
        """
        endpoint = await self._known(call.caller, endpoint_id)
        overlap_hours = (body or RotationBody()).overlap_hours
        rotated = await self._endpoints.rotate(endpoint.id, overlap_hours, actor_of(call))
        if rotated is None:
            raise _no_endpoint(endpoint_id)
        return new_endpoint_shown(*rotated)

    @routes.on(
        f"POST {_ONE}/enable",
        scope="webhooks:write",
        audit=("webhook_endpoint.enabled",),
        problems=_MISSING,
    )
    async def enable_webhook_endpoint(
        self, call: Call[ApiCaller], endpoint_id: str
    ) -> WebhookEndpoint:
        """Enable an endpoint. What waits for it is sent at once."""
        endpoint = await self._known(call.caller, endpoint_id)
        return _found(endpoint_id, await self._endpoints.enable(endpoint.id, actor_of(call)))

    @routes.on(
        f"POST {_ONE}/disable",
        scope="webhooks:write",
        audit=("webhook_endpoint.disabled",),
        problems=_MISSING,
    )
    async def disable_webhook_endpoint(
        self, call: Call[ApiCaller], endpoint_id: str
    ) -> WebhookEndpoint:
        """Disable an endpoint: what waits for it goes on waiting, and nothing new is put in."""
        endpoint = await self._known(call.caller, endpoint_id)
        return _found(endpoint_id, await self._endpoints.disable(endpoint.id, actor_of(call)))

    @routes.on(
        f"POST {_ONE}/test",
        scope="webhooks:write",
        audit=("webhook_endpoint.tested",),
        statuses=(202,),
        problems=(*_MISSING, "WEBHOOK_ENDPOINT_DISABLED"),
    )
    async def send_test_event(
        self, call: Call[ApiCaller], endpoint_id: str
    ) -> Reply[WebhookDelivery]:
        """Send an event of the type `webhook_endpoint.test` at once. It is tried no second time.

        Ask for the delivery to see what was answered.
        """
        endpoint = await self._known(call.caller, endpoint_id)
        if endpoint.state != "enabled":
            detail = "Nothing is sent to a disabled endpoint: enable it first."
            raise Problem("WEBHOOK_ENDPOINT_DISABLED", detail, endpoint_id=endpoint_id)
        return Reply(delivery_shown(await self._log.send_test(endpoint, actor_of(call))), 202)

    @routes.on(f"GET {_ONE}/figures", scope="webhooks:read", problems=_MISSING)
    async def get_webhook_figures(
        self, call: Call[ApiCaller], endpoint_id: str, query: FigureQuery
    ) -> EndpointFigures:
        """Sum up the attempts of a time, whole and by the hour."""
        endpoint = await self._known(call.caller, endpoint_id)
        from_us, to_us = query.bounds(self._now_us())
        return figures_shown(from_us, to_us, await self._log.hours(endpoint, from_us, to_us))

    @routes.on(f"GET {_SENT}", scope="webhooks:read", problems=_MISSING)
    async def list_deliveries(
        self, call: Call[ApiCaller], endpoint_id: str, query: DeliveryQuery
    ) -> Page[WebhookDelivery]:
        """List an endpoint's deliveries of the last 30 days, newest first."""
        endpoint = await self._known(call.caller, endpoint_id)
        behind = id_behind("deliveries", query.cursor)
        found = await self._log.list(endpoint, query.chosen(), query.limit + 1, behind)
        page = [logged_shown(each) for each in found[: query.limit]]
        following = cursor("deliveries", page[-1].id) if len(found) > query.limit else None
        return Page(page, following)

    @routes.on(f"GET {_SENT}/{{delivery_id}}", scope="webhooks:read", problems=_MISSING_DELIVERY)
    async def get_delivery(
        self, call: Call[ApiCaller], endpoint_id: str, delivery_id: str
    ) -> WholeWebhookDelivery:
        """Give a delivery: what is sent, and each attempt with its signature and answer. It takes
        the scopes that its event does."""
        endpoint = await self._known(call.caller, endpoint_id)
        found = await self._log.find(endpoint, delivery_id)
        if found is None:
            raise _no_delivery(delivery_id)
        if found.delivery.event_type in TYPES:
            demand_events(call.caller, (found.delivery.event_type,))
        return whole_shown(found)

    @routes.on(
        f"POST {_SENT}/{{delivery_id}}/redeliver",
        scope="webhooks:write",
        audit=("webhook_delivery.sent_again",),
        statuses=(202,),
        problems=_MISSING_DELIVERY,
    )
    async def redeliver(
        self, call: Call[ApiCaller], endpoint_id: str, delivery_id: str
    ) -> Reply[WebhookDelivery]:
        """Send a delivery once more, with the same `webhook-id`, before what waits behind it."""
        endpoint = await self._known(call.caller, endpoint_id)
        sent = await self._log.send_again(endpoint, delivery_id, actor_of(call))
        if sent is None:
            raise _no_delivery(delivery_id)
        return Reply(delivery_shown(sent), 202)

    @routes.on(
        f"POST {_SENT}/redeliver",
        scope="webhooks:write",
        audit=("webhook_delivery.sent_again",),
        statuses=(202,),
        problems=_MISSING,
        example={"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z"},
    )
    async def redeliver_all(
        self, call: Call[ApiCaller], endpoint_id: str, body: RedeliveryBody
    ) -> Reply[Redelivery]:
        """Send once more what failed within a time, oldest first, up to 10,000 a call."""
        endpoint = await self._known(call.caller, endpoint_id)
        behind = id_behind("deliveries", body.cursor)
        chosen = body.chosen()
        sent = await self._log.send_all_again(endpoint, chosen, behind, actor_of(call))
        following = None if sent.behind is None else cursor("deliveries", sent.behind.id)
        return Reply(redelivery_shown(sent, following), 202)

    async def _known(self, caller: ApiCaller, endpoint_id: str) -> Endpoint:
        endpoint = await self._endpoints.find(endpoint_id)
        if endpoint is None or not caller.covers(endpoint.organization_id, None, None):
            raise _no_endpoint(endpoint_id)
        return endpoint


def _found(endpoint_id: str, endpoint: Endpoint | None) -> WebhookEndpoint:
    """The endpoint, or 404 where it was deleted meanwhile."""
    if endpoint is None:
        raise _no_endpoint(endpoint_id)
    return endpoint_shown(endpoint)


def _no_endpoint(endpoint_id: str) -> Problem:
    detail = f"There is no webhook endpoint {endpoint_id}."
    return Problem("WEBHOOK_ENDPOINT_NOT_FOUND", detail, endpoint_id=endpoint_id)


def _no_delivery(delivery_id: str) -> Problem:
    detail = f"There is no delivery {delivery_id}."
    return Problem("DELIVERY_NOT_FOUND", detail, delivery_id=delivery_id)
