"""Passwords as they are kept; the first owner; sessions that several processes know of."""

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import sql

from desk import Clock
from khata.app.people import oidc
from khata.app.people.oidc import OidcSettings, OidcUnusable, open_oidc
from khata.app.people.passwords import PasswordCost, Passwords
from khata.app.people.people import people_of
from khata.app.people.sessions import Begun, Browser
from khata.app.people.sign_in import LinkWish
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.domain.actor import Actor
from khata.domain.sign_in import SignInRefused, WrongPassword
from khata.postgres.asking import ask_pool
from khata.postgres.server import Server

HERE = Browser("192.0.2.1", "A browser")
PASSWORD = "seven brown cows"  # noqa: S105 - of nobody real
QUICK = PasswordCost(memory_kib=64, passes=1)
OWNER = "owner@localhost"


async def signed_in(khata: Khata) -> Begun:
    """The owner, signed in by the first start's link."""
    assert khata.sign_in_token
    begun = await khata.people.sign_in.by_link(LinkWish(khata.sign_in_token, PASSWORD), HERE)
    assert isinstance(begun, Begun)
    return begun


async def kept(khata: Khata) -> str:
    """The hash of the owner's password."""
    return (await ask_pool(khata.registries, "select password_hash from users"))[0][0]


async def test_passwords_are_kept_at_the_cost_that_owasp_names(khata: Khata) -> None:
    await signed_in(khata)
    assert (await kept(khata)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_hash_of_another_cost_is_made_anew_as_its_password_comes_by(
    khata: Khata, clock: Clock
) -> None:
    await signed_in(khata)
    before = await kept(khata)
    dearer = people_of(
        khata.registries, khata.mail.people, clock, PasswordCost(memory_kib=128, passes=3)
    ).sign_in
    assert isinstance(await dearer.by_password(OWNER, "wrong brown cows", HERE), SignInRefused)
    assert await kept(khata) == before
    assert isinstance(await dearer.by_password(OWNER, PASSWORD, HERE), Begun)
    assert "m=128,t=3" in await kept(khata)
    assert isinstance(await khata.people.sign_in.by_password(OWNER, PASSWORD, HERE), Begun)


async def test_what_is_no_hash_matches_no_password() -> None:
    passwords = Passwords(QUICK)
    for hashed in (None, "", "seven brown cows", "$argon2id$v=19$m=64,t=1,p=1$x$y"):
        assert not await passwords.matches(hashed, PASSWORD)
    assert not await passwords.matches(None, "nobody's password")
    assert await passwords.matches(await passwords.hash(PASSWORD), PASSWORD)


async def test_a_session_that_ends_in_one_process_is_over_in_all(
    khata: Khata, settings: KhataSettings, clock: Clock
) -> None:
    begun = await signed_in(khata)
    async with open_khata(settings, clock) as elsewhere:
        assert elsewhere.sign_in_token is None
        assert await elsewhere.people.sessions.find(begun.token)
        await elsewhere.people.sessions.revoke(begun.session.user_id, begun.session.id)
    assert await khata.people.sessions.find(begun.token) is None


async def test_a_session_is_noted_as_seen_once_a_minute(khata: Khata, clock: Clock) -> None:
    begun = await signed_in(khata)
    for seconds, seen_after in ((59, 0), (1, 60), (59, 60), (61, 180)):
        clock.turn(seconds=seconds)
        found = await khata.people.sessions.find(begun.token)
        assert found
        passed_us = found.session.seen_at_us - begun.session.created_at_us
        assert passed_us == seen_after * 1_000_000


async def test_a_password_that_was_changed_meanwhile_lets_nobody_in(khata: Khata) -> None:
    """Whoever signs in with the old one, or changes it a second time, comes too late."""
    begun = await signed_in(khata)
    own = await khata.people.sessions.find(begun.token)
    assert own
    sign_in = khata.people.sign_in
    wishes = [(own, PASSWORD, f"{number} brown cows", HERE) for number in ("eight", "nine")]
    assert await sign_in.change_password(*wishes[0]) is None
    assert isinstance(await sign_in.change_password(*wishes[1]), WrongPassword)
    assert isinstance(await sign_in.by_password(OWNER, PASSWORD, HERE), SignInRefused)


async def test_an_installation_from_before_there_were_people_gets_its_owner(
    khata: Khata, settings: KhataSettings, clock: Clock, database: Server
) -> None:
    with psycopg.connect(database.owner_dsn) as owner:
        for table in ("sign_in_links", "members", "users"):
            owner.execute(sql.SQL("delete from khata.{}").format(sql.Identifier(table)))
    named = replace(settings, owner_email="boss@delhi.example")
    for _ in range(2):
        async with open_khata(named, clock) as later:
            assert later.sign_in_token is None
            made = await later.people.sign_in.new_link(None, Actor("a test"))
            assert made
            assert made[0] == "boss@delhi.example"
            assert await later.people.sign_in.new_link("x@x.in", Actor("a test")) is None
    members = await ask_pool(khata.registries, "select role, email from members")
    assert members == [("owner", "boss@delhi.example")]


def test_a_provider_without_its_libraries_is_explained(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(oidc, "import_module", missing)
    settings = OidcSettings("https://id.example", "khata", "a secret")
    with pytest.raises(OidcUnusable, match="pip install 'khata\\[oidc\\]'"):
        open_oidc(settings, clock)
    assert open_oidc(None, clock) is None
