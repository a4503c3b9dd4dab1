"""`khata report` and `khata export`: for people, for programs, and into a file."""

import json
from pathlib import Path

import pytest
import uvloop

from bookkeeper import bookkeeper_of
from desk import Clock
from khata.app.runtime import KhataSettings, open_khata
from khata.postgres.settings import DatabaseSettings
from program import Run, Served, run_here


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with books in both units, served by nobody."""
    folder = tmp_path_factory.mktemp("books") / "khata-data"

    async def keep_books() -> None:
        clock, where = Clock(), DatabaseSettings(data_folder=folder)
        async with open_khata(KhataSettings(database=where, sweeps=False), clock) as khata:
            await bookkeeper_of(khata, clock)

    uvloop.run(keep_books())
    return folder


def test_reports_are_for_people_and_programs(told: Path) -> None:
    balance = run_here("report", "trial-balance", "--data", told)
    assert balance.returncode == 0, balance.stderr
    for word in ("deferred_revenue", "gateway.", "available", "total"):
        assert word in balance.stdout
    document = json.loads(run_here("report", "trial-balance", "--data", told, "--json").stdout)
    assert document["is_balanced"]
    assert {unit["unit"] for unit in document["units"]} == {"INR", "CREDIT"}
    revenue = run_here("report", "revenue", "--from", "2026-01-01", "--data", told)
    assert "income.usage.AI" in revenue.stdout
    assert "by the ledger and by the lots is the same" in revenue.stdout
    liability = run_here("report", "liability", "--limit", "1", "--data", told)
    assert "purchase" in liability.stdout
    assert liability.stdout.count("wal_") == 1


def test_a_period_is_typed_as_days_or_times(told: Path) -> None:
    for since in ("2099-01-01", "2099-01-01T00:00:00Z"):
        done = run_here("report", "revenue", "--from", since, "--data", told, "--json")
        assert json.loads(done.stdout)["income"] == []
    wrong = run_here("report", "revenue", "--from", "yesterday", "--data", told)
    assert (wrong.returncode, "2026-11-01" in wrong.stderr) == (2, True)
    turned = run_here(
        "report", "revenue", "--from", "2026-02-01", "--to", "2026-01-01", "--data", told
    )
    assert (turned.returncode, "before" in turned.stderr) == (2, True)


def test_books_are_exported_into_a_file(khata: Run, served: Served, tmp_path: Path) -> None:
    wallet = served.make_wallet("exported", 250)
    file = tmp_path / "books.beancount"
    done = khata("export", "--format", "beancount", "--wallet", wallet, "--output", str(file))
    assert done.returncode == 0, done.stderr
    assert f'wallet: "{wallet}"' in file.read_text()
    assert "250 CREDIT" in file.read_text()


def test_a_file_that_cannot_be_written_is_named(khata: Run, tmp_path: Path) -> None:
    done = khata("export", "--format", "csv", "--output", str(tmp_path))
    assert (done.returncode, "can't be written" in done.stderr) == (2, True)


@pytest.mark.parametrize("form", ["beancount", "hledger", "csv"])
def test_books_go_to_standard_output(program: Run, served: Served, form: str) -> None:
    served.make_wallet(f"printed-{form}", 10)
    done = program("export", "--format", form)
    assert done.returncode == 0, done.stderr
    assert "CREDIT" in done.stdout
