"""An ordinary user runs the server as himself. Where the tests run as root, a process of `nobody`
stands for him, with a copy of what it must read: root's packages may lie where only root comes."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import pytest

from khata.postgres.account import Account
from khata.postgres.binaries import find_binaries
from khata.postgres.readable import readable_binaries

OPENER = Path(__file__).with_name("opener.py")
UNNEEDED = shutil.ignore_patterns("site-packages", "test", "config-*", "__pycache__", "*.a")
PACKAGES = ("khata", "msgspec", "psycopg", "psycopg_binary", "psycopg_pool", "typing_extensions")


class Ordinary(NamedTuple):
    """A user, and how to run the opener as him."""

    account: Account
    folder: Path
    command: list[str]
    environment: dict[str, str]


@pytest.fixture
def ordinary() -> Generator[Ordinary]:
    who = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    account = Account(who.pw_name, who.pw_uid, who.pw_gid)
    # Not pytest's own folder: that is root's alone.
    home = Path(tempfile.mkdtemp(prefix="khata-test-"))
    copied = home / "packages"
    for package in PACKAGES:
        copy_package(package, copied)
    shutil.copy(OPENER, copied)
    open_to(home, account)
    binaries = readable_binaries(find_binaries(), account)
    libraries = f"{home}/python/lib:{os.environ.get('LD_LIBRARY_PATH', '')}"
    environment = {"PYTHONPATH": str(copied), "LD_LIBRARY_PATH": libraries}
    command = [python_for(account, home), str(copied / OPENER.name), str(home / "khata")]
    yield Ordinary(account, home / "khata", [*command, str(binaries.folder)], environment)
    shutil.rmtree(home)


def copy_package(name: str, to: Path) -> None:
    found = importlib.util.find_spec(name)
    assert found
    assert found.origin
    place = Path(found.origin)
    to.mkdir(exist_ok=True)
    if place.name != "__init__.py":
        shutil.copy(place, to)
        return
    shutil.copytree(place.parent, to / name)
    libraries = place.parent.with_name(f"{name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)


def python_for(account: Account, home: Path) -> str:
    """The interpreter under our virtual environment, or a copy where that is out of reach."""
    below = Path(os.path.realpath(sys.executable))
    try:
        run_as(account, [str(below), "-c", ""], {})
    except PermissionError:
        copied = home / "python" / below.relative_to(sys.base_prefix)
        shutil.copytree(
            Path(sys.base_prefix, "lib"), home / "python/lib", symlinks=True, ignore=UNNEEDED
        )
        copied.parent.mkdir()
        below = Path(shutil.copy(below, copied))
    return str(below)


def open_to(top: Path, account: Account) -> None:
    account.give(top)
    for folder, _, files in os.walk(top):
        Path(folder).chmod(0o755)
        for name in files:
            Path(folder, name).chmod(0o644)


def run_as(account: Account, command: list[str], environment: dict[str, str]) -> str:
    ours = account.is_ours
    ran = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], **environment},
        user=None if ours else account.uid,
        group=None if ours else account.gid,
        extra_groups=None if ours else [],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_runs_the_server_as_himself_with_all_in_his_folder(ordinary: Ordinary) -> None:
    said = run_as(ordinary.account, ordinary.command, ordinary.environment)
    server_id, dsn = said.strip().split("\t")
    assert int(server_id)
    assert f"host={ordinary.folder}/socket" in dsn
    for made in (ordinary.folder, *ordinary.folder.iterdir()):
        assert made.stat().st_uid == ordinary.account.uid


def test_comes_back_to_what_is_his_after_root_has_looked_into_it(ordinary: Ordinary) -> None:
    run_as(ordinary.account, ordinary.command, ordinary.environment)
    us = Account("us", os.geteuid(), os.getegid())
    run_as(us, ordinary.command, ordinary.environment)
    for made in (ordinary.folder, *ordinary.folder.iterdir()):
        assert made.stat().st_uid == ordinary.account.uid
    assert run_as(ordinary.account, ordinary.command, ordinary.environment)
