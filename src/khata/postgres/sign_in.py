"""What is kept for signing in: passwords, links that are good once, and how fast somebody tries."""

from msgspec import Struct

from khata.domain.pace import Pace
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

HASH_OF_USER = "select password_hash from users where id = $1"

FORGET_HASH = "update users set password_hash = null, updated_at = $2 where id = $1"

SET_HASH = "update users set password_hash = $2, updated_at = $3 where id = $1"

# Whoever signs in by a password and whoever changes it take turns at the user's row.
CONFIRM_HASH = """
update users set password_hash = $3, updated_at = case when $2 = $3 then updated_at else $4 end
where id = $1 and password_hash is not distinct from $2
returning id"""

IDENTIFY = """
update users set email = $2, name = $3, updated_at = $4
where id = $1 and not exists (select 1 from users where email = $2 and id <> $1)
returning id"""

INSERT_LINK = """
insert into sign_in_links (token_hash, user_id, created_at, expires_at, may_rename)
values ($1, $2, $3, $4, $5)"""

OPEN_LINK = """
select user_id, created_at, expires_at, may_rename from sign_in_links
where token_hash = $1 and used_at is null and created_at <= $2 and expires_at > $2"""

USE_LINK = """
update sign_in_links set used_at = $2 where token_hash = $1 and used_at is null
returning user_id"""

END_LINKS = """
delete from sign_in_links where user_id = $1 and used_at is null returning token_hash"""

# The row's lock makes attempts of one subject pay one after another, whichever process they reach.
PAY_ATTEMPT = """
insert into sign_in_attempts as paid (subject, paid_until)
values ($1, $2::timestamptz + $3::bigint * interval '1 microsecond')
on conflict (subject) do update
  set paid_until = greatest(paid.paid_until, $2) + $3::bigint * interval '1 microsecond'
where greatest(paid.paid_until, $2) + $3::bigint * interval '1 microsecond'
  <= $2 + $4::bigint * interval '1 microsecond'
returning paid_until"""

PAID_UNTIL = "select paid_until from sign_in_attempts where subject = $1"

GIVE_BACK = """
update sign_in_attempts set paid_until = paid_until - $2::bigint * interval '1 microsecond'
where subject = $1"""

# What is over is looked for by what it ends with; an attempt is over when it is paid for.
PURGE_SIGN_INS = """
with ended as (
  delete from sessions where id in (
    select id from sessions where expires_at < $1 limit $2)
  returning 1),
past as (
  delete from sign_in_links where token_hash in (
    select token_hash from sign_in_links where expires_at < $1 limit $2)
  returning 1),
paid as (
  delete from sign_in_attempts where paid_until < $1 and subject in (
    select subject from sign_in_attempts where paid_until < $1 limit $2)
  returning 1)
select 1 from ended union all select 1 from past union all select 1 from paid"""


class SignInLink(Struct, frozen=True, kw_only=True):
    """A link that lets its user in once, and may say anew who that is. Of its token only the digest
    is kept."""

    token_hash: bytes
    user_id: str
    created_at_us: int
    expires_at_us: int
    may_rename: bool


async def password_hash(connection: Connection, user_id: str) -> str | None:
    """The user's password, as argon2id has it."""
    found = await ask(connection, HASH_OF_USER, user_id)
    return found[0][0] if found else None


async def set_password(connection: Connection, user_id: str, hashed: str, at_us: int) -> None:
    """Gives the user that password."""
    await ask(connection, SET_HASH, user_id, hashed, Instant(at_us))


async def forget_password(connection: Connection, user_id: str, at_us: int) -> None:
    """No password is the user's any more."""
    await ask(connection, FORGET_HASH, user_id, Instant(at_us))


async def confirm_password(
    connection: Connection, user_id: str, before: str | None, after: str, at_us: int
) -> bool:
    """Gives the user the password `after`, unless somebody has changed `before` meanwhile.

    With both the same it only makes sure of it, until the transaction ends.
    """
    changed = (before, after, Instant(at_us))
    return bool(await ask(connection, CONFIRM_HASH, user_id, *changed))


async def identify_user(
    connection: Connection, user_id: str, email: str, name: str, at_us: int
) -> bool:
    """Gives the user that e-mail and name, unless another user has the e-mail."""
    return bool(await ask(connection, IDENTIFY, user_id, email, name, Instant(at_us)))


async def insert_link(connection: Connection, link: SignInLink) -> None:
    """Adds a link."""
    times = (Instant(link.created_at_us), Instant(link.expires_at_us))
    await ask(connection, INSERT_LINK, link.token_hash, link.user_id, *times, link.may_rename)


async def open_link(connection: Connection, token_hash: bytes, at_us: int) -> SignInLink | None:
    """The link, if it would let its user in now."""
    found = await ask(connection, OPEN_LINK, token_hash, Instant(at_us))
    if not found:
        return None
    user_id, created_at_us, expires_at_us, may_rename = found[0]
    return SignInLink(
        token_hash=token_hash,
        user_id=user_id,
        created_at_us=created_at_us,
        expires_at_us=expires_at_us,
        may_rename=may_rename,
    )


async def use_link(connection: Connection, token_hash: bytes, at_us: int) -> bool:
    """Uses the link up; False where somebody was faster."""
    return bool(await ask(connection, USE_LINK, token_hash, Instant(at_us)))


async def end_links(connection: Connection, user_id: str) -> list[bytes]:
    """No link that was made for the user and not used lets anybody in any more; which these were,
    by the digests of their tokens."""
    return [token_hash for (token_hash,) in await ask(connection, END_LINKS, user_id)]


async def pay_attempt(connection: Connection, subject: str, pace: Pace, at_us: int) -> bool:
    """Takes the price of one attempt, unless the subject must wait."""
    price = (pace.every_us, pace.ahead_us)
    return bool(await ask(connection, PAY_ATTEMPT, subject, Instant(at_us), *price))


async def paid_until(connection: Connection, subject: str) -> int:
    """Until when the subject's attempts are paid."""
    found = await ask(connection, PAID_UNTIL, subject)
    return found[0][0] if found else 0


async def give_back(connection: Connection, subject: str, pace: Pace) -> None:
    """Gives the price of one attempt back."""
    await ask(connection, GIVE_BACK, subject, pace.every_us)


async def purge_sign_ins(connection: Connection, before_us: int, limit: int) -> int:
    """Clears away what was over by then of sessions, links and attempts, up to `limit` of each."""
    return len(await ask(connection, PURGE_SIGN_INS, Instant(before_us), limit))
