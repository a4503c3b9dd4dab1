"""The first start and the later ones."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import sql

from khata.app.invalid import Invalid
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.domain.commands import GrantCredits
from khata.engine.books import Unavailable
from khata.postgres.asking import ask_pool
from khata.postgres.server import Server
from khata.postgres.settings import DatabaseSettings

OWNER_KEY = "khk_" + "o" * 32


def settings_for(server: Server, folder: Path) -> KhataSettings:
    where = DatabaseSettings(data_folder=folder, url=server.owner_dsn)
    return KhataSettings(database=where, sweeps=False)


async def first_secret(settings: KhataSettings) -> str | None:
    async with open_khata(settings) as khata:
        return khata.owner_secret


async def test_the_owners_key_is_shown_once(bare_database: Server, tmp_path: Path) -> None:
    settings = settings_for(bare_database, tmp_path)
    async with open_khata(settings) as khata:
        secret = khata.owner_secret
        assert secret
        key = await khata.keys.authenticate(secret)
        assert key
        assert key.scopes == {"*"}
        assert key.organization_id is None
        assert len(khata.prices.in_force().features) == 22
    assert await first_secret(settings) is None


def test_of_many_first_starts_one_is_the_first(bare_database: Server, tmp_path: Path) -> None:
    settings = settings_for(bare_database, tmp_path)
    with ThreadPoolExecutor(4) as threads:
        starts = [threads.submit(asyncio.run, first_secret(settings)) for _ in range(4)]
        secrets = [start.result() for start in starts]
    assert len([secret for secret in secrets if secret]) == 1
    with psycopg.connect(bare_database.owner_dsn) as owner:
        registries = ("organizations", "price_lists", "api_keys", "signing_keys")
        for table in (*registries, "users", "members", "sign_in_links"):
            made = owner.execute(sql.SQL("table khata.{}").format(sql.Identifier(table)))
            assert made.rowcount == 1, table
        told = owner.execute(
            "select action, actor from khata.audit_log where subject in"
            " (select id from khata.api_keys union all select id from khata.members) order by 1"
        )
        by = "command-line"
        assert told.fetchall() == [("api_key.created", by), ("member.created", by)]


async def test_a_given_owners_key_is_made_sure_of(bare_database: Server, tmp_path: Path) -> None:
    settings = replace(settings_for(bare_database, tmp_path), owner_key=OWNER_KEY)
    for _ in range(2):
        async with open_khata(settings) as khata:
            assert khata.owner_secret is None
            assert await khata.keys.authenticate(OWNER_KEY)
            assert len(await khata.keys.list()) == 1


async def test_an_owners_key_can_be_given_later(khata: Khata, settings: KhataSettings) -> None:
    for _ in range(2):
        async with open_khata(replace(settings, owner_key=OWNER_KEY)) as later:
            assert await later.keys.authenticate(OWNER_KEY)
    _, given = await khata.keys.list()
    asked = "select action, actor from audit_log where subject = $1"
    told = await ask_pool(khata.registries, asked, given.id)
    assert told == [("api_key.created", "command-line")]


MALFORMED = [
    "khk_short",
    "key_" + "o" * 32,
    "khk_" + "o" * 129,
    "khk_" + "ü" * 32,
]


async def test_a_malformed_owners_key_is_refused(settings: KhataSettings) -> None:
    for secret in MALFORMED:
        with pytest.raises(Invalid):
            await first_secret(replace(settings, owner_key=secret))


async def test_what_was_submitted_is_finished_on_leaving(settings: KhataSettings) -> None:
    async with open_khata(settings) as khata:
        wallet, _, _ = await khata.wallets.create(None, "user", "asha", "Asha")
        give = GrantCredits(
            wallet_id=wallet.id, idempotency_key="parting", kind="bonus", credits=5, note="bye"
        )
        given = asyncio.ensure_future(khata.engine.submit(give))
        await asyncio.sleep(0)
    assert not (await given).replayed
    with pytest.raises(Unavailable):
        await khata.engine.submit(give)
    async with open_khata(settings) as khata:
        assert (await khata.engine.submit(give)).replayed
