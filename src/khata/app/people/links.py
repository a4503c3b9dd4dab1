"""Links that let a user in once, within a quarter of an hour, to set a password.

Whoever made one on this machine runs the installation, and may say by it who the user is. One that
went out by a letter is whoever reads that address, and sets the password alone: the e-mail that it
named would be nobody's word for it.
"""

from khata.app.people.tokens import LINK_PREFIX, digest, new_token
from khata.domain.sign_in import LINK_US
from khata.postgres.asking import Connection
from khata.postgres.sign_in import SignInLink, insert_link


async def new_link(
    connection: Connection, user_id: str, at_us: int, *, may_rename: bool = False
) -> str:
    """The token of a new link that lets the user in."""
    token = new_token(LINK_PREFIX)
    link = SignInLink(
        token_hash=digest(token),
        user_id=user_id,
        created_at_us=at_us,
        expires_at_us=at_us + LINK_US,
        may_rename=may_rename,
    )
    await insert_link(connection, link)
    return token
