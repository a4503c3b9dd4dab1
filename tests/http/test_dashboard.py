"""The dashboard's files over HTTP: pages, packing, caching, and nothing from outside the folder."""

import gzip
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from khata.http.dashboard import dashboard

PAGE = b"<!doctype html><title>Khata</title>"
SCRIPT = b"console.log(1)"


def client(built: Path) -> httpx2.AsyncClient:
    app = Starlette(routes=dashboard(built))
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url="http://khata.test")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    (folder / "assets/app-1a2b.js").write_bytes(SCRIPT)
    (folder / "assets/app-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "secret.txt").write_text("not for you")
    return folder


@pytest.mark.parametrize("path", ["/", "/sign-in", "/org/billing", "/org/billing/wallet?tx=txn_1"])
async def test_every_page_is_the_one_page(built: Path, path: str) -> None:
    async with client(built) as browser:
        answer = await browser.get(path)
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in answer.headers["content-security-policy"]


async def test_a_built_file_is_packed_and_kept_for_a_year(built: Path) -> None:
    async with client(built) as browser:
        answer = await browser.get("/assets/app-1a2b.js")
        plain = await browser.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.content == plain.content == SCRIPT
    assert "content-encoding" not in plain.headers


async def test_what_is_known_already_is_not_sent_again(built: Path) -> None:
    async with client(built) as browser:
        first = await browser.get("/")
        again = await browser.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/secret.txt", "/../secret.txt", "/assets/..%2f..%2fsecret.txt", "/index.html.gz"]
)
async def test_nothing_else_is_sent(built: Path, path: str) -> None:
    async with client(built) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 404


async def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    async with client(tmp_path / "missing") as browser:
        answer = await browser.get("/org/billing")
    assert answer.status_code == 200
    assert "make run" in answer.text
