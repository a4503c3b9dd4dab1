"""What a customer's browser is given: the checkout page, its script, and the way to pay."""

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route as Address

from khata.payments.simulator.acting import acting
from khata.payments.simulator.asked import Ask
from khata.payments.simulator.checkout import PAY, Played, play
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc
from khata.payments.simulator.failures import GatewayError
from khata.payments.simulator.instruments import BANKS, WALLETS
from khata.payments.simulator.orders import order_of
from khata.payments.simulator.routes import Route

_ASSETS: Final = files("khata.payments.simulator") / "assets"
_SECURITY: Final = {
    # A shop shows the page in a frame of its own and the page hands the customer back to it.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_CORS: Final = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
_TYPES: Final = {"page.css": "text/css", "page.js": "text/javascript"}


def pay_order(desk: Desk, ask: Ask) -> Played:
    """What the page sends when the customer has chosen."""
    return play(desk, ask.path["id"], ask.body)


PAY_ORDER: Final = Route("POST", "/checkout/{id}/pay", pay_order, PAY)


def pages(desk: Desk) -> list[Address]:
    """The addresses that answer with pages and scripts."""

    async def show(request: Request) -> Response:
        try:
            with acting(desk):
                order = order_of(desk, request.path_params["id"])
        except GatewayError as error:
            return HTMLResponse(f"<h1>{escape(str(error))}</h1>", 404, headers=_SECURITY)
        return HTMLResponse(_page(desk, order, request.query_params), headers=_SECURITY)

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _TYPES:
            return Response(status_code=404)
        return Response(_read(name), media_type=_TYPES[name])

    async def script(_: Request) -> Response:
        return Response(_read("checkout.js"), media_type="text/javascript", headers=_CORS)

    return [
        Address("/v1/checkout.js", script),
        Address("/checkout/assets/{name}", asset),
        Address("/checkout/{id}", show),
    ]


def _page(desk: Desk, order: Doc, wishes: Mapping[str, str]) -> str:
    """The page of an order. What it needs to know stands in it, as text that can't end early."""
    known = {
        "order": order["id"],
        "status": order["status"],
        "method": order.get("_method"),
        "is_mandate": bool(order.get("_terms")),
        "callback_url": _address_in(wishes, "callback_url"),
        "opener": _address_in(wishes, "opener"),
    }
    told = msgspec.json.encode(known).decode().replace("<", "\\u003c")
    text = _read("page.html").decode()
    for name, value in {
        "known": told,
        "title": escape(wishes.get("name") or "Payment"),
        "about": escape(wishes.get("description") or order["receipt"] or order["id"]),
        "amount": _rupees(order["amount"]),
        "order": escape(order["id"]),
        "banks": _options(BANKS),
        "wallets": _options({wallet: wallet.capitalize() for wallet in WALLETS}),
        "account": escape(desk.account_id),
    }.items():
        text = text.replace(f"[[{name}]]", value)
    return text


def _address_in(wishes: Mapping[str, str], name: str) -> str | None:
    """An address that the page may hand the customer to."""
    address = wishes.get(name, "")
    return address if address.startswith(("https://", "http://")) else None


def _options(choices: Mapping[str, str]) -> str:
    return "".join(
        f'<option value="{escape(value)}">{escape(label)}</option>'
        for value, label in choices.items()
    )


def _rupees(paise: int) -> str:
    """Rupees and paise, grouped as in India: 1,20,400.00."""
    rupees, rest = divmod(paise, 100)
    digits = str(rupees)
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)]
    return f"₹{','.join([*reversed(groups), tail])}.{rest:02}"


def _read(name: str) -> bytes:
    return (_ASSETS / name).read_bytes()
