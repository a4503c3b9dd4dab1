"""All that is asked about people, over one pool of connections."""

from collections.abc import Callable

from msgspec import Struct

from khata.app.people.invitations import Invitations
from khata.app.people.members import Members
from khata.app.people.passwords import PasswordCost, Passwords
from khata.app.people.sessions import Sessions
from khata.app.people.sign_in import SignIn
from khata.app.people.teams import Teams
from khata.app.people.tenants import Organizations
from khata.app.people.throttle import Throttle
from khata.postgres.connect import Pool


class People(Struct, frozen=True):
    """Organizations, who is in them, and who is signed in."""

    organizations: Organizations
    members: Members
    teams: Teams
    sessions: Sessions
    sign_in: SignIn
    invitations: Invitations


def people_of(pool: Pool, now_us: Callable[[], int], cost: PasswordCost) -> People:
    """The people of this installation."""
    sessions, throttle = Sessions(pool, now_us), Throttle(pool, now_us)
    passwords = Passwords(cost)
    return People(
        organizations=Organizations(pool, now_us),
        members=Members(pool, now_us),
        teams=Teams(pool, now_us),
        sessions=sessions,
        sign_in=SignIn(pool, passwords, throttle, sessions, now_us),
        invitations=Invitations(pool, passwords, throttle, sessions, now_us),
    )
