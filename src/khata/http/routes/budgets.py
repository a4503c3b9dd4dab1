"""Budgets: how much who may spend, on what, in which time."""

from __future__ import annotations

from typing import Final

from msgspec import UnsetType

from khata.app.budgets import BudgetChange, BudgetFilter, BudgetWish, KeptBudget
from khata.app.cursors import cursor, id_behind
from khata.app.runtime import Khata
from khata.domain.ids import OrganizationId, WalletId
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.budgets import (
    Budget,
    BudgetBody,
    BudgetChanges,
    BudgetQuery,
    BudgetUsage,
    SubjectQuery,
    budget_shown,
    usage_shown,
)
from khata.http.schemas.common import Page

ONE: Final = "/v1/budgets/{budget_id}"
MISSING: Final = ("BUDGET_NOT_FOUND",)


class BudgetRoutes:
    """Budgets of wallets, and of organizations over all their wallets."""

    routes = Routes("Budgets")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._budgets = khata.budgets
        self._doorkeeper = doorkeeper

    @routes.on(
        "POST /v1/budgets",
        scope="budgets:write",
        audit=("budget.created",),
        statuses=(201,),
        problems=("WALLET_NOT_FOUND",),
        example={"level": "member", "limit": 500, "unit": "credits", "window": "day"},
    )
    async def create_budget(self, call: Call[ApiCaller], body: BudgetBody) -> Reply[Budget]:
        """Make a budget. It counts from the next charge on, and refuses what would exceed it.

        With `wallet_id` it is of that wallet, in hours, days and months of the wallet's zone.
        Without it, all wallets of the organization count together, by `time_zone`; their charges
        then wait for each other, one commit long. Budgets are checked outermost first:
        organization, team, member, key. With `on_limit` `alert` it refuses nothing.
        """
        wallet_id, within = await self._where(call.caller, body)
        wish = BudgetWish(
            level=body.level,
            unit=body.unit,
            window=body.window,
            limit=body.limit,
            wallet_id=wallet_id,
            organization_id=within,
            subject=body.subject,
            category=body.category,
            feature=body.feature,
            on_limit=body.on_limit,
            alert_at_percent=body.alert_at_percent,
            time_zone=body.time_zone,
            name=body.name,
        )
        return Reply(budget_shown(await self._budgets.create(wish, actor_of(call))), 201)

    @routes.on("GET /v1/budgets", scope="budgets:read", problems=("WALLET_NOT_FOUND",))
    async def list_budgets(self, call: Call[ApiCaller], query: BudgetQuery) -> Page[Budget]:
        """List budgets, oldest first, each with what was used of it in its current window."""
        if query.wallet_id is not None:
            wallet_id = await self._doorkeeper.known_wallet(call.caller, query.wallet_id)
            chosen = BudgetFilter(wallet_id=wallet_id, level=query.level)
        else:
            within = call.caller.within(query.organization_id)
            chosen = BudgetFilter(organization_id=within, level=query.level)
        behind = id_behind("budgets", query.cursor)
        found = await self._budgets.list(chosen, query.limit + 1, behind)
        page = [budget_shown(each) for each in found[: query.limit]]
        following = cursor("budgets", page[-1].id) if len(found) > query.limit else None
        return Page(page, following)

    @routes.on(f"GET {ONE}", scope="budgets:read", problems=MISSING)
    async def get_budget(self, call: Call[ApiCaller], budget_id: str) -> Budget:
        """Give a budget with what was used of it. One that has ended is told of too."""
        kept = await self._known(call.caller, budget_id)
        return budget_shown(await self._budgets.counted(kept))

    @routes.on(f"GET {ONE}/usage", scope="budgets:read", problems=MISSING)
    async def get_budget_usage(
        self, call: Call[ApiCaller], budget_id: str, query: SubjectQuery
    ) -> BudgetUsage:
        """Give who used a budget in its current window, the most first."""
        kept = await self._known(call.caller, budget_id)
        window, subjects = await self._budgets.subjects(kept, query.limit)
        return usage_shown(budget_id, kept.budget.limit, window, list(subjects))

    @routes.on(
        f"PATCH {ONE}",
        scope="budgets:write",
        audit=("budget.changed",),
        problems=MISSING,
        example={"limit": 900},
    )
    async def change_budget(
        self, call: Call[ApiCaller], budget_id: str, body: BudgetChanges
    ) -> Budget:
        """Change a budget's limit, name or alert, or whether it refuses. What it has counted stays.

        Another level, unit, window or scope is another budget: end this one and make that.
        """
        kept = await self._known(call.caller, budget_id)
        changed = await self._budgets.change(kept, _change(body), actor_of(call))
        if changed is None:
            raise _no_budget(budget_id)
        return budget_shown(changed)

    @routes.on(f"DELETE {ONE}", scope="budgets:write", audit=("budget.ended",), problems=MISSING)
    async def end_budget(self, call: Call[ApiCaller], budget_id: str) -> Budget:
        """End a budget. It counts no more; receipts and refusals still tell of it."""
        kept = await self._known(call.caller, budget_id)
        ended = await self._budgets.end(kept, actor_of(call))
        if ended is None:
            raise _no_budget(budget_id)
        return budget_shown(ended)

    async def _where(
        self, caller: ApiCaller, body: BudgetBody
    ) -> tuple[WalletId | None, OrganizationId | None]:
        if body.wallet_id is None:
            return None, caller.within(body.organization_id)
        return await self._doorkeeper.known_wallet(caller, body.wallet_id), None

    async def _known(self, caller: ApiCaller, budget_id: str) -> KeptBudget:
        """The budget, if it is of a wallet or an organization that the caller may know of."""
        kept = await self._budgets.find(budget_id)
        if kept is None or not await self._covers(caller, kept):
            raise _no_budget(budget_id)
        return kept

    async def _covers(self, caller: ApiCaller, kept: KeptBudget) -> bool:
        if kept.wallet_id is not None:
            return await self._doorkeeper.knows(caller, kept.wallet_id)
        return caller.covers(kept.organization_id, None, None)


def _change(body: BudgetChanges) -> BudgetChange:
    percent = body.alert_at_percent
    return BudgetChange(
        limit=None if isinstance(body.limit, UnsetType) else body.limit,
        on_limit=None if isinstance(body.on_limit, UnsetType) else body.on_limit,
        alert_at_percent=None if isinstance(percent, UnsetType) else percent or 0,
        name=None if isinstance(body.name, UnsetType) else body.name,
    )


def _no_budget(budget_id: str) -> Problem:
    return Problem("BUDGET_NOT_FOUND", f"There is no budget {budget_id}.", budget_id=budget_id)
