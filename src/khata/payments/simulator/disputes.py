"""Disputes: a payer complains at the bank, and the money waits for the verdict."""

from typing import Final

from khata.payments.simulator.asked import (
    Ask,
    choice_in,
    fields,
    integer_in,
    optional_text_in,
    range_in,
)
from khata.payments.simulator.clock import DAY
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, collection
from khata.payments.simulator.failures import business, invalid, refused, unknown_id
from khata.payments.simulator.lines import book_adjustment
from khata.payments.simulator.machines import can_move
from khata.payments.simulator.payment_calls import payment_of

DISPUTE: Final = fields("payment_id", "amount", "reason_code", "phase", "respond_by")
CONTEST: Final = fields(
    "amount",
    "summary",
    "shipping_proof",
    "billing_proof",
    "cancellation_proof",
    "customer_communication",
    "proof_of_service",
    "explanation_letter",
    "refund_confirmation",
    "access_activity_log",
    "refund_cancellation_policy",
    "term_and_conditions",
    "others",
    "action",
)
PHASES: Final = ("chargeback", "fraud", "retrieval", "pre_arbitration", "arbitration")
VERDICTS: Final = {
    "under_review": "under_review",
    "won": "won",
    "lost": "lost",
    "close": "closed",
}
_RESPOND_WITHIN: Final = {"pre_arbitration": 2 * DAY, "arbitration": DAY}
_OPEN: Final = frozenset({"open", "under_review"})
_WITHHELD: Final = "Dispute: amount withheld"
_GIVEN_BACK: Final = "Dispute: amount given back"


def list_disputes(desk: Desk, ask: Ask) -> Doc:
    """Disputes, newest first; a `payment_id` gives those of one payment."""
    payment_id = ask.query.get("payment_id")
    return collection(desk.store.page("dispute", range_in(ask.query), owner=payment_id))


def get_dispute(desk: Desk, ask: Ask) -> Doc:
    return dispute_of(desk, ask.path["id"])


def accept_dispute(desk: Desk, ask: Ask) -> Doc:
    """The merchant gives in: the dispute is lost."""
    dispute = dispute_of(desk, ask.path["id"])
    decide(desk, dispute, "lost")
    return dispute


def contest_dispute(desk: Desk, ask: Ask) -> Doc:
    """The merchant's evidence, as a draft or submitted; what is submitted is reviewed."""
    dispute = dispute_of(desk, ask.path["id"])
    if dispute["status"] != "open":
        text = "Action not allowed when dispute is not open"
        raise refused(business("invalid_state", text))
    evidence = {key: value for key, value in ask.body.items() if key != "action"}
    dispute["evidence"] = {**(dispute["evidence"] or {}), **evidence}
    if choice_in(ask.body, "action", ("draft", "submit"), "draft") == "submit":
        dispute["evidence"]["submitted_at"] = desk.now()
        decide(desk, dispute, "under_review")
    desk.put(dispute)
    return dispute


def open_dispute(desk: Desk, body: Doc) -> Doc:
    """A new complaint about a captured payment; the disputed sum is withheld from now on."""
    payment = payment_of(desk, str(body.get("payment_id")))
    if not payment["captured"]:
        raise refused(business("payment_not_captured", "Only a captured payment is disputed."))
    if any(one["status"] in _OPEN for one in desk.store.of("dispute", payment["id"])):
        raise refused(business("dispute_exists", "A dispute of this payment is open."))
    amount = integer_in(body, "amount", 1) if "amount" in body else payment["amount"]
    if amount > payment["amount"]:
        raise invalid("amount", "The amount may not be greater than that of the payment.")
    phase = choice_in(body, "phase", PHASES, "chargeback")
    dispute: Doc = {
        "id": desk.new_id("disp"),
        "entity": "dispute",
        "payment_id": payment["id"],
        "amount": amount,
        "currency": payment["currency"],
        "amount_deducted": 0,
        "reason_code": optional_text_in(body, "reason_code") or "goods_or_services_not_received",
        "reason_description": "The customer did not get what was paid for.",
        "respond_by": body.get("respond_by") or desk.now() + _RESPOND_WITHIN.get(phase, 3 * DAY),
        "status": "open",
        "phase": phase,
        "created_at": desk.now(),
        "evidence": None,
    }
    desk.put(dispute)
    book_adjustment(desk, dispute, payment, -amount, _WITHHELD)
    desk.emit("payment.dispute.created", payment=payment, dispute=dispute)
    return dispute


def decide(desk: Desk, dispute: Doc, status: str) -> None:
    """Takes the dispute to its next state; won or closed gives the money back."""
    payment = payment_of(desk, dispute["payment_id"])
    if not can_move(dispute, status):
        text = f"Action not allowed when dispute is {dispute['status']}"
        raise refused(business("invalid_state", text))
    if status == "lost":
        dispute["amount_deducted"] = dispute["amount"]
    desk.move(dispute, status)
    if status in {"won", "closed"}:
        book_adjustment(desk, dispute, payment, dispute["amount"], _GIVEN_BACK)
    desk.emit(f"payment.dispute.{status}", payment=payment, dispute=dispute)


def ask_for_action(desk: Desk, dispute: Doc) -> None:
    """Reminds the merchant that its evidence is waited for."""
    payment = payment_of(desk, dispute["payment_id"])
    desk.emit("payment.dispute.action_required", payment=payment, dispute=dispute)


def dispute_of(desk: Desk, dispute_id: str) -> Doc:
    """The dispute with this id; raises `GatewayError`."""
    dispute = desk.store.get("dispute", dispute_id)
    if not dispute:
        raise unknown_id()
    return dispute
