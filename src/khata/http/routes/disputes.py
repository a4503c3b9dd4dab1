"""Disputes: what payers contest at their banks."""

from __future__ import annotations

from khata.app.cursors import cursor, id_behind
from khata.app.runtime import Khata
from khata.http.auth import ApiCaller, Doorkeeper
from khata.http.call import Call
from khata.http.routes import Routes
from khata.http.schemas.common import Page
from khata.http.schemas.refunds import Dispute, DisputeQuery, dispute_shown


class DisputeRoutes:
    """Payers' complaints about payments, as their banks decide them."""

    routes = Routes("Disputes")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._disputes = khata.topups.disputes
        self._doorkeeper = doorkeeper

    @routes.on(
        "GET /v1/wallets/{wallet_id}/disputes",
        scope="payments:read",
        problems=("WALLET_NOT_FOUND",),
    )
    async def list_disputes(
        self, call: Call[ApiCaller], wallet_id: str, query: DisputeQuery
    ) -> Page[Dispute]:
        """List the disputes of a wallet's payments, newest first.

        While one is open, what is unspent of its purchase is locked. Won, it is unlocked; lost, the
        whole purchase is taken back, which may leave a debt.
        """
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        behind = id_behind("disputes", query.cursor)
        found = await self._disputes.list(known, query.limit + 1, behind)
        page = found[: query.limit]
        following = cursor("disputes", page[-1].id) if len(found) > query.limit else None
        return Page([dispute_shown(dispute) for dispute in page], following)
