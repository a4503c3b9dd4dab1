"""Budgets: made, listed with what they have counted, changed and ended; all of it written down."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from khata.app.audited import Change, note_change
from khata.app.invalid import Invalid
from khata.app.people.within import known_organization
from khata.app.prices import Prices
from khata.app.wallets import DEFAULT_TIME_ZONE, is_time_zone
from khata.app.watching.wishes import look_at_budget
from khata.domain.actor import Actor
from khata.domain.budgets import Budget, BudgetLevel, BudgetUnit, BudgetWindow, OnLimit
from khata.domain.ids import OrganizationId, WalletId, is_id
from khata.domain.money import MAX_WALLET_CREDITS
from khata.domain.windows import Window, window_at
from khata.engine.ids import UlidMint
from khata.postgres import budget_counts, keys, members, teams
from khata.postgres import budgets as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.audit_log import Shown
from khata.postgres.budget_counts import Subject
from khata.postgres.budgets import BudgetChange, BudgetFilter, KeptBudget
from khata.postgres.connect import Pool
from khata.postgres.organizations import begin_membership_change
from khata.postgres.wallets import owner

__all__ = [
    "BudgetChange",
    "BudgetFilter",
    "BudgetWish",
    "Budgets",
    "CountedBudget",
    "KeptBudget",
    "Subject",
]

# A batch looks at all budgets of a wallet for each charge, so they are to be few.
MOST_BUDGETS = 50


class BudgetWish(Struct, frozen=True, kw_only=True):
    """A budget as it is wished for. Without a wallet it is over all of the organization."""

    level: BudgetLevel
    unit: BudgetUnit
    window: BudgetWindow
    limit: int
    wallet_id: WalletId | None = None
    organization_id: OrganizationId | None = None
    subject: str | None = None
    category: str | None = None
    feature: str | None = None
    on_limit: OnLimit = "refuse"
    alert_at_percent: int | None = None
    time_zone: str | None = None
    name: str | None = None


class CountedBudget(Struct, frozen=True):
    """A budget with its current window, and who has spent the most in it."""

    kept: KeptBudget
    window: Window
    fullest: Subject | None


class Budgets:
    """The budgets of organizations and their wallets."""

    def __init__(self, pool: Pool, prices: Prices, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._prices = prices
        self._now_us = now_us
        self._mint = UlidMint()

    async def create(self, wish: BudgetWish, by: Actor) -> CountedBudget:
        """A new budget, which counts from the next charge on. Raises `Invalid`."""
        self._demand_sensible(wish)
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            within = await _organization(connection, wish)
            await _demand_room(connection, within, wish.wallet_id)
            kept = KeptBudget(
                budget=Budget(
                    id="bud_" + self._mint.anywhere(),
                    level=wish.level,
                    unit=wish.unit,
                    window=wish.window,
                    limit=wish.limit,
                    subject=await _subject(connection, within, wish, now_us),
                    category=wish.category,
                    feature=wish.feature,
                    on_limit=wish.on_limit,
                    alert_at_percent=wish.alert_at_percent,
                    time_zone=_zone(wish),
                ),
                organization_id=within,
                wallet_id=wish.wallet_id,
                name=wish.name,
                of_key=False,
                created_at_us=now_us,
                updated_at_us=now_us,
            )
            await store.insert_budget(connection, kept)
            change = Change(
                organization_id=within,
                action="budget.created",
                subject=kept.budget.id,
                after=noted(kept),
            )
            await note_change(connection, by, change, now_us)
            return (await _counted(connection, [kept], self._now_us()))[0]

    async def find(self, budget_id: str) -> KeptBudget | None:
        """The budget, ended or not; none that comes with a key."""
        if not is_id(budget_id, "bud_"):
            return None
        async with borrowed(self._pool) as connection:
            found = await store.budget(connection, budget_id)
        return None if found is None or found.of_key else found

    async def counted(self, kept: KeptBudget) -> CountedBudget:
        """The budget with what it has counted."""
        async with borrowed(self._pool) as connection:
            return (await _counted(connection, [kept], self._now_us()))[0]

    async def list(
        self, chosen: BudgetFilter, limit: int, after: str | None
    ) -> list[CountedBudget]:
        """Up to `limit` budgets that count, oldest first, with what they have counted."""
        async with borrowed(self._pool) as connection:
            found = await store.budgets(connection, chosen, limit, after or "")
            return await _counted(connection, found, self._now_us())

    async def subjects(self, kept: KeptBudget, limit: int) -> tuple[Window, Sequence[Subject]]:
        """Who spent in the budget's current window, the most first."""
        async with borrowed(self._pool) as connection:
            counted = (await _counted(connection, [kept], self._now_us()))[0]
            asked = (kept.wallet_id, kept.budget.id, counted.window.since_us)
            return counted.window, await budget_counts.subjects(connection, asked, limit)

    async def change(
        self, kept: KeptBudget, change: BudgetChange, by: Actor
    ) -> CountedBudget | None:
        """The budget with another limit, from the next charge on; none where it has ended."""
        _demand_limit(change.limit)
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            changed = await store.change_budget(connection, kept.budget.id, change, now_us)
            if changed is None:
                return None
            await look_at_budget(connection, kept.budget, changed, now_us)
            await self._note(connection, by, "budget.changed", kept, changed)
            return (await _counted(connection, [changed], now_us))[0]

    async def end(self, kept: KeptBudget, by: Actor) -> CountedBudget | None:
        """The budget, which counts no more; none where it had ended already."""
        async with borrowed(self._pool) as connection, connection.transaction():
            ended = await store.end_budget(connection, kept.budget.id, self._now_us())
            if ended is None:
                return None
            await self._note(connection, by, "budget.ended", kept, None)
            return (await _counted(connection, [ended], self._now_us()))[0]

    async def _note(
        self,
        connection: Connection,
        by: Actor,
        action: str,
        before: KeptBudget,
        after: KeptBudget | None,
    ) -> None:
        assert before.organization_id is not None, "what is not a key's own is an organization's"
        change = Change(
            organization_id=before.organization_id,
            action=action,
            subject=before.budget.id,
            before=noted(before),
            after=None if after is None else noted(after),
        )
        await note_change(connection, by, change, self._now_us())

    def _demand_sensible(self, wish: BudgetWish) -> None:
        _demand_limit(wish.limit)
        if wish.level == "organization" and wish.subject is not None:
            raise Invalid("subject", "must be left out: the level organization is of everybody")
        if wish.level == "key" and wish.subject is not None and not is_id(wish.subject, "key_"):
            raise Invalid("subject", "must be the id of an API key")
        if wish.wallet_id is not None and wish.time_zone is not None:
            raise Invalid("time_zone", "must be left out: a wallet's budgets go by its own zone")
        if wish.time_zone is not None and not is_time_zone(wish.time_zone):
            raise Invalid("time_zone", "must be a name of the IANA time zones, as Asia/Kolkata")
        self._demand_priced(wish)

    def _demand_priced(self, wish: BudgetWish) -> None:
        features = self._prices.rules().prices.at(self._now_us()).features
        if wish.category is not None and wish.feature is not None:
            raise Invalid("feature", "must be left out where category is sent")
        if wish.feature is not None and wish.feature not in features:
            raise Invalid("feature", "is no feature of the price list")
        categories = sorted({price.category for price in features.values()})
        if wish.category is not None and wish.category not in categories:
            raise Invalid("category", f"is no category; there are {', '.join(categories)}")


def noted(kept: KeptBudget) -> Shown:
    """A budget as the audit log shows it."""
    of = kept.budget
    return {
        "wallet_id": kept.wallet_id,
        "level": of.level,
        "subject": of.subject,
        "category": of.category,
        "feature": of.feature,
        "unit": of.unit,
        "window": of.window,
        "limit": of.limit,
        "on_limit": of.on_limit,
        "alert_at_percent": of.alert_at_percent,
        "name": kept.name,
    }


async def _counted(
    connection: Connection, found: Sequence[KeptBudget], now_us: int
) -> list[CountedBudget]:
    own = sorted({each.wallet_id for each in found if each.wallet_id is not None})
    zones = await budget_counts.zones(connection, own) if own else {}
    windows = [
        window_at(
            each.budget.window,
            each.budget.time_zone or zones[each.wallet_id or WalletId("")],
            now_us,
        )
        for each in found
    ]
    asked = [
        (each.wallet_id, each.budget.id, window.since_us)
        for each, window in zip(found, windows, strict=True)
    ]
    most = await budget_counts.fullest(connection, asked)
    return [
        CountedBudget(each, window, most.get(each.budget.id))
        for each, window in zip(found, windows, strict=True)
    ]


def _demand_limit(limit: int | None) -> None:
    if limit is not None and not 0 <= limit <= MAX_WALLET_CREDITS:
        raise Invalid("limit", f"must be 0 to {MAX_WALLET_CREDITS}")


def _zone(wish: BudgetWish) -> str | None:
    return (wish.time_zone or DEFAULT_TIME_ZONE) if wish.wallet_id is None else None


async def _organization(connection: Connection, wish: BudgetWish) -> OrganizationId:
    if wish.wallet_id is None:
        return await known_organization(connection, wish.organization_id)
    known = await owner(connection, wish.wallet_id)
    if known is None:
        raise Invalid("wallet_id", "is no wallet here")
    return known[0]


async def _demand_room(
    connection: Connection, within: OrganizationId, wallet_id: WalletId | None
) -> None:
    chosen = BudgetFilter(organization_id=within, wallet_id=wallet_id)
    if wallet_id is None:
        there = len(await store.over_all(connection, within))
    else:
        there = len(await store.budgets(connection, chosen, MOST_BUDGETS, ""))
    if there >= MOST_BUDGETS:
        whose = "organization_id" if wallet_id is None else "wallet_id"
        raise Invalid(whose, f"has {MOST_BUDGETS} budgets already; end one first")


async def _subject(
    connection: Connection, within: OrganizationId, wish: BudgetWish, now_us: int
) -> str | None:
    """The subject as it is counted: a member by the platform's own name, where it has one.

    A charge may name somebody who is no member here, so a budget may as well.
    """
    if wish.subject is None:
        return None
    if wish.level == "key":
        await _demand_key(connection, within, wish.subject, now_us)
    if wish.level == "team":
        team = await teams.team(connection, wish.subject)
        if team is None or team.organization_id != within:
            raise Invalid("subject", "is no team here")
    if wish.level == "member" and wish.subject.startswith("mem_"):
        return await _member(connection, within, wish.subject)
    return wish.subject


async def _demand_key(
    connection: Connection, within: OrganizationId, key_id: str, now_us: int
) -> None:
    # A key of the platform spends in every organization; who is bound to one knows of none.
    key = await keys.key_by_id(connection, key_id)
    if key is None or key.organization_id not in {None, within}:
        raise Invalid("subject", "is no API key here")
    if key.ended_by(now_us):
        raise Invalid("subject", "is an API key that is good no more")


async def _member(connection: Connection, within: OrganizationId, member_id: str) -> str:
    await begin_membership_change(connection, within)  # it is renamed before, or with this budget
    member = await members.member(connection, member_id)
    if member is None or member.organization_id != within:
        raise Invalid("subject", "is no member here")
    return member.counted_as
