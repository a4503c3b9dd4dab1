"""The real program: served in a process of its own, and run as people run it."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from khata.cli.program import main

ROOT = Path(__file__).parents[1]
KHATA = Path(sys.executable).parent / "khata"
OWNER_KEY = "khk_tests_of_the_command_line_0000000000000000"
PRICES = ROOT / "docs/examples/llm-prices.json"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**further: str) -> dict[str, str]:
    """Ours without any setting of Khata's, and with these."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("KHATA_")}
    return {**ours, **further}


def run_khata(
    *words: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [KHATA, *words],
        env=environment(**(env or {})),
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def run_here(
    *words: str | Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The same in our own process, which costs no start of Python."""
    said, complained = StringIO(), StringIO()
    typed = [KHATA.name, *(str(word) for word in words)]
    with (
        patch.dict(os.environ, environment(**(env or {})), clear=True),
        patch.object(sys, "argv", typed),
        redirect_stdout(said),
        redirect_stderr(complained),
    ):
        try:
            main()
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 0
        else:
            status = 0
    return subprocess.CompletedProcess(typed, status, said.getvalue(), complained.getvalue())


class Served:
    """`khata serve` as a process, on a free port."""

    def __init__(
        self,
        folder: Path,
        *words: str,
        owner_key: str | None = OWNER_KEY,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self._words = words
        self._given = {**(settings or {}), **({"KHATA_OWNER_KEY": owner_key} if owner_key else {})}
        self.process = self.another()
        self.url = self._url()

    def another(self) -> "subprocess.Popen[str]":
        """A process like this one, on its way."""
        return subprocess.Popen(
            [KHATA, "serve", "--data", str(self.folder), *self._words],
            env=environment(**{"KHATA_PORT": "0", **self._given, "KHATA_LOG_LEVEL": "error"}),
            stdout=subprocess.PIPE,
            text=True,
        )

    def _url(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        found = re.search(r"http://[\w.:]+", line)
        assert found, line
        return found[0]

    def ask(self, path: str, body: object = None, method: str = "GET", key: str = "") -> Any:
        """The answer's JSON."""
        headers = {"Authorization": f"Bearer {OWNER_KEY}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        content = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(  # noqa: S310 - our own server
            self.url + path, content, headers, method=method
        )
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            return json.load(answer)

    def make_wallet(self, owner_id: str, credits: int = 0) -> str:
        owner = {"owner_type": "community", "owner_id": owner_id, "name": owner_id}
        wallet = self.ask("/v1/wallets", owner, "POST")["id"]
        if credits:
            grant = {"kind": "bonus", "credits": credits, "note": "test"}
            self.ask(f"/v1/wallets/{wallet}/grants", grant, "POST", key="first-grant")
        return wallet

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Ends it; the exit status and what else it said."""
        self.process.send_signal(sign)
        assert self.process.stdout
        # Not by `communicate`: what came with the first line is in the buffer already.
        with self.process.stdout as output:
            said = output.read()
        return self.process.wait(timeout=60), said
