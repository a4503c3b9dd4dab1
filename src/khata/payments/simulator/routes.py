"""All addresses of the simulator that answer with documents, and what each takes and does."""

from collections.abc import Callable
from typing import Final, TypeAlias

from msgspec import Struct

from khata.payments.simulator import (
    control,
    control_webhooks,
    customers,
    debits,
    disputes,
    orders,
    payment_calls,
    refund_calls,
    settlements,
)
from khata.payments.simulator.asked import Ask, Fields
from khata.payments.simulator.checkout import PAY, Played
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc

Run: TypeAlias = "Callable[[Desk, Ask], Doc | Played]"


class Route(Struct, frozen=True):
    """One address: its method, its path, what it does, and the fields its body may have."""

    method: str
    path: str
    run: Run
    fields: Fields = {}

    @property
    def name(self) -> str:
        """How faults name it, as `POST /v1/orders`."""
        return f"{self.method} {self.path}"


PROVIDER: Final = (
    Route("POST", "/v1/orders", orders.create_order, orders.NEW_ORDER),
    Route("GET", "/v1/orders", orders.list_orders),
    Route("GET", "/v1/orders/{id}", orders.get_order),
    Route("PATCH", "/v1/orders/{id}", orders.edit_order, orders.NOTES_ONLY),
    Route("GET", "/v1/orders/{id}/payments", orders.list_order_payments),
    Route("POST", "/v1/payments/create/recurring", debits.create_recurring, debits.RECURRING),
    Route("GET", "/v1/payments", payment_calls.list_payments),
    Route("GET", "/v1/payments/{id}", payment_calls.get_payment),
    Route("PATCH", "/v1/payments/{id}", payment_calls.edit_payment, orders.NOTES_ONLY),
    Route(
        "POST", "/v1/payments/{id}/capture", payment_calls.capture_payment, payment_calls.CAPTURE
    ),
    Route("POST", "/v1/payments/{id}/refund", refund_calls.refund_payment, refund_calls.REFUND),
    Route("GET", "/v1/payments/{id}/refunds", refund_calls.list_payment_refunds),
    Route("GET", "/v1/payments/{id}/refunds/{refund_id}", refund_calls.get_payment_refund),
    Route("POST", "/v1/refunds", refund_calls.create_refund, refund_calls.NEW_REFUND),
    Route("GET", "/v1/refunds", refund_calls.list_refunds),
    Route("GET", "/v1/refunds/{id}", refund_calls.get_refund),
    Route("PATCH", "/v1/refunds/{id}", refund_calls.edit_refund, orders.NOTES_ONLY),
    Route("POST", "/v1/customers", customers.create_customer, customers.NEW_CUSTOMER),
    Route("GET", "/v1/customers", customers.list_customers),
    Route("GET", "/v1/customers/{id}", customers.get_customer),
    Route("PUT", "/v1/customers/{id}", customers.edit_customer, customers.EDIT_CUSTOMER),
    Route("GET", "/v1/customers/{id}/tokens", customers.list_tokens),
    Route("GET", "/v1/customers/{id}/tokens/{token_id}", customers.get_token),
    Route("DELETE", "/v1/customers/{id}/tokens/{token_id}", customers.delete_token),
    Route("PUT", "/v1/customers/{id}/tokens/{token_id}/cancel", customers.cancel_token),
    Route("GET", "/v1/disputes", disputes.list_disputes),
    Route("GET", "/v1/disputes/{id}", disputes.get_dispute),
    Route("POST", "/v1/disputes/{id}/accept", disputes.accept_dispute),
    Route("PATCH", "/v1/disputes/{id}/contest", disputes.contest_dispute, disputes.CONTEST),
    Route("GET", "/v1/methods", payment_calls.list_methods),
    Route("GET", "/v1/settlements", settlements.list_settlements),
    Route("GET", "/v1/settlements/recon/combined", settlements.list_lines),
    Route("GET", "/v1/settlements/{id}", settlements.get_settlement),
)
CONTROL: Final = (
    Route("POST", "/_emu/checkout", control.check_out, PAY),
    Route("POST", "/_emu/payments/{id}/authorize", control.authorize_payment),
    Route("POST", "/_emu/payments/{id}/fail", control.fail_payment, control.REASON),
    Route("POST", "/_emu/payments/{id}/late_authorize", control.authorize_late),
    Route("POST", "/_emu/mandates/{token}/expect", control.expect_of_mandate, control.EXPECTED),
    Route("POST", "/_emu/mandates/{token}/{step}", control.step_mandate),
    Route("POST", "/_emu/disputes", control.create_dispute, disputes.DISPUTE),
    Route("POST", "/_emu/disputes/{id}/{step}", control.step_dispute),
    Route("POST", "/_emu/settle", control.settle),
    Route("GET", "/_emu/faults", control.list_faults),
    Route("POST", "/_emu/faults", control.set_fault, control.FAULT),
    Route("DELETE", "/_emu/faults", control.clear_faults),
    Route("GET", "/_emu/clock", control.read_clock),
    Route("POST", "/_emu/clock/advance", control.advance_clock, control.ADVANCE),
    Route("POST", "/_emu/dials", control.turn_dials, control.DIALS),
    Route("GET", "/_emu/webhooks", control_webhooks.list_endpoints),
    Route("POST", "/_emu/webhooks", control_webhooks.set_endpoint, control_webhooks.ENDPOINT),
    Route("GET", "/_emu/webhooks/queue", control_webhooks.list_queue),
    Route("GET", "/_emu/webhooks/log", control_webhooks.list_log),
    Route("POST", "/_emu/webhooks/hold", control_webhooks.hold_webhooks),
    Route(
        "POST",
        "/_emu/webhooks/release",
        control_webhooks.release_webhooks,
        control_webhooks.DELIVERIES,
    ),
    Route(
        "POST",
        "/_emu/webhooks/reorder",
        control_webhooks.reorder_webhooks,
        control_webhooks.DELIVERIES,
    ),
    Route(
        "POST", "/_emu/webhooks/replay", control_webhooks.replay_webhook, control_webhooks.REPLAY
    ),
    Route("DELETE", "/_emu/webhooks/{id}", control_webhooks.remove_endpoint),
    Route("POST", "/_emu/reset", control.reset),
    Route("GET", "/_emu/state", control.dump),
)
