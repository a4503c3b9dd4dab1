"""Disputes: what may become of one, as tables that everything asks. They go forward only.

A gateway's news may come late, twice or in another order: what it tells is taken where the table
has a way to it, and what is booked follows from what was told.
"""

from collections.abc import Mapping
from typing import Literal

DisputeState = Literal["open", "under_review", "won", "lost", "closed"]
Booked = Literal["nothing", "locked", "unlocked", "clawed_back"]

DISPUTE_TRANSITIONS: Mapping[DisputeState, frozenset[DisputeState]] = {
    "open": frozenset({"under_review", "won", "lost", "closed"}),
    "under_review": frozenset({"won", "lost", "closed"}),
    "won": frozenset(),
    "lost": frozenset(),
    "closed": frozenset(),
}
BOOKED_TRANSITIONS: Mapping[Booked, frozenset[Booked]] = {
    "nothing": frozenset({"locked", "unlocked", "clawed_back"}),
    "locked": frozenset({"locked", "unlocked", "clawed_back"}),
    "unlocked": frozenset(),
    "clawed_back": frozenset(),
}
OPEN_DISPUTE: frozenset[DisputeState] = frozenset({"open", "under_review"})

_BOOKED: Mapping[DisputeState, Booked] = {
    "open": "locked",
    "under_review": "locked",
    "won": "unlocked",
    "closed": "unlocked",
    "lost": "clawed_back",
}


def state_after(state: DisputeState, told: DisputeState) -> DisputeState:
    """The state after what the gateway tells: older news changes nothing."""
    return told if told in DISPUTE_TRANSITIONS[state] else state


def to_be_booked(state: DisputeState) -> Booked:
    """What the ledger has of a dispute in that state once it is booked."""
    return _BOOKED[state]
