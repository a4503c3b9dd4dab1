"""The simulator's clock: whole seconds since 1970, as the wire protocol has them."""

import time
from typing import Final, Protocol

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

NEW_YEAR: Final = 20_454 * DAY  # 2026-01-01T00:00:00Z


class Clock(Protocol):
    """Tells the time and can be turned forward."""

    def now(self) -> int: ...

    def advance(self, seconds: int) -> None: ...


class RealClock:
    """The machine's clock, and how far somebody turned it ahead."""

    def __init__(self, ahead: int = 0) -> None:
        self.ahead = ahead

    def now(self) -> int:
        return int(time.time()) + self.ahead

    def advance(self, seconds: int) -> None:
        self.ahead += seconds


class VirtualClock:
    """Stands still until it is turned."""

    def __init__(self, at: int = NEW_YEAR) -> None:
        self.at = at

    def now(self) -> int:
        return self.at

    def advance(self, seconds: int) -> None:
        self.at += seconds
