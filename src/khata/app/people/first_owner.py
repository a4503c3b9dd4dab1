"""The first owner: the person who runs the installation, there before anybody has signed in."""

from khata.app.people.audited import Acting
from khata.app.people.members import put_noted
from khata.domain.actor import COMMAND_LINE, Actor
from khata.domain.ids import OrganizationId
from khata.engine.ids import UlidMint
from khata.postgres.asking import Connection
from khata.postgres.members import Member
from khata.postgres.users import User, first_operator, insert_user

# Who it is until a sign-in link has said otherwise.
OWNER_EMAIL = "owner@localhost"
_NAME = "Owner"


async def ensure_first_owner(
    connection: Connection, organization_id: OrganizationId, at_us: int, email: str
) -> User:
    """The operator, made as an owner of the default organization where there is none yet.

    Of several processes that start at once one makes the user, and the others wait for it.
    """
    found = await first_operator(connection)
    if found is not None:
        return found
    mint = UlidMint()
    user = User(
        id="usr_" + mint.anywhere(),
        email=email,
        name=_NAME,
        is_operator=True,
        created_at_us=at_us,
        updated_at_us=at_us,
    )
    if await insert_user(connection, user):
        member = Member(
            id="mem_" + mint.anywhere(),
            organization_id=organization_id,
            user_id=user.id,
            external_id=None,
            name=user.name,
            email=user.email,
            role="owner",
            team_id=None,
            state="active",
            created_at_us=at_us,
            updated_at_us=at_us,
        )
        started = Acting(Actor(COMMAND_LINE), "owner")
        await put_noted(connection, started, "member.created", None, member)
        return user
    made = await first_operator(connection)
    assert made is not None, "whoever was faster has made it"
    return made
