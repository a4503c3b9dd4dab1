"""The other side of a running product's simulator: its customers' banks, and its own dashboard."""

from typing import Any, TypeAlias

import httpx2

from khata.app.topups.simulator_place import Access
from served import Json

Doc: TypeAlias = dict[str, Any]


class Bank:
    """Plays the bank, and whoever works at the gateway's dashboard."""

    def __init__(self, access: Access) -> None:
        self._client = httpx2.Client(
            base_url=access.url,
            auth=(access.key_id, access.key_secret),
            headers={"X-Emu-Token": access.control_token},
            trust_env=False,
        )

    def payment_of(self, order: Json) -> Doc:
        """The captured payment of one of our orders, as the gateway has it now."""
        found = self.get(f"/v1/orders/{order['checkout']['order_id']}/payments")["items"]
        (captured,) = [payment for payment in found if payment["captured"]]
        return captured

    def refund(self, order: Json, amount: int | None = None) -> Doc:
        """Refunds the order's payment at the dashboard."""
        body = {} if amount is None else {"amount": amount}
        return self.post(f"/v1/payments/{self.payment_of(order)['id']}/refund", body)

    def refunds_of(self, order: Json) -> list[Doc]:
        """The refunds that the gateway has of the order's payment, newest first."""
        return self.get(f"/v1/payments/{self.payment_of(order)['id']}/refunds")["items"]

    def dispute(self, order: Json, **more: object) -> str:
        """The payer complains about the order's payment; the dispute's id."""
        body = {"payment_id": self.payment_of(order)["id"], **more}
        return str(self.post("/_emu/disputes", body)["id"])

    def decide(self, dispute_id: str, verdict: str) -> None:
        """The bank decides: `under_review`, `won`, `lost` or `close`."""
        self.post(f"/_emu/disputes/{dispute_id}/{verdict}")

    def fault(self, name: str, on: str = "*", count: int = 1) -> None:
        """Something goes wrong there, so many times."""
        self.post("/_emu/faults", {"fault": name, "on": on, "count": count})

    def pay(self, order: Json) -> None:
        """The customer pays the order at the gateway's own page."""
        self.post("/_emu/checkout", {"order_id": order["checkout"]["order_id"], "method": "upi"})

    def hold_events(self) -> None:
        """Keeps all events back."""
        self.post("/_emu/webhooks/hold")

    def release_events(self, *, backwards: bool) -> None:
        """Lets them go, the last one first if so wished."""
        if backwards:
            self.post("/_emu/webhooks/reorder")
        self.post("/_emu/webhooks/release")

    def replay_events(self) -> None:
        """Sends the last ten once more."""
        for delivery in self.get("/_emu/webhooks/log")["items"][-10:]:
            self.post("/_emu/webhooks/replay", {"event_id": delivery["event_id"]})

    def get(self, path: str) -> Doc:
        answer = self._client.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def post(self, path: str, body: object = None) -> Doc:
        answer = self._client.post(path, json=body or {})
        assert answer.is_success, answer.text
        return answer.json()

    def settle(self) -> None:
        """Pays what is owed by now, without waiting for the morning."""
        self.post("/_emu/settle")

    def mend(self) -> None:
        """Clears the faults."""
        self._client.delete("/_emu/faults")

    def close(self) -> None:
        """Clears the faults and hangs up."""
        self.mend()
        self._client.close()
