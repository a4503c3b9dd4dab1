"""What docs/how-to/webhooks.md tells to paste does what it says, with the real program."""

import json
import re
import socket
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from khata.domain.standard_webhooks import secret_text, signatures
from program import KHATA, OWNER_KEY, ROOT, Served, environment

PAGE = (ROOT / "docs/how-to/webhooks.md").read_text()
README = (ROOT / "README.md").read_text()


def blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def receiver() -> Any:
    """The page's own receiver."""
    module: dict[str, Any] = {"__name__": "receiver"}
    (source,) = blocks("python", PAGE)
    exec(compile(source, "receiver.py", "exec"), module)  # noqa: S102 - it is ours
    return SimpleNamespace(**module)


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def test_it_works_as_pasted(tmp_path: Path) -> None:
    khata = Served(tmp_path / "khata-data", settings={"KHATA_WEBHOOKS_ALLOW_PRIVATE": "true"})
    (source,) = blocks("python", PAGE)
    (tmp_path / "receiver.py").write_text(source)
    begin = next(block for block in blocks("sh", README) if "api() {" in block)
    variables = {
        "KHATA_URL": khata.url,
        "KHATA_OWNER_KEY": OWNER_KEY,
        "RECEIVER_PORT": str(free_port()),
        "PATH": f"{KHATA.parent}:{environment()['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join([begin, *blocks("sh", PAGE)])],
        cwd=tmp_path,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    khata.stop()
    assert done.returncode == 0, done.stderr
    received = json.loads((tmp_path / "received.json").read_text())
    assert received["type"] == "wallet.updated"
    assert received["data"]["available_credits"] == 100
    assert f'"event_id":"{received["id"]}"' in done.stdout
    assert not re.search(r'"status":[45]\d\d', done.stdout), done.stdout


def test_the_receiver_believes_what_is_genuine_and_nothing_else(receiver: Any) -> None:
    now, secret, body = 1_800_000_000, secret_text(b"k" * 32), b'{"type":"wallet.updated"}'

    def headers(at: int, signature: str) -> dict[str, str]:
        named = {"webhook-id": "evt_1", "webhook-timestamp": str(at)}
        return {**named, "webhook-signature": signature}

    genuine = headers(now, signatures([secret], "evt_1", now, body))
    with patch("time.time", lambda: now):
        assert receiver.is_genuine(genuine, body, secret)
        two = signatures([secret_text(b"o" * 32), secret], "evt_1", now, body)
        assert receiver.is_genuine(headers(now, two), body, secret)
        assert not receiver.is_genuine(genuine, body + b" ", secret)
        assert not receiver.is_genuine(genuine, body, secret_text(b"x" * 32))
        assert not receiver.is_genuine({**genuine, "webhook-id": "evt_2"}, body, secret)
        old = headers(now - 301, signatures([secret], "evt_1", now - 301, body))
        assert not receiver.is_genuine(old, body, secret)
