"""API keys: made once, found by their secret, ended within a second."""

import asyncio
import re
from typing import Any

import psycopg
import pytest

from desk import Clock
from khata.app.invalid import Invalid
from khata.app.keys import Key, KeyEnded, Keys, NewKey, Rotated
from khata.app.runtime import Khata
from khata.postgres.server import Server

MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000


def new(name: str, scopes: list[str], **bounds: Any) -> NewKey:
    return NewKey(name=name, scopes=scopes, **bounds)


async def test_a_key_is_known_by_its_secret(khata: Khata) -> None:
    key, secret = await khata.keys.create(new("worker", ["wallets:read", "wallets:consume"]))
    assert re.fullmatch(r"khk_[A-Za-z0-9]{43}", secret)
    assert key.hint == f"{secret[:8]}…{secret[-4:]}"
    assert await khata.keys.authenticate(secret) == key
    assert key.scopes == {"wallets:read", "wallets:consume"}
    assert await khata.keys.authenticate(secret[:-1]) is None
    assert await khata.keys.authenticate("") is None
    assert await khata.keys.authenticate("khk_\ud800") is None


async def test_the_secret_is_kept_nowhere(khata: Khata, database: Server) -> None:
    _, secret = await khata.keys.create(new("worker", ["*"]))
    with psycopg.connect(database.owner_dsn) as owner:
        kept = owner.execute("select k::text from khata.api_keys k").fetchall()
    assert secret not in str(kept)


async def test_a_key_of_one_owner_is_of_an_organization(khata: Khata) -> None:
    wallet, _, _ = await khata.wallets.create(None, "user", "asha", "Asha")
    key, _ = await khata.keys.create(new("asha's", ["wallets:read"], owner=("user", "asha")))
    assert key.organization_id == wallet.organization_id
    assert (key.owner_type, key.owner_id) == ("user", "asha")
    bound, _ = await khata.keys.create(new("org's", ["*"], organization_id=wallet.organization_id))
    assert bound.organization_id == wallet.organization_id
    listed = await khata.keys.list()
    assert [k.name for k in listed] == ["owner", "asha's", "org's"]


async def test_a_revocation_bites_here_at_once(khata: Khata) -> None:
    key, secret = await khata.keys.create(new("worker", ["*"]))
    assert await khata.keys.authenticate(secret)
    revoked = await khata.keys.revoke(key.id)
    assert revoked
    assert revoked.revoked_at_us == khata.now_us()
    assert await khata.keys.authenticate(secret) is None
    assert await khata.keys.revoke(key.id) == revoked
    assert await khata.keys.revoke("key_none") is None


async def test_a_revocation_elsewhere_bites_within_a_second(khata: Khata, clock: Clock) -> None:
    elsewhere = Keys(khata.registries, clock)
    key, secret = await khata.keys.create(new("worker", ["*"]))
    assert await khata.keys.authenticate(secret)
    await elsewhere.revoke(key.id)
    clock.turn(seconds=1)
    assert await khata.keys.authenticate(secret) is None


async def test_many_who_wait_share_one_answer(khata: Khata) -> None:
    key, secret = await khata.keys.create(new("worker", ["*"]))
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
            await khata.keys.create(new("worker", scopes), secret=secret)


async def test_a_secret_is_given_once(khata: Khata) -> None:
    await khata.keys.create(new("one", ["*"]), secret="khk_" + "s" * 40)
    with pytest.raises(Invalid, match="secret"):
        await khata.keys.create(new("two", ["*"]), secret="khk_" + "s" * 40)


async def last_used(khata: Khata, key: Key) -> int | None:
    found = await khata.keys.find(key.id)
    assert found is not None
    return found.last_used_at_us


async def test_a_key_expires_to_the_microsecond(khata: Khata, clock: Clock) -> None:
    until_us = clock() + 500_000
    key, secret = await khata.keys.create(new("short", ["*"], expires_at_us=until_us))
    clock.turn(seconds=0.499_999)
    assert await khata.keys.authenticate(secret) == key
    clock.turn(seconds=0.000_001)
    assert await khata.keys.authenticate(secret) is None
    assert await Keys(khata.registries, clock).authenticate(secret) is None
    with pytest.raises(Invalid, match="expires_at"):
        await khata.keys.create(new("late", ["*"], expires_at_us=clock()))


async def test_when_a_key_was_used_is_known_to_the_minute(khata: Khata, clock: Clock) -> None:
    key, secret = await khata.keys.create(new("worker", ["*"]))
    assert await last_used(khata, key) is None
    first_us = clock()
    for seconds, noted_us in ((0, 0), (59, 0), (1, MINUTE_US), (30, MINUTE_US)):
        clock.turn(seconds=seconds)
        assert await khata.keys.authenticate(secret)
        assert await last_used(khata, key) == first_us + noted_us


async def test_a_rotated_key_knows_its_former_secret_for_the_overlap(
    khata: Khata, clock: Clock
) -> None:
    key, first = await khata.keys.create(new("worker", ["wallets:read"]))
    rotated = await khata.keys.rotate(key.id, HOUR_US)
    assert isinstance(rotated, Rotated)
    assert rotated.key.id == key.id
    assert rotated.key.hint == f"{rotated.secret[:8]}…{rotated.secret[-4:]}"
    assert rotated.former_until_us == clock() + HOUR_US
    for secret in (first, rotated.secret):
        found = await khata.keys.authenticate(secret)
        assert found is not None
        assert found.id == key.id
    clock.turn(seconds=3_601)
    assert await khata.keys.authenticate(first) is None
    assert await khata.keys.authenticate(rotated.secret)


async def test_rotated_again_because_the_answer_was_lost_what_is_in_use_keeps_its_time(
    khata: Khata, clock: Clock
) -> None:
    key, in_use = await khata.keys.create(new("worker", ["*"]))
    lost = await khata.keys.rotate(key.id, HOUR_US)
    clock.turn(seconds=60)
    again = await khata.keys.rotate(key.id, HOUR_US)
    assert isinstance(lost, Rotated)
    assert isinstance(again, Rotated)
    for secret in (in_use, lost.secret, again.secret):
        assert await khata.keys.authenticate(secret)
    clock.turn(seconds=3_541)
    assert await khata.keys.authenticate(in_use) is None
    assert await khata.keys.authenticate(lost.secret)


async def test_without_an_overlap_all_former_secrets_end_at_once(khata: Khata) -> None:
    key, first = await khata.keys.create(new("leaked", ["*"]))
    second = await khata.keys.rotate(key.id, HOUR_US)
    assert isinstance(second, Rotated)
    assert await khata.keys.authenticate(first)
    third = await khata.keys.rotate(key.id, 0)
    assert isinstance(third, Rotated)
    for secret in (first, second.secret):
        assert await khata.keys.authenticate(secret) is None
    assert await khata.keys.authenticate(third.secret)


async def test_a_revoked_key_has_no_former_secret_either(khata: Khata) -> None:
    key, first = await khata.keys.create(new("worker", ["*"]))
    rotated = await khata.keys.rotate(key.id, HOUR_US)
    assert isinstance(rotated, Rotated)
    await khata.keys.revoke(key.id)
    for secret in (first, rotated.secret):
        assert await khata.keys.authenticate(secret) is None
    assert await khata.keys.rotate(key.id, 0) == KeyEnded(key.id)
    assert await khata.keys.rotate("key_none", 0) is None


async def test_many_rotations_at_once_are_one_after_another(khata: Khata) -> None:
    key, first = await khata.keys.create(new("worker", ["*"]))
    made = await asyncio.gather(*(khata.keys.rotate(key.id, HOUR_US) for _ in range(8)))
    secrets = [first, *(one.secret for one in made if isinstance(one, Rotated))]
    assert len(secrets) == 9
    found = [await khata.keys.authenticate(secret) for secret in secrets]
    assert {one.id for one in found if one is not None} == {key.id}
    assert None not in found
