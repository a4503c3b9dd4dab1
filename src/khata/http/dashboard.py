"""The dashboard's pages, as they were built into the package. They ask the API for everything.

Every file is read once and kept, packed too, so that no request touches the disk and no path can
lead out of the folder. Names of built files carry the hash of their content and may be kept for a
year; the page itself is asked for again each time. Each page has a document of its own: all are
the one application, but each names the code and the data that its first paint waits for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from mimetypes import guess_type
from typing import Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

BUILT: Final = files("khata.http") / "dashboard_assets"
PAGES: Final = ("/", "/sign-in", "/accept-invitation", "/org", "/org/{page:path}")
PACKED: Final = {"br": ".br", "gzip": ".gz"}
"""The codings by which files are packed beforehand, the best one first."""
_DOCUMENT: Final = ".html"
_YEAR: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_SECURITY: Final = {
    # The components write style attributes; everything else comes from this server.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_NOT_BUILT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Khata</title></head>
<body><h1>The dashboard is not built</h1>
<p>This Khata runs from its sources. <code>make run</code> builds the dashboard and starts it;
the API works without it: see <a href="/docs">/docs</a>.</p></body></html>
"""


class Asset(Struct, frozen=True):
    """A file as it is sent: whole, and packed by each coding that the build packed it by."""

    content: bytes
    packed: Mapping[str, bytes]
    media_type: str
    tag: str
    cache: str


def dashboard(built: Traversable = BUILT) -> list[BaseRoute]:
    """The routes of the pages and of what they are made of."""
    found = _read(built)
    documents = {path: asset for path, asset in found.items() if path.endswith(_DOCUMENT)}
    assets = {path: asset for path, asset in found.items() if path not in documents}
    first = documents.get("/index" + _DOCUMENT)

    async def show(request: Request) -> Response:
        page = documents.get(request.url.path.rstrip("/") + _DOCUMENT, first)
        if page is None:
            return HTMLResponse(_NOT_BUILT, headers=_SECURITY)
        return _answer(request, page, _SECURITY)

    async def send(request: Request) -> Response:
        return _answer(request, assets[request.url.path], {})

    pages = [Route(path, show) for path in PAGES]
    return [*pages, *(Route(path, send) for path in sorted(assets))]


def _answer(request: Request, asset: Asset, headers: Mapping[str, str]) -> Response:
    told = {
        "Cache-Control": asset.cache,
        "ETag": asset.tag,
        "Vary": "Accept-Encoding",
        **headers,
    }
    if request.headers.get("if-none-match") == asset.tag:
        return Response(status_code=304, headers=told)
    coding = _coding(asset, request.headers.get("accept-encoding", ""))
    if coding is None:
        return Response(asset.content, media_type=asset.media_type, headers=told)
    told["Content-Encoding"] = coding
    return Response(asset.packed[coding], media_type=asset.media_type, headers=told)


def _coding(asset: Asset, accepted: str) -> str | None:
    """The best one that the file is packed by and the browser reads."""
    readable = {each.partition(";")[0].strip() for each in accepted.split(",")}
    return next((coding for coding in asset.packed if coding in readable), None)


def _read(built: Traversable) -> dict[str, Asset]:
    """By the path it is asked for."""
    found = dict(_files(built)) if built.is_dir() else {}
    return {
        f"/{name}": Asset(
            content=content,
            packed={
                coding: found[name + suffix]
                for coding, suffix in PACKED.items()
                if name + suffix in found
            },
            media_type=guess_type(name)[0] or "application/octet-stream",
            tag=f'"{sha256(content).hexdigest()[:32]}"',
            cache=_YEAR if name.startswith("assets/") else _ASK_AGAIN,
        )
        for name, content in found.items()
        if not name.endswith(tuple(PACKED.values()))
    }


def _files(folder: Traversable, within: str = "") -> Sequence[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in folder.iterdir():
        name = within + each.name
        found += _files(each, f"{name}/") if each.is_dir() else [(name, each.read_bytes())]
    return found
