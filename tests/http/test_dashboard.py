"""The dashboard's files over HTTP: pages, packing, caching, and nothing from outside the folder."""

import gzip
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from khata.http.dashboard import dashboard

PAGE = b"<!doctype html><title>Khata</title>"
WALLET_PAGE = b"<!doctype html><title>Khata</title><link rel=modulepreload href=/wallet.js>"
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
    (folder / "org/billing").mkdir(parents=True)
    (folder / "org/billing/wallet.html").write_bytes(WALLET_PAGE)
    (folder / "assets/app-1a2b.js").write_bytes(SCRIPT)
    (folder / "assets/app-1a2b.js.br").write_bytes(b"packed by brotli")
    (folder / "assets/app-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "secret.txt").write_text("not for you")
    return folder


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/", PAGE),
        ("/sign-in", PAGE),
        ("/org/billing", PAGE),
        ("/org/billing/wallet/of/nobody", PAGE),
        ("/org/billing/wallet?tx=txn_1", WALLET_PAGE),
        ("/org/billing/wallet/", WALLET_PAGE),
    ],
)
async def test_every_page_has_its_own_document_or_the_common_one(
    built: Path, path: str, page: bytes
) -> None:
    async with client(built) as browser:
        answer = await browser.get(path)
    assert (answer.status_code, answer.content) == (200, page)
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


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip;q=0.8", "gzip"), ("zstd, brown", None)],
)
async def test_the_best_packing_that_is_read(
    built: Path, accepted: str, coding: str | None
) -> None:
    async with client(built) as browser:
        path = "/assets/app-1a2b.js"
        request = browser.build_request("GET", path, headers={"Accept-Encoding": accepted})
        answer = await browser.send(request, stream=True)
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == coding
    whole = {"br": b"packed by brotli", None: SCRIPT}
    assert sent == whole.get(coding, sent)
    assert answer.headers["vary"] == "Accept-Encoding"


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
