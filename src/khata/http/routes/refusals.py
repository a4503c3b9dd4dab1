"""Receipts for refusals: why was this call refused?"""

from __future__ import annotations

from typing import Final

from khata.app.cursors import cursor, id_behind
from khata.app.runtime import Khata
from khata.app.views import RefusalFilter
from khata.http.auth import ApiCaller, Doorkeeper
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.routes import Routes
from khata.http.schemas.common import Page, microseconds_of
from khata.http.schemas.refusals import Refusal, RefusalQuery, refusal_shown

MANY: Final = "/v1/wallets/{wallet_id}/refusals"


class RefusalRoutes:
    """What was refused to a wallet, for as long as it is kept."""

    routes = Routes("Ledger")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._views = khata.views
        self._doorkeeper = doorkeeper

    @routes.on(f"GET {MANY}", scope="wallets:read", problems=("WALLET_NOT_FOUND",))
    async def list_refusals(
        self, call: Call[ApiCaller], wallet_id: str, query: RefusalQuery
    ) -> Page[Refusal]:
        """List what was refused to a wallet, newest first, at least of the last 48 hours.

        Each says which level refused it, how far over it was, until when, and how the wallet stood.
        """
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        behind = id_behind("refusals", query.cursor)
        chosen = RefusalFilter(
            code=query.code,
            from_us=None if query.from_ is None else microseconds_of(query.from_),
            until_us=None if query.to is None else microseconds_of(query.to),
        )
        found = await self._views.refusals(known, chosen, query.limit + 1, behind)
        page = [refusal_shown(known, each) for each in found[: query.limit]]
        following = cursor("refusals", page[-1].id) if len(found) > query.limit else None
        return Page(page, following)

    @routes.on(
        f"GET {MANY}/{{refusal_id}}",
        scope="wallets:read",
        problems=("WALLET_NOT_FOUND", "REFUSAL_NOT_FOUND"),
    )
    async def get_refusal(self, call: Call[ApiCaller], wallet_id: str, refusal_id: str) -> Refusal:
        """Tell why a call was refused. Its problem named this id as `refusal_id`."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        kept = await self._views.refusal(known, refusal_id)
        if kept is None:
            detail = f"There is no refusal {refusal_id}."
            raise Problem("REFUSAL_NOT_FOUND", detail, refusal_id=refusal_id)
        return refusal_shown(known, kept)
