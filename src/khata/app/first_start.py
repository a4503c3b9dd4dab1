"""The first start: the default organization, its owner, the owner's key, and the first prices."""

from collections.abc import Callable

from msgspec import Struct

from khata.app.keys import Keys, new_secret
from khata.app.people.first_owner import OWNER_EMAIL, ensure_first_owner
from khata.app.people.links import new_link
from khata.app.price_list import first_price_list
from khata.domain.ids import OrganizationId
from khata.engine.ids import UlidMint
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.organizations import default_organization, insert_default_organization
from khata.postgres.prices import insert_price_list


class FirstStart(Struct, frozen=True):
    """What is shown once, and kept nowhere: the secret of the owner's key where it was made up,
    and the token of a link by which the owner signs in. Nothing on later starts."""

    owner_secret: str | None
    sign_in_token: str | None


async def start_first(
    pool: Pool,
    keys: Keys,
    now_us: Callable[[], int],
    owner_key: str | None,
    owner_email: str = OWNER_EMAIL,
) -> FirstStart:
    """Makes what a new installation begins with, and returns what is to be shown of it.

    Of several processes that start at once one makes everything, in one transaction, and the
    others wait for it. A secret that was given is made sure of at each start and not returned.
    Raises `Invalid` for a malformed one.
    """
    secret = owner_key or new_secret()
    async with borrowed(pool) as connection, connection.transaction():
        now = now_us()
        default = OrganizationId("org_" + UlidMint().anywhere())
        is_first = await insert_default_organization(connection, default, "Default", now)
        if is_first:
            await insert_price_list(connection, first_price_list(), now, now)
        within = default if is_first else await default_organization(connection)
        assert within is not None, "whoever was faster has made it"
        user = await ensure_first_owner(connection, within, now, owner_email)
        token = await new_link(connection, user.id, now, may_rename=True) if is_first else None
        if is_first or owner_key:
            await keys.ensure_owner(connection, secret)
    return FirstStart(secret if is_first and not owner_key else None, token)
