"""Members: people inside an organization, by whom usage is counted."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from khata.domain.ids import OrganizationId
from khata.domain.roles import Role
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant, texts

MemberState = Literal["active", "removed"]

MEMBER_COLUMNS = (
    "id, organization_id, user_id, external_id, name, email, role, team_id, state,"
    " created_at, updated_at"
)

PUT_MEMBER = f"""
insert into members ({MEMBER_COLUMNS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (id) do update set user_id = excluded.user_id, external_id = excluded.external_id,
  name = excluded.name, email = excluded.email, role = excluded.role, team_id = excluded.team_id,
  state = excluded.state, updated_at = excluded.updated_at"""

MEMBER = f"select {MEMBER_COLUMNS} from members where id = $1"

MEMBER_BY_EXTERNAL_ID = f"""
select {MEMBER_COLUMNS} from members where organization_id = $1 and external_id = $2"""

MEMBER_OF_USER = f"""
select {MEMBER_COLUMNS} from members where organization_id = $1 and user_id = $2"""

MEMBERS_OF_USER = f"""
select {MEMBER_COLUMNS} from members where user_id = $1 order by organization_id"""

MEMBERS = f"""
select {MEMBER_COLUMNS} from members
where organization_id = $1 and id > $2
  and ($3::text is null or state = $3) and ($4::text is null or role = $4)
  and ($5::text is null or team_id = $5) and ($6::text is null or external_id = $6)
  and ($7::text is null or strpos(lower(name), lower($7)) > 0 or strpos(email, lower($7)) > 0
    or strpos(external_id, $7) > 0)
order by id limit $8"""

OWNERS = f"""
select {MEMBER_COLUMNS} from members
where organization_id = $1 and role = 'owner' and state = 'active'"""

# A charge names its member by either.
NAMED_MEMBERS = f"""
select name_, {MEMBER_COLUMNS}
from unnest($2::text[]) as asked (name_)
join members on organization_id = $1 and (external_id = name_ or id = name_)"""


class Member(Struct, frozen=True, kw_only=True):
    """A person inside an organization. Those with a user can sign in."""

    id: str
    organization_id: OrganizationId
    user_id: str | None
    external_id: str | None
    name: str
    email: str | None
    role: Role
    team_id: str | None
    state: MemberState
    created_at_us: int
    updated_at_us: int

    @property
    def counted_as(self) -> str:
        """The one name by which budgets count it: the platform's own, or its id where it has none.

        `counters.MEMBERS` says the same to a charge.
        """
        return self.external_id or self.id


class MemberFilter(Struct, frozen=True, kw_only=True):
    """Which members are asked for; what is None does not narrow. `search` is in names and ids."""

    state: MemberState | None = None
    role: Role | None = None
    team_id: str | None = None
    external_id: str | None = None
    search: str | None = None


async def put_member(connection: Connection, member: Member) -> None:
    """Adds the member, or makes it what it is now."""
    m = member
    named = (m.id, m.organization_id, m.user_id, m.external_id, m.name, m.email)
    standing = (m.role, m.team_id, m.state, Instant(m.created_at_us), Instant(m.updated_at_us))
    await ask(connection, PUT_MEMBER, *named, *standing)


async def member(connection: Connection, member_id: str) -> Member | None:
    """The member, removed or not."""
    found = await ask(connection, MEMBER, member_id)
    return _member(found[0]) if found else None


async def member_by_external_id(
    connection: Connection, organization_id: str, external_id: str
) -> Member | None:
    """The member that the platform calls so, removed or not."""
    found = await ask(connection, MEMBER_BY_EXTERNAL_ID, organization_id, external_id)
    return _member(found[0]) if found else None


async def member_of_user(
    connection: Connection, organization_id: str, user_id: str
) -> Member | None:
    """What the user is in the organization, removed or not."""
    found = await ask(connection, MEMBER_OF_USER, organization_id, user_id)
    return _member(found[0]) if found else None


async def members_of_user(connection: Connection, user_id: str) -> list[Member]:
    """What the user is in each organization, removed or not, in the order of their ids."""
    return [_member(row) for row in await ask(connection, MEMBERS_OF_USER, user_id)]


async def members(
    connection: Connection, organization_id: str, wanted: MemberFilter, limit: int, after: str
) -> list[Member]:
    """Up to `limit` members with ids above `after`, oldest first."""
    w = wanted
    narrowed = (w.state, w.role, w.team_id, w.external_id, w.search)
    found = await ask(connection, MEMBERS, organization_id, after, *narrowed, limit)
    return [_member(row) for row in found]


async def owners(connection: Connection, organization_id: str) -> list[Member]:
    """The organization's owners who are not removed."""
    return [_member(row) for row in await ask(connection, OWNERS, organization_id)]


async def named_members(
    connection: Connection, organization_id: str, names: Sequence[str]
) -> dict[str, Member]:
    """The members that charges call so, by `mem_` id or by the platform's own name.

    A name that no member has is not in the answer: charges may name whomever they want.
    """
    found = await ask(connection, NAMED_MEMBERS, organization_id, texts(names))
    return {row[0]: _member(row[1:]) for row in found}


def _member(row: Row) -> Member:
    member_id, organization_id, user_id, external_id, name, email, role, team_id, state = row[:9]
    return Member(
        id=member_id,
        organization_id=organization_id,
        user_id=user_id,
        external_id=external_id,
        name=name,
        email=email,
        role=role,
        team_id=team_id,
        state=state,
        created_at_us=row[9],
        updated_at_us=row[10],
    )
