"""A clock that stands still until a test turns it."""

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
NEW_YEAR_US = 20_454 * DAY_US  # 2026-01-01T00:00:00Z


class HandClock:
    """Call it for the time in microseconds since 1970. It never moves by itself, nor backwards."""

    def __init__(self, at_us: int = NEW_YEAR_US) -> None:
        self.at_us = at_us

    def __call__(self) -> int:
        return self.at_us

    def turn_to(self, at_us: int) -> None:
        """Set the clock to a time that is not before the one it shows."""
        assert at_us >= self.at_us, "a clock is turned forward only"
        self.at_us = at_us

    def forward(self, seconds: float) -> None:
        """Let this many seconds pass."""
        self.turn_to(self.at_us + round(seconds * SECOND_US))
