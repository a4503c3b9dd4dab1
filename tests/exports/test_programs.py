"""A test whose program is missing is left out and named; where CI=true that is an error."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def collected(**further: str) -> "subprocess.CompletedProcess[str]":
    """The tests of exports, as they are found where no program is on the PATH."""
    variables = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", str(HERE / "test_exports.py")],
        cwd=HERE.parents[1],
        env={**variables, "PATH": "", **further},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_not_run_is_named_in_one_line() -> None:
    done = collected()
    assert done.returncode == 0, done.stdout
    assert "[hledger" not in done.stdout
    named = [line for line in done.stdout.splitlines() if line.startswith("Not run: ")]
    assert len(named) == 1
    assert named[0].endswith("tests that need hledger (apt-get install hledger)")


def test_the_gate_runs_all_or_fails() -> None:
    done = collected(CI="true")
    assert done.returncode != 0
    assert "CI runs all tests, and they need hledger" in done.stdout + done.stderr
