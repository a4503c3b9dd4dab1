"""Statements prove themselves, whatever stretch they cover; and the key that signs them."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desk import SECOND_US, Desk
from khata.app.signing import FILE, SigningKeyUnusable, open_signing_key
from khata.engine.statements import StatementReport, verify_statement
from khata.postgres.asking import borrowed
from khata.postgres.signing_keys import signing_keys


async def document(desk: Desk, from_us: int | None = None, to_us: int | None = None) -> bytes:
    statements = desk.khata.statements
    scope = await statements.scope(desk.wallet.id, from_us, to_us)
    assert scope
    return b"".join([piece async for piece in statements.document(scope)])


def checked(desk: Desk, text: bytes) -> StatementReport:
    report = verify_statement(text, desk.khata.signing_key.id)
    assert report.differences == ()
    return report


async def test_a_whole_statement_is_sound(desk: Desk) -> None:
    assert checked(desk, await document(desk)).transactions == 0
    await desk.grant(1000)
    for _ in range(3):
        await desk.consume()
    await desk.hold(20, ttl_seconds=1)
    desk.clock.turn(seconds=1)
    await desk.khata.sweeper.sweep_once()
    report = checked(desk, await document(desk))
    assert (report.first_sequence, report.last_sequence, report.transactions) == (1, 6, 6)


async def test_a_part_of_the_ledger_is_sound(desk: Desk) -> None:
    await desk.grant(1000)
    for _ in range(4):
        desk.clock.turn(seconds=1)
        await desk.consume()
    start = desk.clock() - 3 * SECOND_US
    middle = checked(desk, await document(desk, start, start + 2 * SECOND_US))
    assert (middle.first_sequence, middle.last_sequence) == (2, 3)
    assert checked(desk, await document(desk, to_us=start)).last_sequence == 1
    assert checked(desk, await document(desk, from_us=desk.clock())).first_sequence == 5
    assert checked(desk, await document(desk, desk.clock() + 1)).transactions == 0
    assert checked(desk, await document(desk, desk.clock(), start)).transactions == 0


async def test_a_long_statement_comes_in_pieces(desk: Desk) -> None:
    await desk.grant(1000)
    for _ in range(450):
        await desk.consume()
    scope = await desk.khata.statements.scope(desk.wallet.id)
    assert scope
    pieces = [piece async for piece in desk.khata.statements.document(scope)]
    assert len(pieces) == 5
    assert checked(desk, b"".join(pieces)).transactions == 451


async def test_a_changed_statement_is_found_out(desk: Desk) -> None:
    await desk.grant(1000)
    text = await document(desk)
    assert verify_statement(text.replace(b'"credits":1000', b'"credits":1001')).differences
    assert verify_statement(text, "0" * 16).differences


async def test_a_wallets_name_can_say_anything(desk: Desk) -> None:
    khata, name = desk.khata, '"transactions":[]'
    wallet, _, _ = await khata.wallets.create(None, "user", name, name)
    other = Desk(khata, wallet, desk.clock)
    await other.grant(5)
    assert checked(other, await document(other)).transactions == 1


async def test_there_is_no_statement_of_nobody(desk: Desk) -> None:
    assert await desk.khata.statements.scope("wal_" + "0" * 26) is None
    assert await desk.khata.statements.scope("silly") is None


async def test_the_public_key_is_registered(desk: Desk) -> None:
    async with borrowed(desk.khata.registries) as connection:
        registered = await signing_keys(connection)
    key = desk.khata.signing_key
    assert registered == {key.id: key.public_key}


def test_the_key_is_made_once_and_for_our_eyes_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(open_signing_key, [folder] * 8))
    assert len({key.id for key in keys}) == 1
    assert [file.name for file in folder.iterdir()] == [FILE]
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert open_signing_key(folder).id == keys[0].id


def test_a_key_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(SigningKeyUnusable, match="damaged"):
        open_signing_key(tmp_path)
    with pytest.raises(SigningKeyUnusable, match="can't be used"):
        open_signing_key(tmp_path / FILE / "beneath a file")
