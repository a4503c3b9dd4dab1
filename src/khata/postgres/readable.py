"""PostgreSQL where the server's user can read it.

As root our packages may lie under /root, where nobody else can come. The server's user then gets
a copy that belongs to root, one for each version, made whole by rename.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from khata.postgres.account import Account
from khata.postgres.binaries import WHEEL, Binaries
from khata.postgres.errors import StartFailed

CACHE = Path("/var/cache/khata")
UNNEEDED = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig")


def readable_binaries(binaries: Binaries, account: Account, cache: Path | None = None) -> Binaries:
    """The binaries themselves when `account` can run them where they are, else a copy's."""
    if account.is_ours or _can_run(binaries, account):
        return binaries
    copy = copied(binaries, cache or _cache_folder())
    if not _can_run(copy, account):
        raise StartFailed(f"The user {account.name} can't run PostgreSQL from {copy.folder}.")
    return copy


def _can_run(binaries: Binaries, account: Account) -> bool:
    try:
        trial = subprocess.run(  # noqa: S603 - a program we looked for
            [binaries.program("initdb"), "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except PermissionError:
        return False
    return trial.returncode == 0


def _cache_folder() -> Path:
    try:
        CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError:
        return _ours_alone(Path(tempfile.gettempdir()) / "khata-cache")
    return CACHE


def _ours_alone(folder: Path) -> Path:
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise StartFailed(f"{folder} belongs to somebody else: remove it.")
    return folder


def copied(binaries: Binaries, cache: Path) -> Binaries:
    """A copy for all to read, made at the first call for this very package."""
    copy = cache / f"postgresql-{binaries.version}-{_mark(binaries)}"
    if not copy.exists():
        _copy_whole(binaries.folder.parent, copy)
    return Binaries(copy / WHEEL / "postgresql" / "bin", binaries.version)


def _mark(binaries: Binaries) -> str:
    """Changes when the package does: its place, size or time."""
    program = Path(binaries.program("postgres")).resolve()
    found = program.stat()
    return hashlib.sha256(f"{program} {found.st_size} {found.st_mtime_ns}".encode()).hexdigest()[
        :12
    ]


def _copy_whole(source: Path, copy: Path) -> None:
    draft = Path(tempfile.mkdtemp(prefix=f"{copy.name}.new-", dir=copy.parent))
    try:
        shutil.copytree(source, draft / WHEEL / "postgresql", ignore=UNNEEDED)
        # The wheel's programs look for these three floors above themselves.
        libraries = source.parent.parent / f"{WHEEL}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        _open_to_all(draft)
        _rename_unless_there(draft, copy)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _rename_unless_there(draft: Path, copy: Path) -> None:
    try:
        draft.rename(copy)
    except OSError:
        if not copy.is_dir():  # else another start was quicker; its copy is as good
            raise


def _open_to_all(top: Path) -> None:
    for folder, _, files in os.walk(top):
        os.chmod(folder, 0o755)  # noqa: S103 - programs are no secret
        for name in files:
            file = Path(folder, name)
            file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
