"""What the README tells to paste does what it says, and the reference is what the commands are."""

import re
import subprocess
import sys
from pathlib import Path

from pypdf import PdfReader

import reference
import states
from program import KHATA, OWNER_KEY, ROOT, Served, environment

FENCES = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def tour() -> list[str]:
    """The blocks to paste, from the tour to the end of what replays."""
    text = (ROOT / "README.md").read_text()
    _, _, rest = text.partition("\n## A tour with curl\n")
    return FENCES.findall(rest.partition("\n## Where to go on\n")[0])


def test_the_tour_works_as_pasted(tmp_path: Path) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    khata = Served(tmp_path / "khata-data")
    variables = {
        "KHATA_URL": khata.url,
        "KHATA_OWNER_KEY": OWNER_KEY,
        "PATH": f"{KHATA.parent}:{environment()['PATH']}",
    }
    blocks = tour()
    assert len(blocks) >= 12
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not re.search(r'"status":[45]\d\d', done.stdout), done.stdout
    assert '"type":"HOLD_CAPTURE"' in done.stdout
    assert '"price_version":1' in done.stdout
    assert done.stdout.count("The books are right") == 2
    assert "2,000 metered now" in done.stdout
    assert "nothing changed" in done.stdout
    assert done.stdout.count('"available_credits":5500,') == 2
    assert '"status":"failed"' in done.stdout
    (page,) = PdfReader(tmp_path / "invoice.pdf").pages
    assert "5,500 credits incl. 500 bonus" in " ".join(page.extract_text().split())
    khata.stop()


def test_the_reference_is_what_the_commands_are() -> None:
    assert reference.PAGE.read_text() == reference.page(), "python tests/reference.py writes it"


def test_the_states_are_drawn_as_they_are() -> None:
    assert states.PAGE.read_text() == states.page(), "python tests/states.py writes it"


def test_each_option_has_a_variable() -> None:
    rows = [line for line in reference.page().splitlines() if line.startswith("| `--")]
    assert rows
    assert not [row for row in rows if "`KHATA_" not in row]


def test_the_program_is_a_module_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "khata.cli", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("khata ")
