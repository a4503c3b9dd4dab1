"""Each test has a stage of its own, with a clock that it turns."""

from collections.abc import AsyncGenerator

import pytest

from simulated import Stage, staged


@pytest.fixture
async def stage() -> AsyncGenerator[Stage]:
    """A simulator where mandates are instant."""
    async with staged() as opened:
        yield opened


@pytest.fixture
async def lawful() -> AsyncGenerator[Stage]:
    """A simulator where mandates take the time that Indian law gives them."""
    async with staged(rbi_delay=True) as opened:
        yield opened
