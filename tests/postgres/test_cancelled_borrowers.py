"""Whoever is cancelled while it waits for a connection ends, at whatever moment it is asked to."""

import asyncio

import pytest

from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool, registry_pool
from khata.postgres.server import Server

PATIENCE_SECONDS = 60.0


async def keep_one(pool: Pool) -> None:
    async with borrowed(pool):
        await asyncio.Event().wait()


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


@pytest.mark.parametrize("after", range(6))
async def test_a_borrower_hears_that_it_is_cancelled(database: Server, after: int) -> None:
    async with registry_pool(database.app_dsn, size=1) as pool:
        async with borrowed(pool):
            waiting = asyncio.create_task(keep_one(pool))
            await turns(10)
            assert pool.get_stats()["requests_waiting"] == 1
        await turns(after)  # the connection is on its way to who waits
        waiting.cancel()
        ended, lost = await asyncio.wait({waiting}, timeout=PATIENCE_SECONDS)
        for task in lost:  # or the pool would wait for its connection
            task.cancel()
        assert ended, "it goes on as if nobody had cancelled it"
        async with borrowed(pool):
            pass  # and the connection went back
