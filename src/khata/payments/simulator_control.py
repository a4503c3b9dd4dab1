"""Plays the customer at the simulator's checkout, as the page there does in a browser."""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from khata.payments.calls import CallWatch, OnCall, nobody_watches
from khata.payments.gateway import GatewayRefused, PaymentMethod
from khata.payments.razorpay.wire import Wire, WireSettings, plain

Outcome = Literal["success", "fail", "pending", "duplicate", "late"]

TEST_TOKENS: Final = {
    "tok_visa": "4100280000001007",
    "tok_mastercard": "5500670000001002",
    "tok_rupay": "6527658900001005",
    "tok_international": "5555555555554444",
    "tok_insufficient_funds": "4100280000080001",
    "tok_declined": "4100280000060003",
}
"""What is said instead of a card's number, and the test card that it stands for."""

_SIMULATOR_METHODS: Final[Mapping[PaymentMethod, tuple[str, Mapping[str, str]]]] = {
    "upi": ("upi", {}),
    "debit": ("card", {"type": "debit"}),
    "credit": ("card", {"type": "credit"}),
    "netbanking": ("netbanking", {}),
    "wallet": ("wallet", {}),
}


class Played(Struct, frozen=True):
    """What the customer's browser was told: the payment, and what proves it, if it succeeded."""

    payment_id: str
    order_id: str
    signature: str | None = None
    error_reason: str | None = None


class _Told(Struct):
    razorpay_payment_id: str
    razorpay_order_id: str
    razorpay_signature: str | None = None


class SimulatedPayer:
    """A customer of the simulator at that URL."""

    def __init__(
        self, base_url: str, on_call: OnCall = nobody_watches, wire: WireSettings | None = None
    ) -> None:
        settings = wire or WireSettings(through_proxy=False)
        self._wire = Wire(base_url, None, CallWatch("simulator", on_call), settings)

    async def pay(
        self,
        order_id: str,
        method: PaymentMethod,
        outcome: Outcome,
        delay_ms: int = 0,
        vpa: str | None = None,
    ) -> Played:
        """Pays the order by that method, of UPI from that address, and has it end so.

        With a delay a success is `pending` until then, and a `late` one comes then; the simulator
        counts whole seconds. Raises `GatewayRefused` where the order takes no payment.
        """
        named, instrument = _SIMULATOR_METHODS[method]
        if method == "upi" and vpa is not None:
            instrument = {"vpa": vpa}
        body: dict[str, object] = {"method": named, "instrument": instrument, "outcome": outcome}
        if delay_ms > 0 and outcome in {"success", "pending", "late"}:
            body["delay_seconds"] = -(-delay_ms // 1000)
            body["outcome"] = "late" if outcome == "late" else "pending"
        return await self._played(order_id, body)

    async def consent(self, order_id: str, kind: Literal["upi", "card"], instrument: str) -> None:
        """Agrees to a mandate, from a UPI address or with one of the `TEST_TOKENS`.

        Raises `GatewayRefused` where the bank does not.
        """
        if kind == "card" and instrument not in TEST_TOKENS:
            known = ", ".join(TEST_TOKENS)
            raise GatewayRefused(f"The simulator knows the tokens {known}.", field="token")
        named = {"vpa": instrument} if kind == "upi" else {"number": TEST_TOKENS[instrument]}
        body = {"method": kind, "instrument": named}
        played = await self._played(order_id, body)
        if played.error_reason is not None:
            raise GatewayRefused("The bank did not agree", reason=played.error_reason)

    async def close(self) -> None:
        """Closes the connections."""
        await self._wire.close()

    async def _played(self, order_id: str, body: Mapping[str, object]) -> Played:
        path = f"/checkout/{plain(order_id)}/pay"
        try:
            told = await self._wire.send("pay", "POST", path, _Told, json=body)
        except GatewayRefused as refused:
            if refused.place.payment_id is None:
                raise
            return Played(refused.place.payment_id, order_id, error_reason=refused.reason)
        return Played(told.razorpay_payment_id, told.razorpay_order_id, told.razorpay_signature)
