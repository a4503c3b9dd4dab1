"""What is done again and again beside the requests."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from khata.engine.books import Unavailable

_log = structlog.get_logger()


async def repeat(
    seconds: float, step: Callable[[], Awaitable[object]], *, at_once: bool = False
) -> None:
    """Takes the step for ever, with that pause between two and, unless it begins at once, before
    the first. A step that fails is tried again."""
    pause = 0.0 if at_once else seconds
    while True:
        await asyncio.sleep(pause)
        pause = seconds
        try:
            await step()
        except Unavailable as error:
            _log.warning("step_put_off", step=step.__qualname__, reason=str(error))
        except Exception:  # noqa: BLE001 - whatever it was, the next beat comes
            _log.exception("step_failed", step=step.__qualname__)
