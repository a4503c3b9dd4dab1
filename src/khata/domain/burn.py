"""Rapid burn: how many credits a wallet has used within the last 24 hours, exactly and at any time.

The window at an instant holds the charges of the 24 hours up to it: one made exactly 24 hours ago
has just left. What counts is credits drawn by usage, in one step or by the capture of a hold, when
they were charged. A refund takes nothing off: it says that a charge was wrong, not that the credits
did not run off.

A wallet begins to burn with the charge that brings the window above its limit, and burns, whatever
else it charges, until the window has fallen to 80 % of the limit. So a wallet that hovers about its
limit is told of once, and not with every call.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from khata.domain.limits import DAY_US

CALM_PERCENT = 80


class Used(NamedTuple):
    """A charge: its place in the ledger, when it was, and the credits it drew, one or more."""

    sequence: int
    at_us: int
    credits: int


class Burn(Struct, frozen=True, gc=False):
    """The window as it was left: its credits, between which charges it lies (`tail` has left it,
    `head` is its last, by sequence), when its oldest was made, and since when the wallet burns."""

    used: int = 0
    tail: int = 0
    head: int = 0
    oldest_us: int | None = None
    burning_since_us: int | None = None


class BurnCrossing(Struct, frozen=True, gc=False):
    """A wallet begins to burn, or has calmed down: when, and the window at that instant.

    `since_us` is when the oldest charge of the window was made; none is left in one that is empty.
    """

    is_burning: bool
    at_us: int
    used: int
    since_us: int | None
    tail: int
    head: int


def calm_level(limit: int) -> int:
    """What the window must have fallen to until the wallet burns no more."""
    return limit * CALM_PERCENT // 100


def slide(
    burn: Burn, known: Sequence[Used], charges: Sequence[Used], limit: int, until_us: int
) -> tuple[Burn, tuple[BurnCrossing, ...]]:
    """The window at `until_us` after these charges, none of them later, and the crossings on the
    way, in order.

    `known` are the wallet's charges behind the window's tail, in their order, at least up to the
    first that is still within the window at the end; the new ones are among them. Nothing need be
    known where nothing leaves.
    """
    window = _Window(burn, known, limit)
    for charge in charges:
        window.leave_until(charge.at_us)
        window.add(charge)
    window.leave_until(until_us)
    window.judge(until_us)
    return window.burn, tuple(window.crossed)


class _Window:
    """The window on its way: charges leave at its tail while others come."""

    def __init__(self, burn: Burn, known: Sequence[Used], limit: int) -> None:
        self._known = known
        self._gone = 0
        self._limit = limit
        self._used = burn.used
        self._tail = burn.tail
        self._head = burn.head
        self._oldest_us = burn.oldest_us
        self._burning_since_us = burn.burning_since_us
        self.crossed: list[BurnCrossing] = []

    @property
    def burn(self) -> Burn:
        return Burn(self._used, self._tail, self._head, self._oldest_us, self._burning_since_us)

    def leave_until(self, at_us: int) -> None:
        """Those that are 24 hours old by then leave, each at its own instant."""
        while self._oldest_us is not None and self._oldest_us + DAY_US <= at_us:
            leaves_us = self._oldest_us + DAY_US
            while self._oldest_us == leaves_us - DAY_US:
                self._leave()
            self._calm_down(leaves_us)
        self._calm_down(at_us)  # by a limit that was raised meanwhile

    def add(self, charge: Used) -> None:
        if self._oldest_us is None:
            self._oldest_us = charge.at_us
        self._used += charge.credits
        self._head = charge.sequence
        self.judge(charge.at_us)

    def judge(self, at_us: int) -> None:
        """Begins to burn where the window is above the limit, also one that was lowered."""
        if self._burning_since_us is None and self._used > self._limit:
            self._burning_since_us = at_us
            self._note(is_burning=True, at_us=at_us)

    def _leave(self) -> None:
        oldest = self._known[self._gone]
        self._gone += 1
        self._used -= oldest.credits
        self._tail = oldest.sequence
        self._oldest_us = self._known[self._gone].at_us if self._used else None

    def _calm_down(self, at_us: int) -> None:
        if self._burning_since_us is not None and self._used <= calm_level(self._limit):
            self._burning_since_us = None
            self._note(is_burning=False, at_us=at_us)

    def _note(self, *, is_burning: bool, at_us: int) -> None:
        between = (self._oldest_us, self._tail, self._head)
        self.crossed.append(BurnCrossing(is_burning, at_us, self._used, *between))
