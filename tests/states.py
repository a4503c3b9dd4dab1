"""The state machines, drawn from the tables that the code asks.

python tests/states.py    writes docs/reference/states.md anew
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from khata.domain import orders, recharge

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


def page() -> str:
    """The whole page."""
    drawn = ((ORDER, "created", orders.TRANSITIONS), (RECHARGE, "triggered", recharge.TRANSITIONS))
    return HEAD + "".join(
        f"{text}```mermaid\n{''.join(_lines(start, table))}```\n" for text, start, table in drawn
    )


def _lines(start: str, table: Mapping[Any, Mapping[Any, str]]) -> Iterator[str]:
    yield f"stateDiagram-v2\n  [*] --> {start}\n"
    for state, events in table.items():
        for event, target in events.items():
            yield f"  {state} --> {target}: {event}\n"
        if not events:
            yield f"  {state} --> [*]\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
