"""API keys: made once, found by their secret, ended within a second."""

import asyncio
import re

import psycopg
import pytest

from desk import Clock
from khata.app.invalid import Invalid
from khata.app.keys import Keys
from khata.app.runtime import Khata
from khata.postgres.server import Server


async def test_a_key_is_known_by_its_secret(khata: Khata) -> None:
    key, secret = await khata.keys.create("worker", ["wallets:read", "wallets:consume"])
    assert re.fullmatch(r"khk_[A-Za-z0-9]{43}", secret)
    assert secret.startswith(key.hint)
    assert await khata.keys.authenticate(secret) == key
    assert key.scopes == {"wallets:read", "wallets:consume"}
    assert await khata.keys.authenticate(secret[:-1]) is None
    assert await khata.keys.authenticate("") is None
    assert await khata.keys.authenticate("khk_\ud800") is None


async def test_the_secret_is_kept_nowhere(khata: Khata, database: Server) -> None:
    _, secret = await khata.keys.create("worker", ["*"])
    with psycopg.connect(database.owner_dsn) as owner:
        kept = owner.execute("select k::text from khata.api_keys k").fetchall()
    assert secret not in str(kept)


async def test_a_key_of_one_owner_is_of_an_organization(khata: Khata) -> None:
    wallet, _, _ = await khata.wallets.create(None, "user", "asha", "Asha")
    key, _ = await khata.keys.create("asha's", ["wallets:read"], owner=("user", "asha"))
    assert key.organization_id == wallet.organization_id
    assert (key.owner_type, key.owner_id) == ("user", "asha")
    bound, _ = await khata.keys.create("org's", ["*"], organization_id=wallet.organization_id)
    assert bound.organization_id == wallet.organization_id
    listed = await khata.keys.list()
    assert [k.name for k in listed] == ["owner", "asha's", "org's"]


async def test_a_revocation_bites_here_at_once(khata: Khata) -> None:
    key, secret = await khata.keys.create("worker", ["*"])
    assert await khata.keys.authenticate(secret)
    revoked = await khata.keys.revoke(key.id)
    assert revoked
    assert revoked.revoked_at_us == khata.now_us()
    assert await khata.keys.authenticate(secret) is None
    assert await khata.keys.revoke(key.id) == revoked
    assert await khata.keys.revoke("key_none") is None


async def test_a_revocation_elsewhere_bites_within_a_second(khata: Khata, clock: Clock) -> None:
    elsewhere = Keys(khata.registries, clock)
    key, secret = await khata.keys.create("worker", ["*"])
    assert await khata.keys.authenticate(secret)
    await elsewhere.revoke(key.id)
    clock.turn(seconds=1)
    assert await khata.keys.authenticate(secret) is None


async def test_many_who_wait_share_one_answer(khata: Khata) -> None:
    key, secret = await khata.keys.create("worker", ["*"])
    asked = [asyncio.ensure_future(khata.keys.authenticate(secret)) for _ in range(50)]
    await asyncio.sleep(0)
    asked[0].cancel()
    assert await asyncio.gather(*asked[1:]) == [key] * 49


NO_KEYS: list[tuple[list[str], str | None, str]] = [
    ([], None, "scopes"),
    (["wallets:read", "wallets:everything"], None, r"scopes\[1\]"),
    (["*"], "khk_short", "secret"),
    (["*"], "", "secret"),
]


async def test_what_no_key_can_be(khata: Khata) -> None:
    for scopes, secret, field in NO_KEYS:
        with pytest.raises(Invalid, match=field):
            await khata.keys.create("worker", scopes, secret=secret)


async def test_a_secret_is_given_once(khata: Khata) -> None:
    await khata.keys.create("one", ["*"], secret="khk_" + "s" * 40)
    with pytest.raises(Invalid, match="secret"):
        await khata.keys.create("two", ["*"], secret="khk_" + "s" * 40)
