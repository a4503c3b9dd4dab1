"""Sessions: begun by a sign-in, found by their token at each request, ended at once everywhere.

Nothing is remembered between two requests: whoever was removed, or whose session was revoked, has
no more rights at the next one, whichever process it reaches.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from khata.app.people.audited import Change, note_change
from khata.app.people.tokens import SESSION_PREFIX, csrf_token, digest, new_token
from khata.app.people.within import beyond_organizations
from khata.domain.actor import SERVICE, Actor
from khata.domain.ids import OrganizationId
from khata.domain.sign_in import SEEN_EVERY_US, SESSION_IDLE_US, SESSION_US, is_live
from khata.engine.ids import UlidMint
from khata.postgres import sessions as store
from khata.postgres.asking import Connection
from khata.postgres.connect import Pool
from khata.postgres.organizations import default_organization
from khata.postgres.sessions import Membership, Session, SignedIn

__all__ = ["Begun", "Browser", "Membership", "Session", "Sessions", "SignedIn"]

# Above all ids.
_NEWEST = "ses_~"
_LONGEST_AGENT = 200


class Browser(Struct, frozen=True):
    """From where somebody signs in, what the browser calls itself, and with which request."""

    address: str | None
    agent: str | None
    request_id: str | None = None

    def actor(self, user_id: str) -> Actor:
        """The user at this browser, as the audit log names it."""
        return Actor(user_id, self.address, self.request_id)


class Begun(Struct, frozen=True):
    """A new session with its token, which is told this once and kept nowhere."""

    session: Session
    token: str

    @property
    def csrf_token(self) -> str:
        return csrf_token(self.token)


class Sessions:
    """Who is signed in."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us
        self._mint = UlidMint()

    async def begin(
        self,
        connection: Connection,
        user_id: str,
        browser: Browser,
        organization_id: OrganizationId | None = None,
    ) -> Begun:
        """A new session, within the caller's transaction.

        It acts in that organization, or where none is named in the one of which the user has been
        a member for the longest.
        """
        now_us = self._now_us()
        token = new_token(SESSION_PREFIX)
        if organization_id is None:
            found = await store.memberships(connection, user_id)
            organization_id = found[0].organization_id if found else None
        session = Session(
            id="ses_" + self._mint.anywhere(),
            user_id=user_id,
            organization_id=organization_id,
            created_at_us=now_us,
            seen_at_us=now_us,
            expires_at_us=now_us + SESSION_US,
            revoked_at_us=None,
            address=browser.address,
            agent=browser.agent[:_LONGEST_AGENT] if browser.agent else None,
        )
        await store.insert_session(connection, session, digest(token))
        await self._note(connection, session, "session.began", browser.actor(user_id))
        return Begun(session, token)

    async def find(self, token: str, *, is_use: bool = True) -> SignedIn | None:
        """Who is signed in by that token, unless the session is over. It is in use by that, unless
        nobody is at it who asks."""
        now_us = self._now_us()
        async with beyond_organizations(self._pool) as connection:
            found = await store.session_by_token(connection, digest(token))
            if found is None or not is_live(found.session.times, now_us):
                return None
            if is_use and now_us - found.session.seen_at_us >= SEEN_EVERY_US:
                await store.see_session(connection, found.session.id, now_us)
                return replace(found, session=replace(found.session, seen_at_us=now_us))
        return found

    async def memberships(self, user_id: str) -> list[Membership]:
        """What the user is in each organization, the longest standing first."""
        async with beyond_organizations(self._pool) as connection:
            return await store.memberships(connection, user_id)

    async def choose(self, session_id: str, organization_id: OrganizationId | None) -> None:
        """Lets the session act in that organization from now on."""
        async with beyond_organizations(self._pool) as connection:
            await store.choose_organization(connection, session_id, organization_id)

    async def list(self, user_id: str, limit: int, before: str | None) -> list[Session]:
        """Up to `limit` of the user's sessions that are not over, newest first."""
        async with beyond_organizations(self._pool) as connection:
            return await store.live_sessions(
                connection, user_id, before or _NEWEST, self._now_us(), SESSION_IDLE_US, limit
            )

    async def revoke(self, user_id: str, session_id: str, by: Actor = SERVICE) -> Session | None:
        """Ends a session of the user; none where there is no such session of that user.

        A second time changes nothing.
        """
        now_us = self._now_us()
        async with beyond_organizations(self._pool) as connection, connection.transaction():
            ended = await store.revoke_session(connection, user_id, session_id, now_us)
            if ended is not None and ended.revoked_at_us == now_us:
                await self._note(connection, ended, "session.ended", by)
            return ended

    async def _note(self, connection: Connection, session: Session, action: str, by: Actor) -> None:
        within = session.organization_id or await default_organization(connection)
        assert within is not None, "the first start makes a default organization"
        change = Change(organization_id=within, action=action, subject=session.id)
        await note_change(connection, by, change, self._now_us())
