"""Processes that check ranges of buckets, all in one snapshot."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Protocol

import psycopg

from khata.engine.verify import Checked
from khata.postgres.audit_part import Buckets, check_buckets, open_snapshot

# What goes through a pipe: to a process its next range, back what was found, None when the range
# is done, and the words of an error.
Found = Checked | str | None


class Pipe(Protocol):
    """Our end of a pipe."""

    def send(self, obj: Buckets, /) -> None: ...
    def recv(self) -> Found: ...
    def close(self) -> None: ...
    def fileno(self) -> int: ...


class FarPipe(Protocol):
    """A process's end of its pipe."""

    def send(self, obj: Found, /) -> None: ...
    def recv(self) -> Buckets: ...


_TELL_SECONDS = 0.2
_PATIENCE_SECONDS = 5.0


class AuditFailed(Exception):
    """The check could not be carried out to its end. Nothing is said about the ledger."""


class Crew:
    """Each process is given its next range when it has done one."""

    def __init__(self, dsn: str, snapshot: str, size: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._processes: list[BaseProcess] = []
        self._pipes: dict[int, Pipe] = {}
        for _ in range(size):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(dsn, snapshot, theirs), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
            self._pipes[ours.fileno()] = ours

    def check(self, ranges: Sequence[Buckets]) -> Iterator[Checked]:
        """What they find, bit by bit. Raises `AuditFailed` where one of them fails."""
        waiting = deque(ranges)
        busy = {number for number, pipe in self._pipes.items() if _sent_next(pipe, waiting)}
        while busy:
            for number in busy.intersection(wait(busy)):
                match _received(self._pipes[number]):
                    case None:
                        if not _sent_next(self._pipes[number], waiting):
                            busy.remove(number)
                    case str() as failure:
                        raise AuditFailed(failure)
                    case checked:
                        yield checked

    def dismiss(self) -> None:
        """Ends all processes."""
        for pipe in self._pipes.values():
            pipe.close()
        for process in self._processes:
            process.join(_PATIENCE_SECONDS)
            if process.is_alive():
                process.terminate()
                process.join()


def work(dsn: str, snapshot: str, pipe: FarPipe) -> None:
    """What a process of the crew does until nobody has anything more for it."""
    gc.disable()  # millions of rows pass, none in a cycle: searching them costs a tenth
    try:
        with open_snapshot(dsn, snapshot) as connection:
            while True:
                for checked in _gathered(check_buckets(connection, pipe.recv())):
                    pipe.send(checked)
                pipe.send(None)
    except psycopg.Error as error:
        pipe.send(f"{type(error).__name__}: {error}")
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return


def _gathered(parts: Iterator[Checked]) -> Iterator[Checked]:
    """The parts of a moment added up, for fewer words between the processes."""
    gathered, due = Checked(), monotonic() + _TELL_SECONDS
    for part in parts:
        gathered.add(part)
        if monotonic() >= due:
            yield gathered
            gathered, due = Checked(), monotonic() + _TELL_SECONDS
    yield gathered


def _sent_next(pipe: Pipe, waiting: deque[Buckets]) -> bool:
    if not waiting:
        return False
    pipe.send(waiting.popleft())
    return True


def _received(pipe: Pipe) -> Found:
    try:
        return pipe.recv()
    except EOFError:
        return "a process of the check was ended"
