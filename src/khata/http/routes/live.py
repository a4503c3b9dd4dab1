"""Live streams: what happens to a wallet or in an organization, told as it happens."""

from __future__ import annotations

from math import inf
from typing import Final

from starlette.responses import Response

from khata.app.events.channels import Channel
from khata.app.runtime import Khata
from khata.domain.ids import WalletId
from khata.engine.books import Unavailable
from khata.http.auth import ApiCaller, Doorkeeper
from khata.http.call import Call, Limits
from khata.http.event_scopes import SCOPE, demand_events, events_for
from khata.http.live import EventStream, Seats
from khata.http.openapi import EVENT_STREAM
from khata.http.problems import Problem
from khata.http.routes import Routes
from khata.http.schemas.live import OrganizationStreamQuery, StreamQuery, place_of
from khata.postgres.events import Whose

_ENDLESS: Final = Limits(request_seconds=inf)
_MEDIA: Final = (EVENT_STREAM,)


class LiveRoutes:
    """Streams of events."""

    routes = Routes("Live")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper, seats: Seats) -> None:
        self._live = khata.events.live
        self._doorkeeper = doorkeeper
        self._seats = seats

    @routes.on(
        "GET /v1/wallets/{wallet_id}/events",
        scope=SCOPE,
        problems=("WALLET_NOT_FOUND", "RATE_LIMITED"),
        media=_MEDIA,
        limits=_ENDLESS,
        unattended=True,
    )
    async def follow_wallet(
        self, call: Call[ApiCaller], wallet_id: str, query: StreamQuery
    ) -> Response:
        """Follow a wallet as Server-Sent Events.

        Each has an `id`; who comes back with the last one in `Last-Event-ID` misses nothing and
        gets nothing twice. `transaction.created` has a Transaction, `wallet.updated` the credits
        after the last of them, `alert.raised`, `alert.acknowledged` and `alert.resolved` an Alert,
        `order.updated` an Order. After `reset` what lies behind that id is kept no more: read anew
        what you show.
        """
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        return await self._stream(call, query, Whose(wallet_id=known))

    @routes.on(
        "GET /v1/events",
        scope=SCOPE,
        problems=("RATE_LIMITED",),
        media=_MEDIA,
        limits=_ENDLESS,
        unattended=True,
    )
    async def follow_organization(
        self, call: Call[ApiCaller], query: OrganizationStreamQuery
    ) -> Response:
        """Follow all wallets of an organization as Server-Sent Events, with `wallet_id` in each.

        A platform's key follows the organization it names, or everything.
        """
        organization_id = call.caller.within(query.organization_id)
        return await self._stream(call, query, Whose(organization_id=organization_id))

    async def _stream(self, call: Call[ApiCaller], query: StreamQuery, whose: Whose) -> Response:
        caller = call.caller
        channel = Channel(whose, _types(caller, query.chosen()))
        place = place_of(call.headers.get(b"last-event-id"), query.last_event_id)
        follow = self._live.follow if query.follow else self._live.since

        async def is_welcome() -> bool:
            return await self._is_welcome(call, caller, whose.wallet_id)

        seat = self._seats.seat(caller.actor, caller.organization_id)
        return EventStream(await follow(channel, place), is_welcome, seat)

    async def _is_welcome(
        self, call: Call[ApiCaller], before: ApiCaller, wallet_id: WalletId | None
    ) -> bool:
        """Whether the caller would be let in again, and to the same."""
        try:
            now = await self._doorkeeper.authenticate("GET", call.headers, unattended=True)
        except Problem:
            return False
        except Unavailable:  # nothing is told meanwhile
            return True
        same = _rights(now) == _rights(before)
        return same and (wallet_id is None or await self._doorkeeper.knows(now, wallet_id))


def _rights(caller: ApiCaller) -> tuple[object, ...]:
    return caller.actor, caller.scopes, caller.organization_id, caller.is_operator


def _types(caller: ApiCaller, asked: frozenset[str] | None) -> frozenset[str]:
    """The types that are meant: those asked for, 403 where the caller may not have one; or all
    that the caller may have."""
    if asked is None:
        return events_for(caller)
    demand_events(caller, asked)
    return asked
