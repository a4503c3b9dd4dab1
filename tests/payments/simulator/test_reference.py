"""The reference of the simulator names what there is, and nothing else."""

import re
from pathlib import Path

from khata.payments.simulator.faults import NAMES
from khata.payments.simulator.routes import CONTROL

TEXT = (Path(__file__).parents[3] / "docs/reference/simulator.md").read_text()


def first_cells(heading: str) -> set[str]:
    """What the first column of the table under a heading names."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def test_each_fault_is_told() -> None:
    assert first_cells("Faults") == NAMES


def test_each_play_is_told() -> None:
    assert first_cells("To play") == {route.name for route in CONTROL}
