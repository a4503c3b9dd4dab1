"""The program of statistics, started when it is asked something and ended when nobody asks."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

import msgspec

from khata.app.forecasts.asked import AnsweredForecast, AskedForecast
from khata.domain.forecast import Forecast

IDLE_SECONDS: Final = 30.0
PROGRAM: Final = (sys.executable, "-m", "khata.app.forecasts.child")
# One forecast at a time is enough work for one core.
_ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)

_answered = msgspec.json.Decoder(AnsweredForecast).decode
_encoded = msgspec.json.Encoder().encode


class StatisticsFailed(Exception):
    """The program ended without an answer, or its answer is an error."""


def is_installed() -> bool:
    """Whether the library is there (the extra `forecast`), without loading it."""
    return find_spec("statsmodels") is not None


class Statistician:
    """Asks the program, one question at a time. It is killed with a question that is given up.

    `running` is the program while there is one.
    """

    def __init__(
        self, program: Sequence[str] = PROGRAM, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self.running: Process | None = None
        self._program = program
        self._idle_seconds = idle_seconds
        self._turn = asyncio.Lock()
        self._ending: asyncio.TimerHandle | None = None

    async def forecast(self, day: int, history: Sequence[int]) -> Forecast:
        """The forecast for the days from that one on. Raises `StatisticsFailed`."""
        async with self._turn:
            if self._ending is not None:
                self._ending.cancel()
            answer = await self._answer(AskedForecast(day, list(history)))
            loop = asyncio.get_running_loop()
            self._ending = loop.call_later(self._idle_seconds, self._let_go)
        if answer.forecast is None:
            raise StatisticsFailed(f"the program of statistics met a {answer.error}")
        return answer.forecast

    async def close(self) -> None:
        """Ends the program, and waits until it is gone."""
        if self._ending is not None:
            self._ending.cancel()
        program = self.running
        self._let_go()
        if program is not None:
            await program.wait()

    async def _answer(self, asked: AskedForecast) -> AnsweredForecast:
        program = await self._started()
        answer = b""
        try:
            assert program.stdin is not None
            assert program.stdout is not None
            program.stdin.write(_encoded(asked) + b"\n")
            await program.stdin.drain()
            answer = await program.stdout.readline()
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            if not answer.endswith(b"\n"):
                self._give_up(program)
        if not answer.endswith(b"\n"):
            raise StatisticsFailed("the program of statistics ended without an answer")
        return _answered(answer)

    async def _started(self) -> Process:
        if self.running is None or self.running.returncode is not None:
            self.running = await asyncio.create_subprocess_exec(
                *self._program,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env={**os.environ, **_ONE_THREAD},
            )
        return self.running

    def _give_up(self, program: Process) -> None:
        self.running = None
        if program.returncode is None:
            program.kill()

    def _let_go(self) -> None:
        """Without input it ends."""
        program, self.running = self.running, None
        if program is not None and program.stdin is not None:
            program.stdin.close()
