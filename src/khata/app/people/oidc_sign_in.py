"""Signing in at a provider of identities: for users there are, and for who is invited."""

from collections.abc import Callable
from urllib.parse import urlsplit

from khata.app.people.audited import Change, note_change
from khata.app.people.invitations import Invitations
from khata.app.people.oidc import Asked, Identity, Oidc, OidcRefused, Returned
from khata.app.people.sessions import Begun, Browser, Sessions
from khata.app.people.sign_in import SignIn
from khata.app.people.within import beyond_organizations
from khata.domain.actor import Actor
from khata.engine.ids import UlidMint
from khata.postgres.asking import Connection
from khata.postgres.connect import Pool
from khata.postgres.identities import insert_identity, user_of_identity
from khata.postgres.invitations import invitations_to
from khata.postgres.organizations import default_organization
from khata.postgres.sign_in import password_hash
from khata.postgres.users import User, insert_user, user, user_by_email


class OidcSignIn:
    """Lets in whom the provider vouches for and we know. `provider` is none where none is set."""

    def __init__(
        self,
        provider: Oidc | None,
        pool: Pool,
        sessions: Sessions,
        sign_in: SignIn,
        invitations: Invitations,
        now_us: Callable[[], int],
    ) -> None:
        self.provider = provider
        self._pool = pool
        self._sessions = sessions
        self._sign_in = sign_in
        self._invitations = invitations
        self._now_us = now_us
        self._mint = UlidMint()

    async def finish(
        self,
        provider: Oidc,
        asked: Asked | None,
        returned: Returned,
        redirect_uri: str,
        browser: Browser,
    ) -> Begun | OidcRefused:
        """A session for whom the provider has seen. Raises `Unavailable`.

        The first time, a verified e-mail links the provider's subject to the user who has it, or
        to a new user where it is invited; from then on the subject alone counts. Open invitations
        to the user's own e-mail are accepted.

        Nobody had proved before whose that e-mail is: whoever invites somebody can make a user of
        it. So nothing that let anybody in as that user does so any more.
        """
        identity = await provider.identity(asked, returned, redirect_uri)
        if isinstance(identity, OidcRefused):
            return identity
        async with beyond_organizations(self._pool) as connection, connection.transaction():
            known = await self._known(connection, identity)
            who = known or await self._linked(connection, identity, browser)
            if who is None:
                return OidcRefused("unknown", "the e-mail is no user's, and not invited")
            if who.email == identity.email:
                await self._invitations.accept_all(connection, who, browser)
            if known is None:
                await self._sign_in.shut_out(connection, who, _host(identity.issuer))
            return await self._sessions.begin(connection, who.id, browser)

    async def _known(self, connection: Connection, identity: Identity) -> User | None:
        user_id = await user_of_identity(connection, identity.issuer, identity.subject)
        return None if user_id is None else await user(connection, user_id)

    async def _linked(
        self, connection: Connection, identity: Identity, browser: Browser
    ) -> User | None:
        now_us = self._now_us()
        who = await user_by_email(connection, identity.email)
        if who is None:
            open_ones = await invitations_to(connection, identity.email, now_us)
            if not open_ones:
                return None
            made = User(
                id="usr_" + self._mint.anywhere(),
                email=identity.email,
                name=identity.name or open_ones[0].name,
                is_operator=False,
                created_at_us=now_us,
                updated_at_us=now_us,
            )
            await insert_user(connection, made)
            who = await user_by_email(connection, identity.email)
            assert who is not None, "it was made here, or by whoever was faster"
        named = (identity.issuer, identity.subject)
        if not await insert_identity(connection, *named, who.id, now_us):
            return await self._known(connection, identity)
        within = await default_organization(connection)
        assert within is not None, "the first start makes a default organization"
        hashed = await password_hash(connection, who.id)
        identified = {"issuer": identity.issuer, "subject": identity.subject}
        change = Change(
            organization_id=within,
            action="user.identity_linked",
            subject=who.id,
            before={"has_password": hashed is not None},
            after={**identified, "has_password": False},
        )
        await note_change(connection, Actor(who.id, browser.address), change, now_us)
        return who


def _host(issuer: str) -> str:
    return urlsplit(issuer).hostname or issuer
