"""Users: people who sign in. Their passwords are kept as argon2id hashes only."""

from msgspec import Struct

from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

USER_COLUMNS = "id, email, name, is_operator, created_at, updated_at"

INSERT_USER = f"""
insert into users ({USER_COLUMNS}) values ($1, $2, $3, $4, $5, $6)
on conflict (email) do nothing
returning id"""

USER = f"select {USER_COLUMNS} from users where id = $1"

USER_BY_EMAIL = f"select {USER_COLUMNS} from users where email = $1"

FIRST_OPERATOR = f"""
select {USER_COLUMNS} from users where is_operator order by created_at, id limit 1"""


class User(Struct, frozen=True, kw_only=True):
    """A person who signs in. An operator runs the installation."""

    id: str
    email: str
    name: str
    is_operator: bool
    created_at_us: int
    updated_at_us: int


async def insert_user(connection: Connection, user: User) -> bool:
    """Adds the user, unless there is one with that e-mail."""
    named = (user.id, user.email, user.name, user.is_operator)
    times = (Instant(user.created_at_us), Instant(user.updated_at_us))
    return bool(await ask(connection, INSERT_USER, *named, *times))


async def user(connection: Connection, user_id: str) -> User | None:
    found = await ask(connection, USER, user_id)
    return _user(found[0]) if found else None


async def user_by_email(connection: Connection, email: str) -> User | None:
    """The user of that e-mail, which is in lower case."""
    found = await ask(connection, USER_BY_EMAIL, email)
    return _user(found[0]) if found else None


async def first_operator(connection: Connection) -> User | None:
    """Who runs the installation: of several the first."""
    found = await ask(connection, FIRST_OPERATOR)
    return _user(found[0]) if found else None


def _user(row: Row) -> User:
    user_id, email, name, is_operator, created_at_us, updated_at_us = row
    return User(
        id=user_id,
        email=email,
        name=name,
        is_operator=is_operator,
        created_at_us=created_at_us,
        updated_at_us=updated_at_us,
    )
