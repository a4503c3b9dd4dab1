"""Members: made, found, changed, removed. Nobody gives a role beyond the own reach."""

from collections.abc import Callable

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from khata.app.invalid import Invalid
from khata.app.people.audited import (
    Acting,
    Change,
    member_noted,
    note_change,
    note_invitation,
)
from khata.app.people.within import changing_people, known_organization
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.roles import LastOwner, Role, RoleOutOfReach, Standing, change_role, give_role
from khata.engine.ids import UlidMint
from khata.postgres import members as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.budgets import rename_subject
from khata.postgres.connect import Pool
from khata.postgres.invitations import revoke_invitations_of
from khata.postgres.mails import withdraw_mails
from khata.postgres.members import Member, MemberFilter
from khata.postgres.organizations import begin_membership_change
from khata.postgres.teams import team
from khata.postgres.users import User

__all__ = ["Member", "MemberFilter", "MemberPatch", "Members", "NewMember"]

_OURS = "mem_"


class NewMember(Struct, frozen=True, kw_only=True):
    """Who is to be a member. `external_id` is the platform's own name for the person."""

    name: str
    role: Role = "member"
    external_id: str | None = None
    email: str | None = None
    team_id: str | None = None


class MemberPatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to change of a member; what is unset stays."""

    name: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    external_id: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    team_id: str | UnsetType | None = UNSET


class Members:
    """The people of organizations."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us
        self._mint = UlidMint()

    async def create(
        self, organization_id: OrganizationId | None, wished: NewMember, acting: Acting
    ) -> tuple[Member, bool] | RoleOutOfReach:
        """The member, and whether it was made, or brought back after a removal, just now.

        One whom the platform calls the same is answered as it is. Raises `Invalid`.
        """
        async with changing_people(self._pool, organization_id) as (connection, within):
            before = await self._named(connection, within, wished.external_id)
            if before is not None and before.state == "active":
                return before, False
            signs_in = before is not None and before.user_id is not None
            if refused := give_role(acting.giver, wished.role, signs_in=signs_in):
                return refused
            now_us = self._now_us()
            after = Member(
                id=before.id if before else "mem_" + self._mint.anywhere(),
                organization_id=within,
                user_id=before.user_id if before else None,
                external_id=wished.external_id,
                name=wished.name,
                email=_lower(wished.email),
                role=wished.role,
                team_id=wished.team_id,
                state="active",
                created_at_us=before.created_at_us if before else now_us,
                updated_at_us=now_us,
            )
            await _demand_team(connection, after)
            await put_noted(connection, acting, "member.created", before, after)
            return after, True

    async def find(self, member_id: str) -> Member | None:
        """The member, removed or not."""
        async with borrowed(self._pool) as connection:
            return await store.member(connection, member_id)

    async def list(
        self,
        organization_id: OrganizationId | None,
        wanted: MemberFilter,
        limit: int,
        after: str | None,
    ) -> list[Member]:
        """Up to `limit` of those members, oldest first.

        Raises `Invalid` where there is no such organization.
        """
        async with borrowed(self._pool) as connection:
            within = await known_organization(connection, organization_id)
            return await store.members(connection, within, wanted, limit, after or "")

    async def change(
        self, member: Member, patch: MemberPatch, acting: Acting
    ) -> Member | RoleOutOfReach | LastOwner:
        """The member with what is to change. A removed one stays as it is. Raises `Invalid`.

        Its budgets follow it to another name, under which they begin to count anew.
        """
        async with changing_people(self._pool, member.organization_id) as (connection, within):
            before = await _again(connection, member)
            after = _patched(before, patch, self._now_us())
            if before.state == "removed" or after == before:
                return before
            if refused := await _refused(connection, acting, before, after.role):
                return refused
            if after.external_id != before.external_id and await self._named(
                connection, within, after.external_id
            ):
                raise Invalid("external_id", "is that of another member")
            await _demand_team(connection, after)
            await put_noted(connection, acting, "member.changed", before, after)
            await _rename_budgets(connection, acting.by, before, after)
            return after

    async def remove(self, member: Member, acting: Acting) -> Member | RoleOutOfReach | LastOwner:
        """The member, removed now or earlier. What was used by it stays counted by its name.

        Invitations that would bring it back are revoked.
        """
        async with changing_people(self._pool, member.organization_id) as (connection, _):
            before = await _again(connection, member)
            if before.state == "removed":
                return before
            if refused := await _refused(connection, acting, before, None):
                return refused
            after = replace(before, state="removed", team_id=None, updated_at_us=self._now_us())
            await put_noted(connection, acting, "member.removed", before, after)
            await _shut_out(connection, acting.by, after)
            return after

    async def _named(
        self, connection: Connection, organization_id: str, external_id: str | None
    ) -> Member | None:
        if external_id is None:
            return None
        if external_id.startswith(_OURS):
            raise Invalid("external_id", f"must not begin with {_OURS}, as our own ids do")
        return await store.member_by_external_id(connection, organization_id, external_id)


async def put_noted(
    connection: Connection, acting: Acting, action: str, before: Member | None, after: Member
) -> None:
    """Stores the member and writes down what changed, within the caller's transaction."""
    await store.put_member(connection, after)
    change = Change(
        organization_id=after.organization_id,
        action=action,
        subject=after.id,
        before=None if before is None else member_noted(before),
        after=member_noted(after),
    )
    await note_change(connection, acting.by, change, after.updated_at_us)


async def rename_members(
    connection: Connection, known: User, renamed: User, by: Actor, at_us: int
) -> None:
    """Gives the members that the user is the e-mail and name that it has from now on.

    Within the caller's transaction, and before it touches the user: whoever changes an
    organization's people holds that first. What an organization itself calls somebody stays.
    """
    for each in await store.members_of_user(connection, known.id):
        await begin_membership_change(connection, each.organization_id)
        before = await _again(connection, each)
        after = replace(
            before,
            email=renamed.email if before.email == known.email else before.email,
            name=renamed.name if before.name == known.name else before.name,
        )
        if after != before:
            acting = Acting(by, before.role)
            changed = replace(after, updated_at_us=at_us)
            await put_noted(connection, acting, "member.changed", before, changed)


async def _rename_budgets(connection: Connection, by: Actor, before: Member, after: Member) -> None:
    """The member's budgets limit it also by the name that it is counted by from now on."""
    was, now, at_us = before.counted_as, after.counted_as, after.updated_at_us
    if was == now:
        return
    for kept in await rename_subject(connection, after.organization_id, was, now, at_us):
        change = Change(
            organization_id=after.organization_id,
            action="budget.changed",
            subject=kept.budget.id,
            before={"subject": was},
            after={"subject": now},
        )
        await note_change(connection, by, change, at_us)


async def _shut_out(connection: Connection, by: Actor, removed: Member) -> None:
    """Ends what would bring the member back, and keeps letters that are not sent yet."""
    at_us = removed.updated_at_us
    for each in await revoke_invitations_of(connection, removed, at_us):
        await withdraw_mails(connection, WalletId(each.organization_id), each.id, at_us)
        await note_invitation(connection, by, each, "invitation.revoked", at_us)


async def _again(connection: Connection, member: Member) -> Member:
    """The member as it is now that nobody else can change it."""
    found = await store.member(connection, member.id)
    assert found is not None, f"the member {member.id} is gone, and none is ever deleted"
    return found


async def _refused(
    connection: Connection, acting: Acting, member: Member, wished: Role | None
) -> RoleOutOfReach | LastOwner | None:
    if wished == member.role == "owner" and acting.role == "owner":
        return None
    owners = await store.owners(connection, member.organization_id)
    return change_role(acting.giver, _standing(member), wished, [_standing(o) for o in owners])


def _standing(member: Member) -> Standing:
    return Standing(member.id, member.role, member.user_id is not None)


async def _demand_team(connection: Connection, member: Member) -> None:
    if member.team_id is None:
        return
    found = await team(connection, member.team_id)
    if found is None or found.organization_id != member.organization_id:
        raise Invalid("team_id", "is no team of the organization")


def _patched(member: Member, patch: MemberPatch, at_us: int) -> Member:
    changed = replace(
        member,
        name=member.name if patch.name is UNSET else patch.name,
        role=member.role if patch.role is UNSET else patch.role,
        external_id=member.external_id if patch.external_id is UNSET else patch.external_id,
        email=member.email if patch.email is UNSET else _lower(patch.email),
        team_id=member.team_id if patch.team_id is UNSET else patch.team_id,
    )
    return member if changed == member else replace(changed, updated_at_us=at_us)


def _lower(email: str | None) -> str | None:
    return None if email is None else email.lower()
