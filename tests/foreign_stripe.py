"""localstripe, somebody else's idea of Stripe, in a process of its own on the loopback address.

Its licence (GPL) and ours do not mix, so it is only ever started and talked to, never imported: the
lines that start it run there. Its own command would listen on all addresses and keep files.
"""

import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import httpx2
from msgspec import Struct

API_KEY: Final = "sk_test_12345"

_START: Final = """
import socket, sys
from aiohttp import web
from localstripe.resources import Store
from localstripe.server import app
Store.dump_to_disk = lambda self: None
web.run_app(app, sock=socket.socket(fileno=int(sys.argv[1])), access_log=None, print=None)
"""


class ForeignStripe(Struct, frozen=True):
    """A running localstripe."""

    url: str

    def card(self, number: str) -> str:
        """A payment method as Stripe's own page would make of a card's number."""
        made = self._post("/v1/payment_methods", _card(number))
        return str(made["id"])

    def attached(self, number: str, customer_id: str) -> str:
        """The same, saved for the customer already."""
        method_id = self.card(number)
        self._post(f"/v1/payment_methods/{method_id}/attach", {"customer": customer_id})
        return method_id

    def tell(self, url: str, secret: str) -> None:
        """Has its events sent there, signed with the secret."""
        hook = {"url": url, "secret": secret}
        self._called("POST", "/_config/webhooks/tests", json=hook)

    def forget(self) -> None:
        """Forgets all it was told."""
        self._called("DELETE", "/_config/data")

    def pay(self, intent_id: str, method_id: str) -> None:
        """Pays an intent as the payer's browser would; here a card has to be set first."""
        self._post(f"/v1/payment_intents/{intent_id}", {"payment_method": method_id})
        self._post(f"/v1/payment_intents/{intent_id}/confirm", {})

    def _post(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        return self._called("POST", path, data=form).json()

    def _called(self, method: str, path: str, **options: Any) -> httpx2.Response:
        with httpx2.Client(trust_env=False, auth=(API_KEY, "")) as http:
            answer = http.request(method, f"{self.url}{path}", **options)
        answer.raise_for_status()
        return answer


def _card(number: str) -> dict[str, str]:
    card = {"number": number, "exp_month": "12", "exp_year": "2040", "cvc": "123"}
    return {"type": "card", **{f"card[{name}]": value for name, value in card.items()}}


@contextmanager
def foreign_stripe() -> Generator[ForeignStripe]:
    """A localstripe, until its end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        descriptor = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", _START, str(descriptor)],
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
        )
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield ForeignStripe(url)
    finally:
        process.terminate()
        process.wait(timeout=30)
