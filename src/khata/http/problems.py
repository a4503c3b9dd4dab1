"""What a refusal looks like over HTTP: RFC 9457 problems.

The only place that knows the HTTP status of a refusal code. A problem's `type` is a URI reference
from this server's own root, where `/problems/<slug>` explains the code: without a host in it, the
same refusal is the same bytes on every machine, which a replayed answer promises.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

TYPE_BASE: Final = "/problems/"
MEDIA_TYPE: Final = "application/problem+json"


DAILY_LIMIT: Final = "DAILY_LIMIT_EXCEEDED"


class Kind(msgspec.Struct, frozen=True):
    """One kind of problem: its status, its title, and whose turn it is to do what."""

    status: int
    title: str
    remedy: str


KINDS: Final[Mapping[str, Kind]] = {
    # the door
    "MALFORMED_REQUEST": Kind(400, "Malformed request", "Send well-formed HTTP/1.1."),
    "MALFORMED_JSON": Kind(400, "Malformed JSON", "Send the body as JSON in UTF-8."),
    "IDEMPOTENCY_KEY_REQUIRED": Kind(
        400, "Idempotency-Key required", "Send a new Idempotency-Key header with each operation."
    ),
    "INVALID_IDEMPOTENCY_KEY": Kind(
        400, "Invalid Idempotency-Key", "Use 6 to 120 characters of A-Z a-z 0-9 _ and -."
    ),
    "UNAUTHENTICATED": Kind(401, "Not authenticated", "Send a valid API key, or sign in."),
    "SIGN_IN_REFUSED": Kind(401, "Sign-in refused", "Check the e-mail and the password."),
    "SIGN_IN_LINK_REFUSED": Kind(401, "Link refused", "Make another with `khata sign-in`."),
    "WRONG_PASSWORD": Kind(403, "Wrong password", "Send the current password."),
    "CSRF_FAILED": Kind(
        403, "Cross-site request", "Send X-CSRF-Token as GET /v1/session gives it, from our pages."
    ),
    "FORBIDDEN": Kind(403, "Not allowed", "Use a key that has the scope and the resource."),
    "NOT_FOUND": Kind(404, "Not found", "Check the address against the documentation."),
    "METHOD_NOT_ALLOWED": Kind(405, "Method not allowed", "Use a method the Allow header names."),
    "REQUEST_TIMEOUT": Kind(408, "Request too slow", "Send the whole body sooner."),
    "PAYLOAD_TOO_LARGE": Kind(413, "Body too large", "Send less in one request."),
    "UNSUPPORTED_MEDIA_TYPE": Kind(
        415, "Unsupported media type", "Send Content-Type: application/json, uncompressed."
    ),
    "NOT_GENUINE": Kind(401, "Not genuine", "Sign the raw body with the webhook's secret."),
    "VALIDATION_FAILED": Kind(422, "Validation failed", "Mend the fields that `errors` names."),
    "RATE_LIMITED": Kind(429, "Too many requests", "Wait as long as Retry-After says."),
    "HEADERS_TOO_LARGE": Kind(431, "Headers too large", "Send fewer and shorter headers."),
    "INTERNAL": Kind(500, "Internal error", "Retry with the same key; report the request id."),
    "PDF_UNAVAILABLE": Kind(
        501, "No PDF here", "Ask the operator for khata[pdf], or take the HTML document."
    ),
    "GATEWAY_REFUSED": Kind(
        502, "Refused by the gateway", "Mend what the gateway names, then use a new key."
    ),
    "UNAVAILABLE": Kind(503, "Unavailable", "Retry with the same Idempotency-Key."),
    # what was asked for
    "WALLET_NOT_FOUND": Kind(404, "Wallet not found", "Check the wallet's id."),
    "HOLD_NOT_FOUND": Kind(404, "Hold not found", "Check the hold's id and its wallet."),
    "TRANSACTION_NOT_FOUND": Kind(404, "Transaction not found", "Check the transaction's id."),
    "GRANT_NOT_FOUND": Kind(404, "Grant not found", "Check the grant's id."),
    "ORDER_NOT_FOUND": Kind(404, "Order not found", "Check the order's id and its wallet."),
    "INVOICE_NOT_FOUND": Kind(404, "Invoice not found", "Check the invoice's id."),
    "PAYOUT_ACCOUNT_NOT_FOUND": Kind(404, "No payout account", "Set the wallet's account first."),
    "PAYOUT_NOT_FOUND": Kind(404, "Payout not found", "Check the payout's id and its wallet."),
    "ALERT_NOT_FOUND": Kind(404, "Alert not found", "Check the alert's id and its wallet."),
    "PAYMENT_METHOD_NOT_FOUND": Kind(
        404, "Payment method not found", "Check the payment method's id and its wallet."
    ),
    "KEY_NOT_FOUND": Kind(404, "Key not found", "Check the key's id."),
    "KEY_ENDED": Kind(409, "Key ended", "Make another key."),
    "ORGANIZATION_NOT_FOUND": Kind(404, "Organization not found", "Check the organization's id."),
    "MEMBER_NOT_FOUND": Kind(404, "Member not found", "Check the member's id."),
    "REFUSAL_NOT_FOUND": Kind(404, "Refusal not found", "It may be kept no longer."),
    "BUDGET_NOT_FOUND": Kind(404, "Budget not found", "Check the budget's id."),
    "PASSWORD_RESET_OFF": Kind(404, "No password reset by e-mail", "Ask whoever runs Khata."),
    "SESSION_NOT_FOUND": Kind(404, "Session not found", "Check the session's id."),
    "INVITATION_NOT_FOUND": Kind(404, "Invitation not found", "Check the id, or the link."),
    "TEAM_NOT_FOUND": Kind(404, "Team not found", "Check the team's id."),
    "WEBHOOK_ENDPOINT_NOT_FOUND": Kind(
        404, "Webhook endpoint not found", "Check the webhook endpoint's id."
    ),
    "DELIVERY_NOT_FOUND": Kind(
        404, "Delivery not found", "Check the delivery's id; it is kept for 30 days."
    ),
    "UNKNOWN_FEATURE": Kind(422, "Unknown feature", "Use a feature of the price list."),
    "INVALID_CREDIT_AMOUNT": Kind(422, "Invalid credit amount", "Send whole credits in range."),
    "INVALID_QUANTITY": Kind(422, "Invalid quantity", "Send a whole quantity in range."),
    "MINIMUM_ADD_FUNDS_REQUIRED": Kind(422, "Below the minimum", "Add `minimum_amount` or more."),
    # what was decided
    "INSUFFICIENT_CREDITS": Kind(402, "Insufficient credits", "Add credits, then use a new key."),
    "WALLET_FROZEN": Kind(403, "Wallet frozen", "Ask the operator why the wallet is frozen."),
    "PAYOUTS_DISABLED": Kind(403, "Payouts are off", "Ask the operator, who may turn them on."),
    "ROLE_OUT_OF_REACH": Kind(403, "Role out of reach", "Ask an owner of the organization."),
    "FRAUD_BLOCKED": Kind(403, "Blocked by fraud protection", "Contact the operator."),
    "IDEMPOTENCY_KEY_REUSED": Kind(
        409, "Idempotency-Key reused", "Use a new key for another operation or body."
    ),
    "PRICING_MATRIX_MISMATCH": Kind(409, "Price mismatch", "Read the price list again."),
    "HOLD_NOT_OPEN": Kind(409, "Hold not open", "Take a new hold."),
    "CAPTURE_EXCEEDS_HOLD": Kind(409, "Capture exceeds hold", "Capture at most what is held."),
    "REFUND_EXCEEDS_CHARGE": Kind(409, "Refund exceeds charge", "Refund at most what is left."),
    "REFUND_RESTORED": Kind(409, "Refund undone already", "Nothing is left to be done."),
    "NOT_TRANSFERABLE": Kind(409, "Not transferable", "These credits stay in their wallet."),
    "NOT_PAYABLE": Kind(409, "Not payable", "Pay out at most the credits that were bought."),
    "PAYOUT_NOT_HELD": Kind(409, "Payout not held", "Its credits are back already."),
    "NOTHING_TO_REFUND": Kind(409, "Nothing to refund", "Nothing of this order is left."),
    "NOT_REGISTRABLE": Kind(
        409, "No e-invoice", "Register documents for registered buyers and exports only."
    ),
    "ORDER_DISPUTED": Kind(409, "Order disputed", "Wait until the bank has decided."),
    "ORDER_NOT_UNDER_REVIEW": Kind(409, "Order not under review", "It was decided already."),
    "ORDER_UNDER_REVIEW": Kind(409, "Order under review", "Decide the review first."),
    "INVITATION_NOT_OPEN": Kind(409, "Invitation not open", "Ask for another invitation."),
    "LAST_OWNER": Kind(409, "Last owner", "Make somebody else an owner first."),
    "WEBHOOK_ENDPOINT_DISABLED": Kind(
        409, "Webhook endpoint disabled", "Enable the endpoint first."
    ),
    "TOO_MANY_WEBHOOK_ENDPOINTS": Kind(
        409, "Too many webhook endpoints", "Delete an endpoint that is not needed."
    ),
    "BATCH_ABORTED": Kind(409, "Batch aborted", "Mend the item that failed; use new keys."),
    "HOLD_EXPIRED": Kind(410, "Hold expired", "Take a new hold."),
    DAILY_LIMIT: Kind(429, "Daily limit reached", "Wait for the wallet's next day."),
    "BUDGET_EXCEEDED": Kind(429, "Budget reached", "Wait for the budget's next period."),
}

_HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "UNAUTHENTICATED": {"WWW-Authenticate": 'Bearer realm="khata"'},
    "UNAVAILABLE": {"Retry-After": "1"},
}


def kind_of(code: str) -> Kind:
    """The kind of a code. `DAILY_LIMIT_EXCEEDED_<CAP>` is one kind for all caps.

    An unknown code is a bug of the caller: KeyError.
    """
    return KINDS[DAILY_LIMIT if code.startswith(f"{DAILY_LIMIT}_") else code]


def slug_of(code: str) -> str:
    """`INSUFFICIENT_CREDITS` -> `insufficient-credits`, as in the problem's `type`."""
    return code.lower().replace("_", "-")


def problem_document(code: str, detail: str, facts: Mapping[str, object]) -> dict[str, object]:
    """The problem as JSON will show it; the facts stand beside the standard members."""
    kind = kind_of(code)
    return {
        "type": TYPE_BASE + slug_of(code),
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        **facts,
    }


class Problem(Exception):
    """Raised anywhere behind the door, answered as `application/problem+json`.

    `detail` is a sentence for a person, `facts` are typed members for a program.
    """

    def __init__(
        self, code: str, detail: str, headers: Mapping[str, str] | None = None, **facts: object
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.facts = facts
        self.headers = {**_HEADERS.get(code, {}), **(headers or {})}

    @property
    def status(self) -> int:
        return kind_of(self.code).status

    def body(self) -> bytes:
        return msgspec.json.encode(problem_document(self.code, self.detail, self.facts))


def invalid(field: str, message: str) -> Problem:
    """422 for one field, named by a dotted path such as `items[3].credits`."""
    errors = [{"field": field, "message": message}]
    return Problem("VALIDATION_FAILED", f"{field}: {message}", errors=errors)


def no_scope(scope: str) -> Problem:
    """403, naming the scope that is wanted."""
    detail = f"This needs the scope {scope}, of a key or of a role."
    return Problem("FORBIDDEN", detail, required_scope=scope)
