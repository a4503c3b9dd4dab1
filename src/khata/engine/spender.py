"""For whom a task spends: the API key that asked, with the spending limit that it brings along.

The door says it once, right after it knows who asks, so that no route can forget it. What nobody
asked for from outside, as the sweeper's and the worker's commands, is spent by nobody.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from khata.domain.budgets import NOBODY, Spender

_spender: ContextVar[Spender] = ContextVar("khata_spender", default=NOBODY)


def spend_as(spender: Spender) -> None:
    """From here on this task spends for that one."""
    _spender.set(spender)


@contextmanager
def spending_as(spender: Spender) -> Generator[None]:
    """What is submitted in here is spent by that one."""
    before = _spender.set(spender)
    try:
        yield
    finally:
        _spender.reset(before)


def spends_as() -> Spender:
    """Who spends in this task."""
    return _spender.get()
