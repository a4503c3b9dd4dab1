"""Invitations: made by those who may give the role, accepted by who has the token.

Whoever accepts becomes a user, or shows to be the user there is: a token alone, which the inviter
has seen, opens nobody's account.
"""

from msgspec import Struct
from msgspec.structs import replace

from khata.app.invalid import Invalid
from khata.app.people.audited import Acting, note_invitation
from khata.app.people.letting_in import LetsIn
from khata.app.people.members import put_noted
from khata.app.people.passwords import demand_password
from khata.app.people.sessions import Begun, Browser
from khata.app.people.tokens import INVITATION_PREFIX, digest, new_token
from khata.app.people.within import changing_people, known_organization
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId
from khata.domain.roles import Role, RoleOutOfReach, give_role
from khata.domain.sign_in import (
    INVITATION_US,
    InvitationFault,
    InvitationNotFound,
    InvitationNotOpen,
    SignInRefused,
    TooManyAttempts,
)
from khata.postgres import invitations as store
from khata.postgres.asking import Connection, across_organizations, borrowed
from khata.postgres.invitations import Invitation, InvitationState
from khata.postgres.members import Member, member, member_of_user
from khata.postgres.organizations import begin_membership_change
from khata.postgres.sign_in import set_password
from khata.postgres.teams import team
from khata.postgres.users import User, insert_user, user_by_email

__all__ = ["Acceptance", "Invitation", "InvitationState", "Invitations", "Invited", "NewInvitation"]

# Above all ids.
_NEWEST = "ivt_~"


class NewInvitation(Struct, frozen=True, kw_only=True):
    """Who is invited, as what; `member_id` is a member who shall be able to sign in."""

    email: str
    name: str
    role: Role
    team_id: str | None = None
    member_id: str | None = None


class Acceptance(Struct, frozen=True, kw_only=True):
    """How an invitation is accepted: with a new password, or with the one of the user there is."""

    token: str
    password: str
    name: str | None = None


class Invited(Struct, frozen=True):
    """A new invitation with its token, which is told this once and kept nowhere, and whether a
    letter will bring it."""

    invitation: Invitation
    token: str
    is_mailed: bool


class Invitations(LetsIn):
    """Who is invited to an organization."""

    async def create(
        self,
        organization_id: OrganizationId | None,
        wished: NewInvitation,
        acting: Acting,
    ) -> Invited | RoleOutOfReach:
        """A new invitation, in the place of an open one to the same e-mail. Raises `Invalid`."""
        if refused := give_role(acting.giver, wished.role, signs_in=True):
            return refused
        token, now_us = new_token(INVITATION_PREFIX), self._now_us()
        async with changing_people(self._pool, organization_id) as (connection, within):
            made = Invitation(
                id="ivt_" + self._mint.anywhere(),
                organization_id=within,
                member_id=wished.member_id,
                email=wished.email.lower(),
                name=wished.name,
                role=wished.role,
                team_id=wished.team_id,
                invited_by=acting.by.id,
                created_at_us=now_us,
                expires_at_us=now_us + INVITATION_US,
            )
            if refused := await self._unfit(connection, made, acting):
                return refused
            replaced = await store.insert_invitation(connection, made, digest(token))
            if replaced is not None:
                await self._mails.withdraw(connection, replaced)
            await self._note(connection, acting.by, made, "invitation.created")
            is_mailed = await self._invite(connection, made, token)
        return Invited(made, token, is_mailed)

    async def find(self, invitation_id: str) -> Invitation | None:
        """The invitation, whatever has become of it."""
        async with borrowed(self._pool) as connection:
            return await store.invitation(connection, invitation_id)

    async def list(
        self,
        organization_id: OrganizationId | None,
        state: InvitationState | None,
        limit: int,
        before: str | None,
    ) -> list[Invitation]:
        """Up to `limit` invitations, newest first.

        Raises `Invalid` where there is no such organization.
        """
        async with borrowed(self._pool) as connection:
            within = await known_organization(connection, organization_id)
            now_us = self._now_us()
            return await store.invitations(
                connection, within, state, now_us, limit, before or _NEWEST
            )

    async def revoke(
        self, invitation: Invitation, acting: Acting
    ) -> Invitation | InvitationNotOpen | RoleOutOfReach:
        """The invitation, revoked now or earlier."""
        if refused := give_role(acting.giver, invitation.role, signs_in=False):
            return refused
        now_us = self._now_us()
        async with changing_people(self._pool, invitation.organization_id) as (connection, _):
            revoked = await store.revoke_invitation(connection, invitation.id, now_us)
            if revoked is not None:
                await self._mails.withdraw(connection, revoked)
                await self._note(connection, acting.by, revoked, "invitation.revoked")
                return revoked
            before = await store.invitation(connection, invitation.id)
        assert before is not None, "no invitation is ever deleted"
        state = before.state_at(now_us)
        return before if state == "revoked" else InvitationNotOpen(state)

    async def accept(
        self, acceptance: Acceptance, browser: Browser
    ) -> Begun | InvitationFault | SignInRefused | TooManyAttempts:
        """A session for the invited, who is a member now. Raises `Invalid`."""
        paid = await self._throttle.pay(None, browser.address)
        if isinstance(paid, TooManyAttempts):
            return paid
        async with borrowed(self._pool) as connection:
            found = await store.invitation_by_token(connection, digest(acceptance.token))
            if found is None:
                return InvitationNotFound()
            if (state := found.state_at(self._now_us())) != "open":
                return InvitationNotOpen(state)
            existing = await user_by_email(connection, found.email)
        await self._throttle.give_back(paid)
        if existing is None:
            return await self._accept_as_new(found, acceptance, browser)
        return await self._accept_as(existing, found, acceptance, browser)

    async def accept_all(self, connection: Connection, who: User, browser: Browser) -> None:
        """Accepts every open invitation to the user's e-mail, which was proved otherwise.

        Within the caller's transaction.
        """
        for found in await store.invitations_to(connection, who.email, self._now_us()):
            await begin_membership_change(connection, found.organization_id)
            await self._admit(connection, found, who, browser)

    async def _accept_as_new(
        self, found: Invitation, acceptance: Acceptance, browser: Browser
    ) -> Begun | InvitationFault | SignInRefused | TooManyAttempts:
        demand_password("password", acceptance.password, found.email)
        hashed, now_us = await self._passwords.hash(acceptance.password), self._now_us()
        who = User(
            id="usr_" + self._mint.anywhere(),
            email=found.email,
            name=acceptance.name or found.name,
            is_operator=False,
            created_at_us=now_us,
            updated_at_us=now_us,
        )
        async with changing_people(self._pool, found.organization_id) as (connection, _):
            if await insert_user(connection, who):
                await set_password(connection, who.id, hashed, now_us)
                return await self._begin(connection, found, who, browser)
        return await self.accept(acceptance, browser)  # somebody was faster to have the e-mail

    async def _accept_as(
        self, who: User, found: Invitation, acceptance: Acceptance, browser: Browser
    ) -> Begun | InvitationFault | SignInRefused | TooManyAttempts:
        shown = await self._shown(who.id, who.email, acceptance.password, browser.address)
        if isinstance(shown, TooManyAttempts):
            return shown
        if shown is None:
            return SignInRefused()
        async with changing_people(self._pool, found.organization_id) as (connection, _):
            return await self._begin(connection, found, who, browser)

    async def _begin(
        self, connection: Connection, found: Invitation, who: User, browser: Browser
    ) -> Begun | InvitationNotOpen:
        if not await self._admit(connection, found, who, browser):
            again = await store.invitation(connection, found.id)
            return InvitationNotOpen(again.state_at(self._now_us()) if again else "revoked")
        return await self._sessions.begin(connection, who.id, browser, found.organization_id)

    async def _admit(
        self, connection: Connection, found: Invitation, who: User, browser: Browser
    ) -> bool:
        """Makes the user the invited member; False where the invitation is open no more."""
        now_us = self._now_us()
        if await store.accept_invitation(connection, found.id, now_us) is None:
            return False
        await self._mails.withdraw(connection, found)
        by = browser.actor(who.id)
        await self._note(connection, by, found, "invitation.accepted")
        before = await member_of_user(connection, found.organization_id, who.id)
        if before is not None and before.state == "active":
            return True
        if before is None and found.member_id is not None:
            named = await member(connection, found.member_id)
            before = named if named and named.user_id is None else None
        after = await self._joined(connection, found, who, before)
        await put_noted(connection, Acting(by, found.role), "member.joined", before, after)
        return True

    async def _joined(
        self, connection: Connection, found: Invitation, who: User, before: Member | None
    ) -> Member:
        now_us = self._now_us()
        there = await team(connection, found.team_id) if found.team_id else None
        joined = before or Member(
            id="mem_" + self._mint.anywhere(),
            organization_id=found.organization_id,
            user_id=who.id,
            external_id=None,
            name=who.name,
            email=who.email,
            role=found.role,
            team_id=None,
            state="active",
            created_at_us=now_us,
            updated_at_us=now_us,
        )
        return replace(
            joined,
            user_id=who.id,
            email=who.email,
            role=found.role,
            team_id=there.id if there else joined.team_id,
            state="active",
            updated_at_us=now_us,
        )

    async def _invite(self, connection: Connection, made: Invitation, token: str) -> bool:
        """Wishes for the letter, unless too many went out; whether one will be sent."""
        if not self._mails.is_on:
            return False
        within = made.organization_id
        if not await self._throttle.lets_invite(connection, made.email, within):
            return False
        return await self._mails.invite(connection, made, token)

    async def _unfit(
        self, connection: Connection, made: Invitation, acting: Acting
    ) -> RoleOutOfReach | None:
        """Raises `Invalid` for an invitation that names what is not there, or somebody in."""
        if made.team_id is not None:
            there = await team(connection, made.team_id)
            if there is None or there.organization_id != made.organization_id:
                raise Invalid("team_id", "is no team of the organization")
        async with across_organizations(connection):
            who = await user_by_email(connection, made.email)
        within = await member_of_user(connection, made.organization_id, who.id) if who else None
        if within is not None and within.state == "active":
            raise Invalid("email", "is that of a member who can sign in already")
        if made.member_id is None:
            return None
        named = await member(connection, made.member_id)
        if named is None or named.organization_id != made.organization_id:
            raise Invalid("member_id", "is no member of the organization")
        if named.state != "active" or named.user_id is not None:
            raise Invalid("member_id", "is removed, or can sign in already")
        return give_role(acting.giver, named.role, signs_in=True)

    async def _note(
        self, connection: Connection, by: Actor, invitation: Invitation, action: str
    ) -> None:
        await note_invitation(connection, by, invitation, action, self._now_us())
