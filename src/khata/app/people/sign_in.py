"""Signing in with a password, or once with a link that sets one."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from khata.app.invalid import Invalid
from khata.app.people.audited import Change, note_change
from khata.app.people.letting_in import LetsIn
from khata.app.people.links import new_link
from khata.app.people.members import rename_members
from khata.app.people.passwords import demand_password
from khata.app.people.sessions import Begun, Browser, SignedIn
from khata.app.people.tokens import digest
from khata.app.people.within import beyond_organizations
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId
from khata.domain.sign_in import (
    LinkRefused,
    NoLettersHere,
    SignInRefused,
    TooManyAttempts,
    WrongPassword,
)
from khata.postgres import sign_in as store
from khata.postgres.asking import Connection
from khata.postgres.audit_log import Shown
from khata.postgres.organizations import default_organization
from khata.postgres.sessions import revoke_others
from khata.postgres.users import User, first_operator, user, user_by_email

# The ids of no user and of no session.
_NOBODY: Final = ""
_NO_SESSION: Final = ""


class LinkWish(Struct, frozen=True):
    """What whoever holds a link makes of its user; what is None stays."""

    token: str
    password: str | None = None
    email: str | None = None
    name: str | None = None


class SignIn(LetsIn):
    """Lets users in."""

    async def by_password(
        self, email: str, password: str, browser: Browser
    ) -> Begun | SignInRefused | TooManyAttempts:
        """A session for the user of that e-mail and password.

        It takes the same time whether the e-mail is unknown or the password wrong.
        """
        email = email.lower()
        async with beyond_organizations(self._pool) as connection:
            found = await user_by_email(connection, email)
        user_id = found.id if found else _NOBODY
        hashed = await self._shown(user_id, email, password, browser.address)
        if isinstance(hashed, TooManyAttempts):
            return hashed
        if hashed is None:
            return SignInRefused()
        kept = hashed
        if self._passwords.is_outdated(hashed):
            kept = await self._passwords.hash(password)
        async with beyond_organizations(self._pool) as connection, connection.transaction():
            now_us = self._now_us()
            if not await store.confirm_password(connection, user_id, hashed, kept, now_us):
                return SignInRefused()
            return await self._sessions.begin(connection, user_id, browser)

    async def by_link(
        self, wish: LinkWish, browser: Browser
    ) -> Begun | LinkRefused | TooManyAttempts:
        """A session for the link's user, who is now as wished. The link is used up.

        With a new password all other sessions of the user end. The attempt is paid for until all
        is done: a link that is good tries out no e-mails. Raises `Invalid`.
        """
        paid = await self._throttle.pay(None, browser.address)
        if isinstance(paid, TooManyAttempts):
            return paid
        token_hash, now_us = digest(wish.token), self._now_us()
        async with beyond_organizations(self._pool) as connection:
            link = await store.open_link(connection, token_hash, now_us)
            found = await user(connection, link.user_id) if link else None
            hashed = await store.password_hash(connection, found.id) if found else None
        if link is None or found is None:
            return LinkRefused()
        if not link.may_rename:
            _demand_the_same(wish, found)
        fresh = await self._fresh(wish, found, is_needed=hashed is None or not link.may_rename)
        async with beyond_organizations(self._pool) as connection, connection.transaction():
            if not await store.use_link(connection, token_hash, now_us):
                return LinkRefused()
            await self._identify(connection, found, wish, browser.actor(found.id))
            begun = await self._sessions.begin(connection, found.id, browser)
            if fresh is not None:
                await store.set_password(connection, found.id, fresh, now_us)
                await self._note_password(connection, begun.session.id, found.id, browser)
                if hashed is not None:
                    await self._mails.tell_of_password(connection, found.email)
        await self._throttle.give_back(paid)
        return begun

    async def change_password(
        self, signed_in: SignedIn, current: str | None, password: str, browser: Browser
    ) -> WrongPassword | TooManyAttempts | None:
        """Gives the user another password, and ends all of the user's other sessions.

        The current one is asked for where there is one. Raises `Invalid`.
        """
        user_id = signed_in.session.user_id
        demand_password("password", password, signed_in.email)
        async with beyond_organizations(self._pool) as connection:
            hashed = await store.password_hash(connection, user_id)
        if hashed is not None:
            hashed = await self._shown(user_id, signed_in.email, current or "", browser.address)
            if isinstance(hashed, TooManyAttempts):
                return hashed
            if hashed is None:
                return WrongPassword()
        fresh, now_us = await self._passwords.hash(password), self._now_us()
        async with beyond_organizations(self._pool) as connection, connection.transaction():
            if not await store.confirm_password(connection, user_id, hashed, fresh, now_us):
                return WrongPassword()
            await self._note_password(connection, signed_in.session.id, user_id, browser)
            if hashed is not None:
                await self._mails.tell_of_password(connection, signed_in.email)
        return None

    async def new_link(self, email: str | None, by: Actor) -> tuple[str, str] | None:
        """The e-mail and the link's token for that user, or for the operator where none is named.

        None where there is no such user.
        """
        async with beyond_organizations(self._pool) as connection, connection.transaction():
            found = (
                await first_operator(connection)
                if email is None
                else await user_by_email(connection, email.lower())
            )
            if found is None:
                return None
            token = await new_link(connection, found.id, self._now_us(), may_rename=True)
            await self._note(connection, by, found.id, "sign_in_link.made")
            return found.email, token

    async def ask_for_link(
        self, email: str, browser: Browser
    ) -> TooManyAttempts | NoLettersHere | None:
        """Wishes that the user of that e-mail, if there is one, be sent a link.

        What is done here is the same whether there is one or not, and takes as long.
        """
        if not self._mails.is_on:
            return NoLettersHere()
        email = email.lower()
        paid = await self._throttle.pay_for_letter(email, browser.address)
        if isinstance(paid, TooManyAttempts):
            return paid
        async with beyond_organizations(self._pool) as connection, connection.transaction():
            found = await user_by_email(connection, email)
            nobody = "usr_" + self._mint.anywhere()
            await self._mails.want_link(connection, found.id if found else nobody)
        return None

    async def shut_out(self, connection: Connection, who: User, provider: str) -> None:
        """Ends all that lets anybody in as the user but an identity: password, sessions, links.
        Whoever had a password is told that the provider takes its place.

        Within the caller's transaction. Who signs in by the password at this moment either has a
        session that ends here, or finds the password gone.
        """
        now_us = self._now_us()
        if await store.password_hash(connection, who.id) is not None:
            await self._mails.tell_of_provider(connection, who.email, provider)
        await store.forget_password(connection, who.id, now_us)
        await revoke_others(connection, who.id, _NO_SESSION, now_us)
        await self._mails.end_links(connection, who.id)

    async def _fresh(self, wish: LinkWish, found: User, *, is_needed: bool) -> str | None:
        """The hash of the password that the link's user shall have, where that is a new one."""
        if wish.password is None:
            if is_needed:
                raise Invalid("password", "is required: it is what the link is for")
            return None
        demand_password("password", wish.password, (wish.email or found.email).lower())
        return await self._passwords.hash(wish.password)

    async def _identify(
        self, connection: Connection, found: User, wish: LinkWish, by: Actor
    ) -> None:
        """Gives the user the e-mail and name that are wished for, wherever it is a member too."""
        email = (wish.email or found.email).lower()
        name, now_us = wish.name or found.name, self._now_us()
        if (email, name) == (found.email, found.name):
            return
        after = replace(found, email=email, name=name)
        await rename_members(connection, found, after, by, now_us)
        if not await store.identify_user(connection, found.id, email, name, now_us):
            raise Invalid("email", "is that of another user")
        await self._mails.end_links(connection, found.id)  # they may have gone to the e-mail before
        await self._note(connection, by, found.id, "user.changed", (_told(found), _told(after)))

    async def _note_password(
        self, connection: Connection, session_id: str, user_id: str, browser: Browser
    ) -> None:
        """Ends the user's other sessions and links, now that there is a new password."""
        await revoke_others(connection, user_id, session_id, self._now_us())
        await self._mails.end_links(connection, user_id)
        by = browser.actor(user_id)
        await self._note(connection, by, user_id, "user.password_changed")

    async def _note(
        self,
        connection: Connection,
        by: Actor,
        user_id: str,
        action: str,
        change: tuple[Shown | None, Shown | None] = (None, None),
    ) -> None:
        within = await default_organization(connection)
        assert within is not None, "the first start makes a default organization"
        before, after = change
        noted = Change(
            organization_id=OrganizationId(within),
            action=action,
            subject=user_id,
            before=before,
            after=after,
        )
        await note_change(connection, by, noted, self._now_us())


def _demand_the_same(wish: LinkWish, known: User) -> None:
    """Raises `Invalid` where a link that came by a letter would say who the user is."""
    if (wish.email or known.email).lower() != known.email:
        raise Invalid("email", "stays: a link that came by e-mail sets the password alone")
    if (wish.name or known.name) != known.name:
        raise Invalid("name", "stays: a link that came by e-mail sets the password alone")


def _told(who: User) -> Shown:
    return {"email": who.email, "name": who.name}
