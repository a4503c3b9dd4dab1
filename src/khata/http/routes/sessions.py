"""Signing in and out: who is it, where do they act, and where else are they signed in."""

from __future__ import annotations

from khata.app.cursors import cursor, id_behind
from khata.app.people.invitations import Acceptance
from khata.app.people.sessions import Begun, Browser, SignedIn
from khata.app.people.sign_in import LinkWish
from khata.app.people.tokens import csrf_token
from khata.app.runtime import Khata
from khata.domain.ids import OrganizationId
from khata.domain.refusals import Refusal
from khata.domain.times import rfc3339
from khata.http.auth import ApiCaller, actor_of, person_of
from khata.http.call import Call
from khata.http.cookies import (
    cookie_with,
    cookie_without,
    demand_own_page,
    is_by_https,
    session_token,
)
from khata.http.edge import HttpSettings
from khata.http.problems import Problem, invalid
from khata.http.refused import refusal_problem
from khata.http.routes import ANY_KEY, ANYONE, Reply, Routes
from khata.http.routes.organizations import no_organization
from khata.http.schemas.common import Page
from khata.http.schemas.sessions import (
    AcceptBody,
    PasswordBody,
    Session,
    SessionChanges,
    SessionQuery,
    SignedInSession,
    SignInBody,
    User,
    membership_shown,
    session_shown,
)

REFUSED = ("SIGN_IN_REFUSED", "RATE_LIMITED", "CSRF_FAILED")


class SessionRoutes:
    """What people who are signed in, or want to be, ask about themselves."""

    routes = Routes("Sessions")

    def __init__(self, khata: Khata, settings: HttpSettings) -> None:
        self._sessions = khata.people.sessions
        self._sign_in = khata.people.sign_in
        self._invitations = khata.people.invitations
        self._organizations = khata.people.organizations
        self._public_url = settings.public_url

    @routes.on(
        "POST /v1/session",
        scope=ANYONE,
        audit=("session.began",),
        statuses=(201,),
        problems=(*REFUSED, "SIGN_IN_LINK_REFUSED"),
        example={"email": "asha@delhi.example", "password": "seven brown cows"},
    )
    async def sign_in(self, call: Call[ApiCaller], body: SignInBody) -> Reply[SignedInSession]:
        """Sign in: with e-mail and password, or once with the token of a link.

        The session is in the cookie that comes with the answer.
        """
        demand_own_page(call.headers)
        if body.token is not None:
            wish = LinkWish(body.token, body.password, body.email, body.name)
            begun = await self._sign_in.by_link(wish, browser_of(call))
        else:
            email, password = _credentials(body)
            begun = await self._sign_in.by_password(email, password, browser_of(call))
        if isinstance(begun, Refusal):
            raise refusal_problem(begun)
        return await self._begun(call, begun)

    @routes.on("GET /v1/session", scope=ANY_KEY)
    async def get_session(self, call: Call[ApiCaller]) -> SignedInSession:
        """Tell who is signed in, where they act and what they may do there."""
        return await self._shown(*await self._own(call))

    @routes.on(
        "PATCH /v1/session",
        scope=ANY_KEY,
        unaudited="It says where the person acts, and gives nothing.",
        problems=("ORGANIZATION_NOT_FOUND",),
        example={"organization_id": "org_01K9Z3NDEKTSV4RRFFQ69G5FAV"},
    )
    async def change_session(self, call: Call[ApiCaller], body: SessionChanges) -> SignedInSession:
        """Act in another organization of one's own; an operator in any, or for the platform."""
        token, found = await self._own(call)
        await self._choose(found, body.organization_id)
        return await self._shown(token, await self._again(token))

    @routes.on("DELETE /v1/session", scope=ANY_KEY, audit=("session.ended",))
    async def sign_out(self, call: Call[ApiCaller]) -> Reply[Session]:
        """Sign out."""
        _, own = await self._own(call)
        ended = await self._sessions.revoke(own.session.user_id, own.session.id, actor_of(call))
        secure = is_by_https(self._public_url, call.headers)
        headers = {"Set-Cookie": cookie_without(is_secure=secure)}
        return Reply(session_shown(ended or own.session, own.session.id), headers=headers)

    @routes.on(
        "PUT /v1/session/password",
        scope=ANY_KEY,
        audit=("user.password_changed",),
        problems=("WRONG_PASSWORD", "RATE_LIMITED"),
        example={"password": "eight brown cows", "current_password": "seven brown cows"},
    )
    async def change_password(self, call: Call[ApiCaller], body: PasswordBody) -> SignedInSession:
        """Change one's password. All other sessions of the user end."""
        token, own = await self._own(call)
        refused = await self._sign_in.change_password(
            own, body.current_password, body.password, browser_of(call)
        )
        if refused is not None:
            raise refusal_problem(refused)
        return await self._shown(token, await self._again(token))

    @routes.on("GET /v1/sessions", scope=ANY_KEY)
    async def list_sessions(self, call: Call[ApiCaller], query: SessionQuery) -> Page[Session]:
        """List where one is signed in, newest first."""
        _, own = await self._own(call)
        behind = id_behind("sessions", query.cursor)
        found = await self._sessions.list(own.session.user_id, query.limit + 1, behind)
        page = found[: query.limit]
        following = cursor("sessions", page[-1].id) if len(found) > query.limit else None
        return Page([session_shown(each, own.session.id) for each in page], following)

    @routes.on(
        "DELETE /v1/sessions/{session_id}",
        scope=ANY_KEY,
        audit=("session.ended",),
        problems=("SESSION_NOT_FOUND",),
    )
    async def revoke_session(self, call: Call[ApiCaller], session_id: str) -> Session:
        """End one of one's own sessions, at once everywhere. A second time changes nothing."""
        _, own = await self._own(call)
        ended = await self._sessions.revoke(own.session.user_id, session_id, actor_of(call))
        if ended is None:
            detail = f"There is no session {session_id}."
            raise Problem("SESSION_NOT_FOUND", detail, session_id=session_id)
        return session_shown(ended, own.session.id)

    @routes.on(
        "POST /v1/invitations/accept",
        scope=ANYONE,
        audit=("invitation.accepted", "member.joined", "session.began"),
        statuses=(201,),
        problems=(*REFUSED, "INVITATION_NOT_FOUND", "INVITATION_NOT_OPEN"),
        example={"token": "khi_…", "password": "seven brown cows", "name": "Ravi Kumar"},
    )
    async def accept_invitation(
        self, call: Call[ApiCaller], body: AcceptBody
    ) -> Reply[SignedInSession]:
        """Accept an invitation and be signed in.

        Whoever has no user yet gets one with this password; a user there is shows its own.
        """
        demand_own_page(call.headers)
        acceptance = Acceptance(token=body.token, password=body.password, name=body.name)
        begun = await self._invitations.accept(acceptance, browser_of(call))
        if isinstance(begun, Refusal):
            raise refusal_problem(begun)
        return await self._begun(call, begun)

    async def _begun(self, call: Call[ApiCaller], begun: Begun) -> Reply[SignedInSession]:
        secure = is_by_https(self._public_url, call.headers)
        headers = {"Set-Cookie": cookie_with(begun.token, is_secure=secure)}
        shown = await self._shown(begun.token, await self._again(begun.token))
        return Reply(shown, 201, headers)

    async def _own(self, call: Call[ApiCaller]) -> tuple[str, SignedIn]:
        """The caller's own session with its token; 403 for a key, which has none."""
        token = session_token(call.headers)
        if call.caller.session_id is None or token is None:
            raise Problem("FORBIDDEN", "This is for people who are signed in, not for keys.")
        return token, await self._again(token)

    async def _again(self, token: str) -> SignedIn:
        found = await self._sessions.find(token, is_use=False)  # the door has seen to it
        if found is None:
            raise Problem("UNAUTHENTICATED", "This session has just ended.")
        return found

    async def _choose(self, own: SignedIn, wanted: str | None) -> None:
        if wanted is None:
            if not own.is_operator:
                raise invalid("organization_id", "is required: only operators act for all")
            await self._sessions.choose(own.session.id, None)
            return
        memberships = await self._sessions.memberships(own.session.user_id)
        known = wanted in {each.organization_id for each in memberships}
        if not known and own.is_operator:
            known = await self._organizations.find(wanted) is not None
        if not known:
            raise no_organization(wanted)
        await self._sessions.choose(own.session.id, OrganizationId(wanted))

    async def _shown(self, token: str, own: SignedIn) -> SignedInSession:
        session, person = own.session, person_of(own)
        memberships = await self._sessions.memberships(session.user_id)
        return SignedInSession(
            id=session.id,
            user=User(
                id=session.user_id,
                email=own.email,
                name=own.name,
                is_operator=own.is_operator,
                has_password=own.has_password,
            ),
            memberships=[membership_shown(each) for each in memberships],
            organization_id=person.organization_id or None,
            member_id=own.member_id,
            role=person.role if person.scopes else None,
            scopes=sorted(person.scopes),
            csrf_token=csrf_token(token),
            created_at=rfc3339(session.created_at_us),
            expires_at=rfc3339(session.expires_at_us),
        )


def browser_of(call: Call[ApiCaller]) -> Browser:
    """From where somebody signs in."""
    agent = call.headers.get(b"user-agent")
    text = None if agent is None else agent.decode("latin-1").replace("\x00", "")
    return Browser(call.client.shown, text, call.request_id.decode("ascii"))


def _credentials(body: SignInBody) -> tuple[str, str]:
    if body.name is not None:
        raise invalid("name", "goes with the token of a link only")
    if body.email is None:
        raise invalid("email", "is required, or the token of a link")
    if body.password is None:
        raise invalid("password", "is required")
    return body.email, body.password
