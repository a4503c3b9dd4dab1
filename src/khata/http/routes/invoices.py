"""Invoices and credit notes: listed, told in JSON, and given as the documents they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from starlette.responses import Response, StreamingResponse

from khata import __version__
from khata.app.cursors import cursor, id_behind
from khata.app.documents.page import document_html
from khata.app.documents.pdf import PdfUnavailable, document_pdf
from khata.app.documents.printed import Copy, file_name
from khata.app.runtime import Khata
from khata.domain.e_invoice import EInvoice, NotRegistrable, e_invoice
from khata.domain.invoice import InvoiceDocument, encoded
from khata.http.auth import ApiCaller, Doorkeeper
from khata.http.call import Call, Limits
from khata.http.csv_rows import csv_pieces
from khata.http.problems import Problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.common import Page
from khata.http.schemas.invoice_rows import COLUMNS, invoice_cells
from khata.http.schemas.invoices import CopyQuery, Invoice, InvoiceQuery, invoice_shown
from khata.http.streams import begun
from khata.postgres.invoices import Invoice as InvoiceOf

_ONE: Final = "GET /v1/invoices/{invoice_id}"
_MISSING: Final = ("INVOICE_NOT_FOUND",)
_SCOPE: Final = "payments:read"
_LONG: Final = Limits(request_seconds=3600.0)
_CSV: Final = {
    "Cache-Control": "no-store",
    "Content-Disposition": 'attachment; filename="invoices.csv"',
}
_PDF: Final = "application/pdf"
# The page has a style of its own and nothing else; what a buyer wrote could do nothing anyway.
_PAGE_ONLY: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
}


class InvoiceRoutes:
    """Documents of what was paid, and of what went back."""

    routes = Routes("Invoices")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._invoices = khata.topups.invoices
        self._doorkeeper = doorkeeper

    @routes.on("GET /v1/wallets/{wallet_id}/invoices", scope=_SCOPE, problems=("WALLET_NOT_FOUND",))
    async def list_invoices(
        self, call: Call[ApiCaller], wallet_id: str, query: InvoiceQuery
    ) -> Page[Invoice]:
        """List a wallet's invoices and credit notes, newest first."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        behind = id_behind("invoices", query.cursor)
        found = await self._invoices.list(known, query.limit + 1, behind)
        page = found[: query.limit]
        following = cursor("invoices", page[-1].id) if len(found) > query.limit else None
        return Page(await self._shown(page), following)

    @routes.on(
        "GET /v1/wallets/{wallet_id}/invoices.csv",
        scope=_SCOPE,
        problems=("WALLET_NOT_FOUND",),
        media=("text/csv",),
        limits=_LONG,
    )
    async def export_invoices(self, call: Call[ApiCaller], wallet_id: str) -> Response:
        """Give all of a wallet's invoices and credit notes as CSV, newest first, in rupees."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        rows = csv_pieces(COLUMNS, self._invoices.stream(known), invoice_cells)
        return StreamingResponse(await begun(rows), 200, _CSV, "text/csv")

    @routes.on(_ONE, scope=_SCOPE, problems=_MISSING)
    async def get_invoice(self, call: Call[ApiCaller], invoice_id: str) -> Invoice:
        """Give everything that stands on an invoice or a credit note."""
        (shown,) = await self._shown([await self._invoice(call.caller, invoice_id)])
        return shown

    @routes.on(
        f"{_ONE}.pdf",
        scope=_SCOPE,
        problems=(*_MISSING, "PDF_UNAVAILABLE"),
        statuses=(200, 304),
        media=(_PDF,),
    )
    async def get_invoice_pdf(
        self, call: Call[ApiCaller], invoice_id: str, query: CopyQuery
    ) -> Response:
        """Give an invoice or a credit note as PDF, the same bytes every time.

        With `If-None-Match` naming the ETag that came with it, it is not sent again.
        """
        document = (await self._invoice(call.caller, invoice_id)).document
        headers = _headers(document, query.copy, "pdf")
        if _is_there(call, headers):
            return Response(None, 304, headers)
        try:
            content = await asyncio.to_thread(document_pdf, document, query.copy)
        except PdfUnavailable as unavailable:
            raise Problem("PDF_UNAVAILABLE", str(unavailable)) from None
        return Response(content, 200, headers, _PDF)

    @routes.on(
        f"{_ONE}.html", scope=_SCOPE, problems=_MISSING, statuses=(200, 304), media=("text/html",)
    )
    async def get_invoice_page(
        self, call: Call[ApiCaller], invoice_id: str, query: CopyQuery
    ) -> Response:
        """Give an invoice or a credit note as a page of HTML, made to be read and to be printed."""
        document = (await self._invoice(call.caller, invoice_id)).document
        headers = _headers(document, query.copy, "html") | _PAGE_ONLY
        if _is_there(call, headers):
            return Response(None, 304, headers)
        content = await asyncio.to_thread(document_html, document, query.copy)
        return Response(content, 200, headers, "text/html")

    @routes.on(f"{_ONE}.inv-01.json", scope=_SCOPE, problems=(*_MISSING, "NOT_REGISTRABLE"))
    async def get_e_invoice(self, call: Call[ApiCaller], invoice_id: str) -> Reply[EInvoice]:
        """Give a document in the form INV-01, to be registered at the portal for e-invoices."""
        document = (await self._invoice(call.caller, invoice_id)).document
        form = e_invoice(document)
        if isinstance(form, NotRegistrable):
            raise Problem("NOT_REGISTRABLE", form.reason, number=document.number)
        name = file_name(document, "inv-01.json")
        return Reply(form, 200, {"Content-Disposition": f'attachment; filename="{name}"'})

    async def _shown(self, some: Sequence[InvoiceOf]) -> list[Invoice]:
        of_orders: dict[str, list[InvoiceOf]] = {}
        for each in await self._invoices.of_same_orders(some):
            of_orders.setdefault(each.document.order_id, []).append(each)
        return [invoice_shown(each, of_orders.get(each.document.order_id, ())) for each in some]

    async def _invoice(self, caller: ApiCaller, invoice_id: str) -> InvoiceOf:
        found = await self._invoices.find(invoice_id)
        if found is None or not await self._doorkeeper.knows(caller, found.wallet_id):
            detail = f"There is no invoice {invoice_id}."
            raise Problem("INVOICE_NOT_FOUND", detail, invoice_id=invoice_id)
        return found


def _headers(document: InvoiceDocument, copy: Copy, suffix: str) -> dict[str, str]:
    """A browser may keep the document, and asks each time whether it still may show it."""
    shown = "attachment" if suffix == "pdf" else "inline"
    return {
        "ETag": _etag(document, copy, suffix),
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'{shown}; filename="{file_name(document, suffix)}"',
    }


def _etag(document: InvoiceDocument, copy: Copy, suffix: str) -> str:
    """Of all that decides the bytes: the document, its copy, and who renders it."""
    decisive = f"{__version__} {copy} {suffix} {encoded(document)}"
    return f'"{sha256(decisive.encode()).hexdigest()[:32]}"'


def _is_there(call: Call[ApiCaller], headers: dict[str, str]) -> bool:
    """Whether the caller says that it has this very document."""
    named = call.headers.get(b"if-none-match", b"").decode("latin-1").split(",")
    return headers["ETag"] in {each.strip().removeprefix("W/") for each in named}
