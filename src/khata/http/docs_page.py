"""What people read: `/docs` (Swagger UI), `/openapi.json`, and a page for each problem.

The assets come from a package and the page has no inline script, so it works without the
internet and under a strict content security policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Final

import msgspec
from starlette.responses import HTMLResponse, Response

from khata.http.openapi import openapi_document
from khata.http.problems import KINDS, Problem, slug_of
from khata.http.routes import ANYONE, Route, Routes

_SECURITY: Final = {
    # React writes style attributes; everything else stays on this server.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
}
_ASSETS: Final = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_CACHED: Final = {"Cache-Control": "public, max-age=86400"}
_START: Final = b"""window.addEventListener("load", () => {
  SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true,
    tryItOutEnabled: true, persistAuthorization: false, validatorUrl: null});
});
"""
_DOCS: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<script src="/docs/assets/swagger-ui-bundle.js" defer></script>
<script src="/docs/start.js" defer></script></head>
<body><div id="docs"></div>
<noscript>The same as data: <a href="/openapi.json">/openapi.json</a></noscript></body></html>
"""
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:1rem/1.5 system-ui;max-width:60rem;margin:3rem auto;padding:0 1rem}}
td,th{{text-align:left;padding:.2rem 1rem .2rem 0}}</style></head>
<body><h1>{title}</h1>{body}</body></html>
"""


def documentation(described: Sequence[Route], *, title: str, version: str, intro: str) -> Routes:
    """The pages about `described`; they are no part of the document themselves."""
    pages = Routes("Documentation")
    document = openapi_document(described, title=title, version=version, description=intro)
    encoded = msgspec.json.encode(document)
    docs = _DOCS.format(title=escape(title))

    @pages.on("GET /openapi.json", scope=ANYONE)
    async def openapi() -> Response:
        return Response(encoded, media_type="application/json")

    @pages.on("GET /docs", scope=ANYONE)
    async def page() -> Response:
        return HTMLResponse(docs, headers=_SECURITY)

    @pages.on("GET /docs/start.js", scope=ANYONE)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript", headers=_CACHED)

    pages.on("GET /docs/assets/{name}", scope=ANYONE)(_asset)
    pages.on("GET /problems", scope=ANYONE)(_problem_list)
    pages.on("GET /problems/{slug}", scope=ANYONE)(_problem_page)
    return pages


async def _asset(name: str) -> Response:
    if name not in _ASSETS:
        raise Problem("NOT_FOUND", "No such asset.")
    content = (files("openapi_ui_bundles.swagger_ui") / "vendor" / name).read_bytes()
    return Response(content, media_type=_ASSETS[name], headers=_CACHED)


async def _problem_list() -> Response:
    rows = "".join(
        f'<tr><td>{kind.status}<td><a href="/problems/{slug_of(code)}">{code}</a><td>{kind.title}'
        for code, kind in sorted(KINDS.items(), key=lambda item: item[1].status)
    )
    return _html("Problems", f"<table><tr><th>Status<th>Code<th>Title{rows}</table>")


async def _problem_page(slug: str) -> Response:
    code = slug.upper().replace("-", "_")
    if code.startswith("DAILY_LIMIT_EXCEEDED"):
        code = "DAILY_LIMIT_EXCEEDED"
    if code not in KINDS:
        raise Problem("NOT_FOUND", "No such problem.")
    kind = KINDS[code]
    body = f"<p><code>{code}</code>, status {kind.status}<p>{escape(kind.remedy)}"
    return _html(kind.title, f'{body}<p><a href="/problems">All problems</a>')


def _html(title: str, body: str) -> Response:
    return HTMLResponse(_PAGE.format(title=title, body=body), headers=_SECURITY)
