"""`khata pricing`: shown, tried on what the demo used, and published."""

import json
from pathlib import Path
from typing import Any

import pytest

from program import PRICES, Run, run_here


@pytest.fixture
def offline(told: Path) -> Run:
    return lambda *words: run_here(*words, env={"KHATA_DATA": str(told)})


def shown(khata: Run) -> Any:
    return json.loads(khata("pricing", "show", "--json").stdout)


def written(prices: Any, folder: Path) -> Path:
    file = folder / "prices.json"
    file.write_text(json.dumps(prices))
    return file


def test_the_list_in_force_is_shown(offline: Run) -> None:
    listed = offline("pricing", "show").stdout
    prices = shown(offline)
    assert f"Version {prices['version']}" in listed
    assert all(each["feature"] in listed for each in prices["features"])


def test_the_shown_list_tried_changes_nothing(offline: Run, tmp_path: Path) -> None:
    file = written(shown(offline), tmp_path)
    trial = json.loads(offline("pricing", "simulate", file, "--json").stdout)
    assert trial["actual_credits"] == trial["proposed_credits"] > 0
    for each in (*trial["features"], *trial["wallets"]):
        assert each["actual_credits"] == each["proposed_credits"]
    assert trial["runs_dry_count"] == 0


def test_a_trial_tells_people_what_changes(offline: Run, tmp_path: Path) -> None:
    prices = shown(offline)
    for each in prices["features"]:
        each["credits"] *= 3
    done = offline("pricing", "simulate", written(prices, tmp_path), "--limit", "1")
    assert done.returncode == 0, done.stderr
    assert "AI_SUMMARY" in done.stdout
    assert "+200.0 %" in done.stdout
    assert done.stdout.count("wal_") == 1
    assert "would have run dry. Nothing was published." in done.stdout
    empty = offline("pricing", "simulate", PRICES, "--from", "2001-01-01", "--to", "2001-02-01")
    assert "Nothing was used from 2000-12-31T18:30:00Z" in empty.stdout


def test_a_list_is_published(khata: Run, tmp_path: Path) -> None:
    prices = shown(khata)
    words = ("--effective-at", "2099-01-01", "--json")
    later = json.loads(khata("pricing", "publish", written(prices, tmp_path), *words).stdout)
    assert later["version"] > prices["version"]
    assert later["effective_at"] == "2098-12-31T18:30:00.000000Z"
    assert later["features"] == prices["features"]
    assert shown(khata) == prices


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "is no price list"),
        ("{}", 'has no "features"'),
        ('{"features": [{"feature": "A"}]}', "category"),
        ('{"features": [{"feature": "A", "category": "AI", "credits": -1}]}', "credits"),
        ('{"features": []}', "must be 1 to 2000 features"),
    ],
)
@pytest.mark.parametrize("command", ["simulate", "publish"])
def test_a_file_that_will_not_do(
    offline: Run, tmp_path: Path, command: str, text: str, said: str
) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text)
    done = offline("pricing", command, file)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
