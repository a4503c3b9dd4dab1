"""Pace: how fast somebody may go on trying.

Each attempt costs some time, paid in advance: the first few at once, up to the pace's burst, and
then one as often as the pace allows. An attempt that is refused costs nothing, so whoever waits as
long as told gets in; and there is no lock that a stranger could put on for longer than that.
"""

from typing import Final

from msgspec import Struct

_SECOND_US: Final = 1_000_000


class Pace(Struct, frozen=True, gc=False):
    """So many attempts at once, and then one every so often."""

    burst: int
    every_us: int

    @property
    def ahead_us(self) -> int:
        """How far the payment may run ahead of the clock."""
        return self.burst * self.every_us


BY_ADDRESS: Final = Pace(burst=30, every_us=10 * _SECOND_US)
BY_EMAIL: Final = Pace(burst=10, every_us=60 * _SECOND_US)
BY_LETTER: Final = Pace(burst=3, every_us=300 * _SECOND_US)
BY_INVITER: Final = Pace(burst=50, every_us=60 * _SECOND_US)
FROM_KNOWN_ADDRESS: Final = Pace(burst=10, every_us=30 * _SECOND_US)


def paid_after(pace: Pace, paid_until_us: int, at_us: int) -> int | None:
    """Until when is paid after one more attempt; None where it must wait."""
    paid = max(paid_until_us, at_us) + pace.every_us
    return paid if paid <= at_us + pace.ahead_us else None


def wait_us(pace: Pace, paid_until_us: int, at_us: int) -> int:
    """How long an attempt must wait; 0 where it need not."""
    return max(0, max(paid_until_us, at_us) + pace.every_us - at_us - pace.ahead_us)
