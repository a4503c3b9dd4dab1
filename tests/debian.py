"""Programs that tests need beyond Python: packages of Debian.

python tests/debian.py    installs those that are missing, where it may: as root, with apt-get

A test that needs one says so with `@pytest.mark.needs_program("hledger")`. Where it is missing such
tests are left out and named at the end; under CI=true that fails.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping

# The package of each program.
PACKAGES: Mapping[str, str] = {"hledger": "hledger", "chromium": "chromium"}

_MINUTES = 10


def missing() -> list[str]:
    """The programs that are not on the PATH."""
    return [program for program in PACKAGES if shutil.which(program) is None]


def install() -> None:
    """Installs what is missing where that may be done; what fails is named by the tests' end."""
    packages = sorted({PACKAGES[program] for program in missing()})
    if not packages or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print(f"Installing {', '.join(packages)} for the tests, once …", flush=True)
    wanted = ("install", "--yes", "--no-install-recommends", *packages)
    if not _apt(*wanted) and _apt("update"):
        _apt(*wanted)


def _apt(*arguments: str) -> bool:
    try:
        done = subprocess.run(
            ["apt-get", "--quiet", "--quiet", *arguments],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            timeout=_MINUTES * 60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    install()
