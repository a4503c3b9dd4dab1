"""The floors hold, and the guard of the floors is awake: what is planted is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the sources and their contracts, to plant things in."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(
        ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    return tmp_path


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_floors_hold(house: Path) -> None:
    verdict = lint_imports(house)
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("domain/planted.py", "import khata.engine\n", "khata.domain.planted -> khata.engine"),
        ("engine/planted.py", "import khata.postgres\n", "khata.engine.planted -> khata.postgres"),
        ("postgres/planted.py", "import khata.app\n", "khata.postgres.planted -> khata.app"),
        ("app/planted.py", "import khata.http\n", "khata.app.planted -> khata.http"),
        ("domain/planted.py", "import asyncio\n", "khata.domain.planted -> asyncio"),
        ("domain/planted.py", "import time\n", "khata.domain.planted -> time"),
        ("domain/planted.py", "from random import random\n", "khata.domain.planted -> random"),
        ("domain/planted.py", "import structlog\n", "khata.domain.planted -> structlog"),
        ("http/planted.py", "import psycopg\n", "khata.http.planted -> psycopg"),
        ("attic.py", "ROOM = 1\n", "attic"),
    ],
)
def test_a_planted_breach_is_found(house: Path, module: str, source: str, found: str) -> None:
    (house / "src/khata" / module).write_text(source)
    verdict = lint_imports(house)
    assert verdict.returncode == 1
    assert found in verdict.stdout
