"""The state machines, drawn from the tables that the code asks.

python tests/states.py    writes docs/reference/states.md anew
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from khata.domain import dispute_states, orders, recharge, refund_states

PAGE = Path(__file__).parents[1] / "docs/reference/states.md"
HEAD = """# States

Written by `python tests/states.py` from the tables that the code asks; a test compares them.
"""
ORDER = """
## An order

`failed` tells of the last attempt and is not final: the payer may try again, and a bank may say yes
late. Money that is captured for an expired order still brings its credits, once.

"""
RECHARGE = """
## A recharge

One that the wallet starts by itself. It has come to its end where no arrow leaves.

"""
REFUND = """
## A refund of money

Its credits are taken before it is sent. When it fails, at once or after a bank has sent the money
back, they come back.

"""
DISPUTE = """
## A dispute

What the gateway tells, in whatever order it comes: older news than what is known changes nothing.

"""
BOOKED = """
## What the ledger has of a dispute

Locked while it is open, and once more where credits have come back meanwhile; unlocked when it is
won or closed, and clawed back when it is lost.

"""


def page() -> str:
    """The whole page."""
    drawn = (
        (ORDER, "created", orders.TRANSITIONS),
        (RECHARGE, "triggered", recharge.TRANSITIONS),
        (REFUND, "pending", refund_states.REFUND_TRANSITIONS),
        (DISPUTE, "open", _told(dispute_states.DISPUTE_TRANSITIONS)),
        (BOOKED, "nothing", _told(dispute_states.BOOKED_TRANSITIONS)),
    )
    return HEAD + "".join(
        f"{text}```mermaid\n{''.join(_lines(start, table))}```\n" for text, start, table in drawn
    )


def _told(table: Mapping[Any, frozenset[Any]]) -> Mapping[str, Mapping[str, str]]:
    """A table whose events are the states themselves."""
    return {state: {told: told for told in sorted(ends)} for state, ends in table.items()}


def _lines(start: str, table: Mapping[Any, Mapping[Any, str]]) -> Iterator[str]:
    yield f"stateDiagram-v2\n  [*] --> {start}\n"
    for state, events in table.items():
        for event, target in events.items():
            label = "" if event == target else f": {event}"
            yield f"  {state} --> {target}{label}\n"
        if not events:
            yield f"  {state} --> [*]\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
