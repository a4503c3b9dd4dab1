"""Faults: what goes wrong on purpose, where, and how often."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct

BEFORE: Final = ("http_500_json", "http_502_html", "http_429", "timeout_before", "conn_reset")
"""The request is not carried out, and the answer says so or is missing."""
AROUND: Final = ("slow", "timeout_after", "stale_read")
"""The request is carried out, late, or without its answer, or on old facts."""
CONTENT: Final = (
    "extra_fields",
    "notes_as_list",
    "amount_mismatch",
    "currency_mismatch",
    "foreign_order",
)
"""An answer or an event says something else than what is so."""
EVENT: Final = (
    "duplicate_webhook",
    "reorder",
    "drop_webhook",
    "delay_webhook",
    "wrong_signature",
    "old_secret",
    "truncated_body",
    "unknown_event",
)
"""An event arrives twice, in another order, late, spoilt or never."""
LATER: Final = ("refund_fails_later", "dispute_after_spend")
"""Something happens to the payment or the refund after all went well."""
NAMES: Final = frozenset((*BEFORE, *AROUND, *CONTENT, *EVENT, *LATER))


class Fault(Struct, kw_only=True):
    """One fault. `on` is a pattern for the endpoint, as `POST /v1/orders`, or for the event's name.

    It strikes `count` times, without a count until it is cleared; each time with this probability.
    `value` is its size where it has one: milliseconds, seconds, times, paise.
    """

    fault: str
    on: str = "*"
    count: int | None = None
    probability: float = 1.0
    value: int | None = None

    def __post_init__(self) -> None:
        if self.fault not in NAMES:
            raise ValueError(f"There is no fault {self.fault!r}.")

    def size(self, usual: int) -> int:
        return usual if self.value is None else self.value


class Faults:
    """The faults that are set. They are gone when the simulator stops."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._set: list[Fault] = []
        self._once: list[Fault] = []

    def set(self, fault: Fault) -> None:
        self._set.append(fault)

    def clear(self) -> None:
        self._set.clear()

    def listed(self) -> Sequence[Fault]:
        return tuple(self._set)

    @contextmanager
    def once(self, faults: list[Fault]) -> Generator[None]:
        """Within, these strike too, each once, whatever their pattern."""
        self._once = faults
        try:
            yield
        finally:
            self._once = []

    def strike(self, name: str, where: str) -> Fault | None:
        """The fault with this name if it strikes here and now; one of its times is used up."""
        for fault in self._once:
            if fault.fault == name:
                self._once.remove(fault)
                return fault
        for fault in self._set:
            if fault.fault == name and fnmatchcase(where, fault.on) and self._falls(fault):
                return fault
        return None

    def _falls(self, fault: Fault) -> bool:
        if fault.count == 0 or (fault.probability < 1 and self._chance() >= fault.probability):
            return False
        if fault.count is not None:
            fault.count -= 1
            if not fault.count:
                self._set.remove(fault)
        return True


def faults_in(header: str) -> list[Fault]:
    """The faults that a header names, as `slow=200, drop_webhook`. Raises `ValueError`."""
    return [_named(part.strip()) for part in header.split(",") if part.strip()]


def _named(part: str) -> Fault:
    name, _, value = part.partition("=")
    return Fault(fault=name, count=1, value=int(value) if value else None)
