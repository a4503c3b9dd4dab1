"""All that is asked about people, over one pool of connections."""

from collections.abc import Callable

from msgspec import Struct

from khata.app.mail.people_mails import PeopleMails
from khata.app.people.invitations import Invitations
from khata.app.people.members import Members
from khata.app.people.oidc import OidcSettings, open_oidc
from khata.app.people.oidc_sign_in import OidcSignIn
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
    oidc: OidcSignIn


def people_of(
    pool: Pool,
    mails: PeopleMails,
    now_us: Callable[[], int],
    cost: PasswordCost,
    oidc: OidcSettings | None = None,
) -> People:
    """The people of this installation. Raises `OidcUnusable`."""
    sessions, throttle = Sessions(pool, now_us), Throttle(pool, now_us)
    lets_in = (pool, Passwords(cost), throttle, sessions, mails, now_us)
    sign_in, invitations = SignIn(*lets_in), Invitations(*lets_in)
    return People(
        organizations=Organizations(pool, now_us),
        members=Members(pool, now_us),
        teams=Teams(pool, now_us),
        sessions=sessions,
        sign_in=sign_in,
        invitations=invitations,
        oidc=OidcSignIn(open_oidc(oidc, now_us), pool, sessions, sign_in, invitations, now_us),
    )
