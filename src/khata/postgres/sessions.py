"""Sessions of people who are signed in. Of their tokens only the digests are kept."""

from msgspec import Struct

from khata.domain.ids import OrganizationId
from khata.domain.roles import Role
from khata.domain.sign_in import SessionTimes
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

SESSION_COLUMNS = (
    "id, user_id, organization_id, created_at, seen_at, expires_at, revoked_at, address, agent"
)

INSERT_SESSION = f"""
insert into sessions ({SESSION_COLUMNS}, token_hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""

# Who the user is, and what in the organization the session acts in, as it is at this moment.
FIND_SESSION = """
select s.id, s.user_id, s.organization_id, s.created_at, s.seen_at, s.expires_at, s.revoked_at,
  s.address, s.agent, u.email, u.name, u.is_operator, u.password_hash is not null, m.id, m.role
from sessions s
join users u on u.id = s.user_id
left join members m on m.organization_id = s.organization_id and m.user_id = s.user_id
  and m.state = 'active'
where s.token_hash = $1"""

SEE_SESSION = "update sessions set seen_at = greatest(seen_at, $2) where id = $1"

CHOOSE_ORGANIZATION = "update sessions set organization_id = $2 where id = $1"

REVOKE_SESSION = f"""
update sessions set revoked_at = coalesce(revoked_at, $3) where id = $1 and user_id = $2
returning {SESSION_COLUMNS}"""

REVOKE_OTHERS = """
update sessions set revoked_at = $3 where user_id = $1 and id <> $2 and revoked_at is null"""

SESSIONS = f"""
select {SESSION_COLUMNS} from sessions
where user_id = $1 and id < $2 and revoked_at is null and expires_at > $3 and seen_at > $4
order by id desc limit $5"""

ADDRESSES = """
select distinct s.address from sessions s join users u on u.id = s.user_id
where u.email = $1 and s.created_at > $2 and s.address is not null"""

MEMBERSHIPS = """
select m.organization_id, o.name, m.id, m.role
from members m join organizations o on o.id = m.organization_id
where m.user_id = $1 and m.state = 'active'
order by m.created_at, m.id"""


class Session(Struct, frozen=True, kw_only=True):
    """One sign-in of a user. It acts in one organization at a time, or in none."""

    id: str
    user_id: str
    organization_id: OrganizationId | None
    created_at_us: int
    seen_at_us: int
    expires_at_us: int
    revoked_at_us: int | None
    address: str | None
    agent: str | None

    @property
    def times(self) -> SessionTimes:
        return SessionTimes(self.seen_at_us, self.expires_at_us, self.revoked_at_us)


class SignedIn(Struct, frozen=True, kw_only=True):
    """Who a session's user is, and by which member acts in the chosen organization, if by any."""

    session: Session
    email: str
    name: str
    is_operator: bool
    has_password: bool
    member_id: str | None
    role: Role | None


class Membership(Struct, frozen=True, kw_only=True):
    """What a user is in one organization."""

    organization_id: OrganizationId
    organization_name: str
    member_id: str
    role: Role


async def insert_session(connection: Connection, session: Session, token_hash: bytes) -> None:
    """Adds a session."""
    s = session
    times = (Instant(s.created_at_us), Instant(s.seen_at_us), Instant(s.expires_at_us), None)
    whose = (s.id, s.user_id, s.organization_id)
    await ask(connection, INSERT_SESSION, *whose, *times, s.address, s.agent, token_hash)


async def session_by_token(connection: Connection, token_hash: bytes) -> SignedIn | None:
    """The session with that token, over or not, and its user as of this moment."""
    found = await ask(connection, FIND_SESSION, token_hash)
    if not found:
        return None
    email, name, is_operator, has_password, member_id, role = found[0][9:]
    return SignedIn(
        session=_session(found[0][:9]),
        email=email,
        name=name,
        is_operator=is_operator,
        has_password=has_password,
        member_id=member_id,
        role=role,
    )


async def see_session(connection: Connection, session_id: str, at_us: int) -> None:
    """Notes that the session is in use."""
    await ask(connection, SEE_SESSION, session_id, Instant(at_us))


async def choose_organization(
    connection: Connection, session_id: str, organization_id: OrganizationId | None
) -> None:
    """Lets the session act in that organization from now on."""
    await ask(connection, CHOOSE_ORGANIZATION, session_id, organization_id)


async def revoke_session(
    connection: Connection, user_id: str, session_id: str, at_us: int
) -> Session | None:
    """The user's session, revoked now or earlier; none where the user has no such session."""
    found = await ask(connection, REVOKE_SESSION, session_id, user_id, Instant(at_us))
    return _session(found[0]) if found else None


async def revoke_others(connection: Connection, user_id: str, session_id: str, at_us: int) -> None:
    """Ends all sessions of the user but this one."""
    await ask(connection, REVOKE_OTHERS, user_id, session_id, Instant(at_us))


async def live_sessions(
    connection: Connection, user_id: str, before_id: str, now_us: int, idle_us: int, limit: int
) -> list[Session]:
    """Up to `limit` sessions of the user that are not over, newest first, ids below that one."""
    ended = (Instant(now_us), Instant(now_us - idle_us))
    found = await ask(connection, SESSIONS, user_id, before_id, *ended, limit)
    return [_session(row) for row in found]


async def known_addresses(connection: Connection, email: str, since_us: int) -> list[str]:
    """From where the user of that e-mail has signed in since then."""
    return [row[0] for row in await ask(connection, ADDRESSES, email, Instant(since_us))]


async def memberships(connection: Connection, user_id: str) -> list[Membership]:
    """What the user is in each organization, the longest standing first."""
    return [
        Membership(organization_id=within, organization_name=name, member_id=member_id, role=role)
        for within, name, member_id, role in await ask(connection, MEMBERSHIPS, user_id)
    ]


def _session(row: Row) -> Session:
    session_id, user_id, organization_id, created_at, seen_at, expires_at, revoked_at = row[:7]
    return Session(
        id=session_id,
        user_id=user_id,
        organization_id=organization_id,
        created_at_us=created_at,
        seen_at_us=seen_at,
        expires_at_us=expires_at,
        revoked_at_us=revoked_at,
        address=row[7],
        agent=row[8],
    )
