"""Organizations, members and teams as the API shows them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from khata.app.people.members import Member as MemberOf
from khata.app.people.members import MemberPatch
from khata.app.people.teams import Team as TeamOf
from khata.app.people.tenants import Organization as OrganizationOf
from khata.domain.roles import Role
from khata.domain.times import rfc3339
from khata.http.schemas.common import AnyId, Cursor, Limit, MemberId, Name, Time
from khata.http.schemas.wallets import OrganizationIdText

Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^\s@]+@[^\s@]+$")]
State = Literal["active", "removed"]


class OrganizationBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An organization's name."""

    name: Name


class Organization(Struct, frozen=True, kw_only=True):
    """A tenant. What names no organization is of the default one."""

    id: str
    name: str
    is_default: bool
    created_at: Time


class OrganizationQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of organizations, oldest first."""

    limit: Limit = 50
    cursor: Cursor | None = None


class MemberBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person. `external_id` is your own name for the person, as charges give it."""

    name: Name
    role: Role = "member"
    external_id: MemberId | None = None
    email: Email | None = None
    team_id: AnyId | None = None
    organization_id: OrganizationIdText | None = None


class MemberChanges(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to change; what is left out stays, and null takes away."""

    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    external_id: MemberId | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET
    team_id: AnyId | UnsetType | None = UNSET

    def patch(self) -> MemberPatch:
        """The same for the registry."""
        return MemberPatch(
            name=self.name,
            role=self.role,
            external_id=self.external_id,
            email=self.email,
            team_id=self.team_id,
        )


class Member(Struct, frozen=True, kw_only=True):
    """A person inside an organization. With a `user_id` the person can sign in."""

    id: str
    organization_id: str
    user_id: str | None
    external_id: str | None
    name: str
    email: str | None
    role: Role
    team_id: str | None
    state: State
    created_at: Time
    updated_at: Time


class MemberQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which members, oldest first. `q` is looked for in names, e-mails and your own ids."""

    organization_id: OrganizationIdText | None = None
    state: Literal["active", "removed", "any"] = "active"
    role: Role | None = None
    team_id: AnyId | None = None
    external_id: MemberId | None = None
    q: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class TeamBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A team's name, which no other of the organization has."""

    name: Name
    organization_id: OrganizationIdText | None = None


class TeamChanges(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A team's new name."""

    name: Name


class Team(Struct, frozen=True, kw_only=True):
    """Some of an organization's members."""

    id: str
    organization_id: str
    name: str
    created_at: Time


class CountedTeam(Team, frozen=True, kw_only=True):
    """A team with the count of its members."""

    members: int


class TeamQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of teams, oldest first."""

    organization_id: OrganizationIdText | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


def organization_shown(organization: OrganizationOf) -> Organization:
    """The organization as the API shows it."""
    return Organization(
        id=organization.id,
        name=organization.name,
        is_default=organization.is_default,
        created_at=rfc3339(organization.created_at_us),
    )


def member_shown(member: MemberOf) -> Member:
    """The member as the API shows it."""
    return Member(
        id=member.id,
        organization_id=member.organization_id,
        user_id=member.user_id,
        external_id=member.external_id,
        name=member.name,
        email=member.email,
        role=member.role,
        team_id=member.team_id,
        state=member.state,
        created_at=rfc3339(member.created_at_us),
        updated_at=rfc3339(member.updated_at_us),
    )


def team_shown(team: TeamOf) -> Team:
    """The team as the API shows it."""
    return Team(
        id=team.id,
        organization_id=team.organization_id,
        name=team.name,
        created_at=rfc3339(team.created_at_us),
    )


def counted_team_shown(team: TeamOf, members: int) -> CountedTeam:
    """The same with the count of its members."""
    return CountedTeam(
        id=team.id,
        organization_id=team.organization_id,
        name=team.name,
        created_at=rfc3339(team.created_at_us),
        members=members,
    )
