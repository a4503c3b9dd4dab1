"""Refusals, faults and unavailability as problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import asdict

from khata.app.invalid import Invalid
from khata.app.keys import KeyEnded
from khata.app.topups.reviews import NotUnderReview
from khata.domain.quotes import QuoteRefusal
from khata.domain.refund_money import RefundRefusal
from khata.domain.refusals import AnothersLimit, AnyRefusal, GrantExpired, WalletNotFound
from khata.domain.roles import LastOwner, RoleOutOfReach
from khata.domain.sign_in import InvitationFault, SignInFault, TooManyAttempts
from khata.domain.times import rfc3339
from khata.engine.books import Unavailable
from khata.http.problems import Problem, invalid
from khata.payments.gateway import GatewayRefused, GatewayUnavailable

REPLAYED: Final = {"Idempotent-Replayed": "true"}


Refused = (
    AnyRefusal
    | AnothersLimit
    | QuoteRefusal
    | RefundRefusal
    | NotUnderReview
    | LastOwner
    | RoleOutOfReach
    | KeyEnded
    | SignInFault
    | InvitationFault
)


def refusal_problem(
    refusal: Refused, *, replayed: bool = False, refusal_id: str | None = None
) -> Problem:
    """The refusal as a problem, with its fields as facts; the same refusal is the same bytes.

    `refusal_id` is what it can be looked up by, where it is kept.
    """
    if isinstance(refusal, GrantExpired):
        return invalid("expires_at", "must lie in the future")
    field = getattr(refusal, "field", None)
    if refusal.code == "VALIDATION_FAILED" and isinstance(field, str):
        return invalid(field, refusal.detail)
    headers = REPLAYED if replayed else None
    if isinstance(refusal, TooManyAttempts):
        headers = {"Retry-After": str(refusal.retry_after_seconds)}
    facts = refusal_facts(asdict(refusal))
    if refusal_id is not None:
        facts["refusal_id"] = refusal_id
    return Problem(refusal.code, refusal.detail, headers, **facts)


def refusal_facts(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a refusal as its problem shows them: times as RFC 3339."""
    return dict(_fact(name, value) for name, value in fields.items())


def no_wallet(wallet_id: str) -> Problem:
    """404, for a wallet that is not there and for one that the caller may not know of."""
    return refusal_problem(WalletNotFound(wallet_id))


def bug() -> Problem:
    """500, without a word of what it was."""
    return Problem("INTERNAL", "Our mistake, not yours.")


def problem_of(error: Exception) -> Problem | None:
    """The problem in what a route raised; none where it is a bug."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Invalid):
        return invalid(error.field, error.message)
    if isinstance(error, GatewayRefused):
        return Problem("GATEWAY_REFUSED", f"The payment gateway said: {error.description}")
    if isinstance(error, GatewayUnavailable):
        detail = "The payment gateway does not answer. Try again with the same key."
        return Problem("UNAVAILABLE", detail)
    if isinstance(error, Unavailable):
        return Problem("UNAVAILABLE", "Not possible at this moment. Try again with the same key.")
    return None


def _fact(name: str, value: object) -> tuple[str, object]:
    if name.endswith("_us") and isinstance(value, int | None):
        return name.removesuffix("_us"), None if value is None else rfc3339(value)
    return name, value
