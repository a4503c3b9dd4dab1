"""What is done again and again survives a step that fails."""

import asyncio

from khata.app.beat import repeat
from khata.engine.books import Unavailable


async def test_a_step_that_fails_is_tried_again() -> None:
    steps: list[int] = []
    done = asyncio.Event()

    async def step() -> None:
        steps.append(len(steps))
        if len(steps) == 1:
            raise Unavailable("the database is away")
        if len(steps) == 2:
            raise RuntimeError("what nobody foresaw")
        done.set()

    task = asyncio.create_task(repeat(0, step))
    await done.wait()
    task.cancel()
    assert steps[:3] == [0, 1, 2]
