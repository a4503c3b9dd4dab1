"""A serving process whose starter was killed stops in order, at whatever moment it notices."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from program import OWNER_KEY, environment

PATIENCE_SECONDS = 60.0


def test_a_child_that_nobody_waits_for_serves_until_it_is_told(
    tmp_path: Path, unused_port: int
) -> None:
    """Its word that it is ready finds no reader; that is no failure, and breaks no answer."""
    child = subprocess.Popen(
        [sys.executable, "-m", "khata.cli", "serve", "--child"],
        env=environment(
            KHATA_DATA=str(tmp_path / "khata"),
            KHATA_PORT=str(unused_port),
            KHATA_OWNER_KEY=OWNER_KEY,
            KHATA_LOG_LEVEL="error",
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin
    assert child.stdout
    child.stdout.close()
    try:
        assert answers(f"http://127.0.0.1:{unused_port}/healthz")
        child.stdin.close()
        assert child.wait(PATIENCE_SECONDS) == 0
    finally:
        child.kill()
        child.wait()


def answers(url: str) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own server
                return answer.status == 200
        except urllib.error.URLError:
            time.sleep(0.05)
    return False
