"""Organizations: the platform makes them, and each knows itself."""

from __future__ import annotations

from khata.app.cursors import cursor, id_behind
from khata.app.runtime import Khata
from khata.http.auth import ApiCaller, actor_of
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.routes import ANY_KEY, Reply, Routes
from khata.http.schemas.common import Page
from khata.http.schemas.people import (
    Organization,
    OrganizationBody,
    OrganizationQuery,
    organization_shown,
)

ONE = "/v1/organizations/{organization_id}"
MISSING = ("ORGANIZATION_NOT_FOUND",)


class OrganizationRoutes:
    """The tenants, as far as the caller may know of them."""

    routes = Routes("Organizations")

    def __init__(self, khata: Khata) -> None:
        self._organizations = khata.people.organizations

    @routes.on(
        "POST /v1/organizations",
        scope="organizations:write",
        audit=("organization.created",),
        statuses=(201,),
        example={"name": "Delhi Devs"},
    )
    async def create_organization(
        self, call: Call[ApiCaller], body: OrganizationBody
    ) -> Reply[Organization]:
        """Make an organization, in which nobody is a member yet. For the platform only."""
        call.caller.demand_platform()
        made = await self._organizations.create(body.name, actor_of(call))
        return Reply(organization_shown(made), 201)

    @routes.on("GET /v1/organizations", scope=ANY_KEY)
    async def list_organizations(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> Page[Organization]:
        """List organizations, oldest first: all for the platform, else the caller's own."""
        behind = id_behind("organizations", query.cursor)
        own = None if call.caller.is_operator else call.caller.organization_id
        found = await self._organizations.list(own, query.limit + 1, behind)
        page = found[: query.limit]
        following = cursor("organizations", page[-1].id) if len(found) > query.limit else None
        return Page([organization_shown(each) for each in page], following)

    @routes.on(f"GET {ONE}", scope=ANY_KEY, problems=MISSING)
    async def get_organization(self, call: Call[ApiCaller], organization_id: str) -> Organization:
        """Give an organization."""
        _demand_known(call.caller, organization_id)
        found = await self._organizations.find(organization_id)
        if found is None:
            raise no_organization(organization_id)
        return organization_shown(found)

    @routes.on(
        f"PATCH {ONE}",
        scope="organizations:write",
        audit=("organization.changed",),
        problems=MISSING,
    )
    async def change_organization(
        self, call: Call[ApiCaller], organization_id: str, body: OrganizationBody
    ) -> Organization:
        """Give an organization another name."""
        _demand_known(call.caller, organization_id)
        call.caller.within(organization_id)
        renamed = await self._organizations.rename(organization_id, body.name, actor_of(call))
        if renamed is None:
            raise no_organization(organization_id)
        return organization_shown(renamed)


def _demand_known(caller: ApiCaller, organization_id: str) -> None:
    if caller.organization_id not in {None, organization_id} and not caller.is_operator:
        raise no_organization(organization_id)


def no_organization(organization_id: str) -> Problem:
    """404, for an organization that is not there and for one that the caller may not know of."""
    detail = f"There is no organization {organization_id}."
    return Problem("ORGANIZATION_NOT_FOUND", detail, organization_id=organization_id)
