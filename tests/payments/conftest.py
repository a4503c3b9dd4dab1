"""Our client at a real simulator, on sockets."""

from collections.abc import AsyncIterator

import pytest

from merchant import Merchant, merchant_at
from simulated import Stage, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as running:
        yield running


@pytest.fixture
async def merchant(stage: Stage) -> AsyncIterator[Merchant]:
    async with merchant_at(stage) as opened:
        yield opened
