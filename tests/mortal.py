"""A process that dies at a chosen point: between any two of its words with the world outside.

A point is just before, or just after, a statement of the plain scripts, a call of the gateway, or a
command to the engine. From its death on the process gets no word out any more.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import pytest
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from khata.app import runtime
from khata.domain.commands import Command
from khata.engine.engine import Engine
from khata.payments.razorpay.wire import Wire
from khata.postgres.connect import Pool, registry_pool

_T = TypeVar("_T")
_OURS = ("/khata/app/", "/khata/postgres/")
_PLUMBING = ("asking.py",)


class Died(BaseException):
    """The process is no more. Nothing in it may notice."""


class Fuse:
    """Burns down by a point at a time, once it is lit."""

    def __init__(self) -> None:
        self.left = 0
        self.at = ""
        self.is_dead = False
        self.where = ""

    def light(self, points: int) -> None:
        """Has the process die at that point from now, the first one being 1."""
        self.left = points

    def light_at(self, where: str) -> None:
        """Has the process die when it comes to that point."""
        self.at = where

    def put_out(self) -> None:
        """A new process, that lives."""
        self.left, self.at, self.is_dead, self.where = 0, "", False, ""

    async def around(self, doing: Callable[[], Awaitable[_T]], what: str) -> _T:
        """Does it, with a point before and one after."""
        self._point(f"before {what}")
        done = await doing()
        self._point(f"after {what}")
        return done

    def _point(self, where: str) -> None:
        if self.left and not self.is_dead:
            self.left -= 1
            self.is_dead, self.where = self.left == 0, where
        if self.at == where and not self.is_dead:
            self.is_dead, self.where = True, where
        if self.is_dead:
            raise Died(self.where)


def make_mortal(patch: pytest.MonkeyPatch, fuse: Fuse) -> None:
    """Has each Khata that is opened from now on live by that fuse."""

    class MortalConnection(AsyncConnection[TupleRow]):
        async def wait(self, gen: Any, *words: Any, **named: Any) -> Any:
            if self.pgconn.status != 0:
                return await super().wait(gen, *words, **named)
            try:
                waiting = partial(super().wait, gen, *words, **named)
                return await fuse.around(waiting, _words_of_statement())
            except Died:
                # Its sockets are closed with the process, and the server undoes what was open.
                self.pgconn.finish()
                raise

    def mortal_pool(dsn: str, *, size: int = 4) -> Pool:
        pool = registry_pool(dsn, size=size)
        pool.connection_class = MortalConnection
        return pool

    send, submit, submit_atomic = Wire.send, Engine.submit, Engine.submit_atomic

    async def mortal_send(self: Wire, name: str, *words: Any, **named: Any) -> Any:
        asking = partial(send, self, name, *words, **named)
        return await fuse.around(asking, f"asking the gateway: {name}")

    def mortal_submit(self: Engine, command: Command) -> Awaitable[Any]:
        return fuse.around(partial(submit, self, command), f"booking: {type(command).__name__}")

    def mortal_atomic(self: Engine, commands: Sequence[Command]) -> Awaitable[Any]:
        named = " and ".join(type(command).__name__ for command in commands)
        return fuse.around(partial(submit_atomic, self, commands), f"booking: {named}")

    patch.setattr(runtime, "registry_pool", mortal_pool)
    patch.setattr(Wire, "send", mortal_send)
    patch.setattr(Engine, "submit", mortal_submit)
    patch.setattr(Engine, "submit_atomic", mortal_atomic)


def _words_of_statement() -> str:
    """Which of our functions spoke to the database: the two innermost ones."""
    named: list[str] = []
    frame = inspect.currentframe()
    while frame is not None and len(named) < 2:
        file = frame.f_code.co_filename
        if any(ours in file for ours in _OURS) and not file.endswith(_PLUMBING):
            named.append(frame.f_code.co_name)
        frame = frame.f_back
    return "a statement of " + " in ".join(named) if named else "a statement"
