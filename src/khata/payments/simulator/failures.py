"""What can go wrong, in the words of the wire protocol."""

from typing import Final

from msgspec import Struct

from khata.payments.simulator.documents import Doc

_NOT_ASKED: Final = "NA"


class Failure(Struct, frozen=True):
    """Why a payment failed: the error fields of its entity."""

    reason: str
    description: str
    code: str = "BAD_REQUEST_ERROR"
    source: str = "customer"
    step: str = "payment_authentication"


class GatewayError(Exception):
    """An answer that says no, with its HTTP status and the body that the wire protocol has."""

    def __init__(
        self,
        description: str,
        *,
        failure: Failure | None = None,
        status: int = 400,
        field: str = "",
    ) -> None:
        super().__init__(description)
        self.status = status
        self._description = description
        self._failure = failure or Failure(
            _NOT_ASKED, description, source=_NOT_ASKED, step=_NOT_ASKED
        )
        self._field = field
        self.metadata: Doc = {}

    def body(self) -> Doc:
        failure = self._failure
        error: Doc = {
            "code": failure.code,
            "description": self._description,
            "source": failure.source,
            "step": failure.step,
            "reason": failure.reason,
            "metadata": self.metadata,
        }
        if self._field:
            error["field"] = self._field
        return {"error": error}


def invalid(field: str, description: str) -> GatewayError:
    """A field whose value will not do."""
    failure = Failure(
        "input_validation_failed", description, source="business", step="payment_initiation"
    )
    return GatewayError(description, failure=failure, field=field)


def unknown_id() -> GatewayError:
    """Nothing has this id. The vendor says 400 to that, not 404."""
    return GatewayError("The id provided does not exist")


def refused(failure: Failure) -> GatewayError:
    """A request that the state of things does not allow."""
    return GatewayError(failure.description, failure=failure)


def business(reason: str, description: str, step: str = "payment_initiation") -> Failure:
    """A failure whose source is the caller."""
    return Failure(reason, description, source="business", step=step)


def _bank(reason: str, description: str, code: str = "GATEWAY_ERROR") -> Failure:
    return Failure(reason, description, code, "bank", "payment_authorization")


def _mandate(reason: str, description: str) -> Failure:
    return Failure(reason, description, source="customer", step="payment_initiation")


FAILURES: Final = {
    failure.reason: failure
    for failure in (
        Failure("payment_failed", "Your payment could not be completed. Try another method."),
        Failure("payment_timed_out", "Your payment was not completed on time. Try again."),
        Failure("payment_cancelled", "You cancelled the payment."),
        Failure("authentication_failed", "The bank could not verify you. Try again."),
        _bank(
            "insufficient_funds", "Your account does not have enough funds.", "BAD_REQUEST_ERROR"
        ),
        _bank("card_declined", "Your bank declined the card.", "BAD_REQUEST_ERROR"),
        _bank("card_disabled_for_online_payments", "This card is disabled for online payments."),
        _bank("gateway_technical_error", "The bank's gateway failed. Try again later."),
        _bank("bank_technical_error", "Your bank has a technical problem. Try again later."),
        _bank("debit_declined", "Your bank declined the debit.", "BAD_REQUEST_ERROR"),
        _bank("limit_exceeded_remitting_bank", "The debit is above what is left of the block."),
        _bank("pre_debit_notification_failed", "The notice before the debit was not delivered."),
        _mandate("mandate_not_active", "The mandate is not active."),
        _mandate("mandate_paused", "The customer paused the mandate."),
        _mandate("mandate_cancelled", "The customer cancelled the mandate."),
        _mandate("mandate_expired", "The mandate has expired."),
        _mandate(
            "amount_does_not_match_mandate_amount",
            "The amount is not within the amount of the mandate.",
        ),
        _mandate(
            "mandate_current_cycle_allowed_debit_exceeds",
            "The mandate was debited in this cycle already.",
        ),
        _mandate("invalid_token", "The token is not one that can be debited."),
    )
}
