"""Operations are whole: what one changes and what it tells are written together or not at all."""

from collections.abc import Generator
from contextlib import contextmanager

from khata.payments.simulator.desk import Desk
from khata.payments.simulator.queue import queue_events
from khata.payments.simulator.timers import let_time_pass


@contextmanager
def acting(desk: Desk) -> Generator[None]:
    """Within is one operation. What was due before it has happened before it, for good."""
    with _whole(desk):
        let_time_pass(desk)
    with _whole(desk):
        yield


@contextmanager
def _whole(desk: Desk) -> Generator[None]:
    try:
        with desk.store.transaction():
            yield
            queue_events(desk)
    finally:
        desk.emitted()  # nothing is left of what was undone
