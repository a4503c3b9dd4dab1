"""All that is asked about people, over one pool of connections."""

from collections.abc import Callable

from msgspec import Struct

from khata.app.people.members import Members
from khata.app.people.teams import Teams
from khata.app.people.tenants import Organizations
from khata.postgres.connect import Pool


class People(Struct, frozen=True):
    """Organizations, and who is in them."""

    organizations: Organizations
    members: Members
    teams: Teams


def people_of(pool: Pool, now_us: Callable[[], int]) -> People:
    """The people of this installation."""
    return People(
        organizations=Organizations(pool, now_us),
        members=Members(pool, now_us),
        teams=Teams(pool, now_us),
    )
