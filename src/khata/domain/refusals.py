"""Refusals: values that say why a command may not be carried out, and by how much it misses.

Each has a stable code and typed facts. Those with `decided = False` never reached a decision:
their idempotency key stays unused.
"""

from typing import ClassVar

from msgspec import Struct

from khata.domain.budgets import THROTTLE
from khata.domain.wallet import RAPID_BURN

_WITHIN = {"hour": "an hour", "day": "a day", "month": "a month", "lifetime": "in all"}


class Refusal(Struct, frozen=True, gc=False, tag_field="refusal"):
    """Base of all refusals: a stable `code`, a sentence for people in `detail`, and the struct's
    fields as its facts."""

    decided: ClassVar[bool] = True


class WalletNotFound(Refusal, frozen=True, gc=False, tag="wallet_not_found"):
    code: ClassVar[str] = "WALLET_NOT_FOUND"
    decided: ClassVar[bool] = False
    wallet_id: str

    @property
    def detail(self) -> str:
        return f"There is no wallet {self.wallet_id}."


class HoldNotFound(Refusal, frozen=True, gc=False, tag="hold_not_found"):
    code: ClassVar[str] = "HOLD_NOT_FOUND"
    decided: ClassVar[bool] = False
    hold_id: str

    @property
    def detail(self) -> str:
        return f"This wallet has no hold {self.hold_id}."


class TransactionNotFound(Refusal, frozen=True, gc=False, tag="transaction_not_found"):
    code: ClassVar[str] = "TRANSACTION_NOT_FOUND"
    decided: ClassVar[bool] = False
    transaction_id: str

    @property
    def detail(self) -> str:
        return f"This wallet has no transaction {self.transaction_id}."


class KeyReused(Refusal, frozen=True, gc=False, tag="key_reused"):
    code: ClassVar[str] = "IDEMPOTENCY_KEY_REUSED"
    decided: ClassVar[bool] = False
    idempotency_key: str

    @property
    def detail(self) -> str:
        return (
            f"The idempotency key {self.idempotency_key} already stands for another request on "
            "this wallet. Use a new key."
        )


class WalletFrozen(Refusal, frozen=True, gc=False, tag="wallet_frozen"):
    code: ClassVar[str] = "WALLET_FROZEN"
    wallet_status: str
    reason: str | None = None

    @property
    def detail(self) -> str:
        why = " because it used its credits too fast" if self.reason == RAPID_BURN else ""
        return f"The wallet is {self.wallet_status}{why}: no credits may leave it."


class UnknownFeature(Refusal, frozen=True, gc=False, tag="unknown_feature"):
    code: ClassVar[str] = "UNKNOWN_FEATURE"
    decided: ClassVar[bool] = False
    feature: str
    price_version: int

    @property
    def detail(self) -> str:
        return f"Price list version {self.price_version} has no feature {self.feature}."


class PricingMismatch(Refusal, frozen=True, gc=False, tag="pricing_mismatch"):
    code: ClassVar[str] = "PRICING_MATRIX_MISMATCH"
    expected: int
    claimed: int
    price_version: int

    @property
    def detail(self) -> str:
        return (
            f"Price list version {self.price_version} makes this {self.expected} credits, "
            f"not {self.claimed}."
        )


class CapReached(Refusal, frozen=True, gc=False, tag="cap_reached"):
    cap: str
    used: int
    limit: int
    resets_at_us: int

    @property
    def code(self) -> str:
        """One code for each cap, such as DAILY_LIMIT_EXCEEDED_AI."""
        return f"DAILY_LIMIT_EXCEEDED_{self.cap}"

    @property
    def detail(self) -> str:
        return f"The daily cap {self.cap} of {self.limit} operations is used up."


class BudgetExceeded(Refusal, frozen=True, gc=False, kw_only=True, tag="budget_exceeded"):
    """A budget would be exceeded by `over`. One of a window without an end never resets."""

    code: ClassVar[str] = "BUDGET_EXCEEDED"
    budget_id: str
    level: str
    subject: str | None
    category: str | None
    feature: str | None
    unit: str
    window: str
    used: int
    limit: int
    requested: int
    over: int
    resets_at_us: int | None

    @property
    def detail(self) -> str:
        whose = f"of {self.level} {self.subject}" if self.subject else "of the organization"
        unit = ("credit" if self.unit == "credits" else "operation") + "s" * (self.limit != 1)
        if self.budget_id.startswith(THROTTLE):
            return (
                f"The wallet used its credits too fast and is slowed down to {self.limit} an hour, "
                f"of which {self.used} are used: {self.requested} more are {self.over} too many."
            )
        return (
            f"The budget {whose}, {self.limit} {unit} {_WITHIN[self.window]}, has {self.used} "
            f"used: {self.requested} more are {self.over} too many."
        )


class AnothersLimit(Refusal, frozen=True, gc=False, tag="anothers_limit"):
    """What is told of `BudgetExceeded` to those who may not know of the key whose limit it was: it
    counts what others spend."""

    code: ClassVar[str] = "BUDGET_EXCEEDED"
    level: str = "key"

    @property
    def detail(self) -> str:
        return "The key that asked has a spending limit of its own, which left no room for this."


class InsufficientCredits(Refusal, frozen=True, gc=False, tag="insufficient_credits"):
    code: ClassVar[str] = "INSUFFICIENT_CREDITS"
    required: int
    available: int
    shortfall: int

    @classmethod
    def of(cls, required: int, available: int) -> "InsufficientCredits":
        """The refusal of a charge of `required` credits."""
        return cls(required, available, required - available)

    @property
    def detail(self) -> str:
        return f"{self.required} credits are needed and {self.available} are available."


class InvalidCreditAmount(Refusal, frozen=True, gc=False, tag="invalid_credit_amount"):
    code: ClassVar[str] = "INVALID_CREDIT_AMOUNT"
    decided: ClassVar[bool] = False
    credits: int
    minimum: int
    maximum: int

    @property
    def detail(self) -> str:
        return f"credits must be from {self.minimum} to {self.maximum}."


class GrantExpired(Refusal, frozen=True, gc=False, tag="grant_expired"):
    code: ClassVar[str] = "VALIDATION_FAILED"
    decided: ClassVar[bool] = False
    expires_at_us: int

    @property
    def detail(self) -> str:
        return "expires_at must lie in the future."


class HoldNotOpen(Refusal, frozen=True, gc=False, tag="hold_not_open"):
    code: ClassVar[str] = "HOLD_NOT_OPEN"
    hold_id: str
    state: str

    @property
    def detail(self) -> str:
        return f"The hold is {self.state} already."


class HoldExpired(Refusal, frozen=True, gc=False, tag="hold_expired"):
    code: ClassVar[str] = "HOLD_EXPIRED"
    hold_id: str
    expired_at_us: int

    @property
    def detail(self) -> str:
        return "The hold has expired and its credits went back to the wallet."


class CaptureExceedsHold(Refusal, frozen=True, gc=False, tag="capture_exceeds_hold"):
    code: ClassVar[str] = "CAPTURE_EXCEEDS_HOLD"
    requested: int
    held: int

    @property
    def detail(self) -> str:
        return (
            f"{self.requested} credits are more than the {self.held} held. "
            'Send over_capture "if_available" to take the rest from the wallet.'
        )


class RefundExceedsCharge(Refusal, frozen=True, gc=False, tag="refund_exceeds_charge"):
    code: ClassVar[str] = "REFUND_EXCEEDS_CHARGE"
    requested: int
    refundable: int

    @property
    def detail(self) -> str:
        return f"{self.refundable} credits of this charge are left to refund."


class RefundRestored(Refusal, frozen=True, gc=False, tag="refund_restored"):
    code: ClassVar[str] = "REFUND_RESTORED"
    refund_id: str

    @property
    def detail(self) -> str:
        return "The credits of this refund were given back already."


class NotTransferable(Refusal, frozen=True, gc=False, tag="not_transferable"):
    code: ClassVar[str] = "NOT_TRANSFERABLE"
    requested: int
    transferable: int
    reason: str

    @property
    def detail(self) -> str:
        return self.reason


class NotPayable(Refusal, frozen=True, gc=False, tag="not_payable"):
    code: ClassVar[str] = "NOT_PAYABLE"
    requested: int
    payable: int

    @property
    def detail(self) -> str:
        return f"Only {self.payable} of the available credits were bought and may be paid out."


class PayoutNotFound(Refusal, frozen=True, gc=False, tag="payout_not_found"):
    code: ClassVar[str] = "PAYOUT_NOT_FOUND"
    decided: ClassVar[bool] = False
    payout_id: str

    @property
    def detail(self) -> str:
        return f"This wallet has no payout {self.payout_id}."


class PayoutNotHeld(Refusal, frozen=True, gc=False, tag="payout_not_held"):
    code: ClassVar[str] = "PAYOUT_NOT_HELD"
    payout_id: str

    @property
    def detail(self) -> str:
        return "The payout was released already."


class BatchAborted(Refusal, frozen=True, gc=False, tag="batch_aborted"):
    code: ClassVar[str] = "BATCH_ABORTED"
    failed_index: int

    @property
    def detail(self) -> str:
        return f"Nothing of this atomic batch was carried out: item {self.failed_index} failed."


AnyRefusal = (
    WalletNotFound
    | HoldNotFound
    | TransactionNotFound
    | KeyReused
    | WalletFrozen
    | UnknownFeature
    | PricingMismatch
    | CapReached
    | BudgetExceeded
    | InsufficientCredits
    | InvalidCreditAmount
    | GrantExpired
    | HoldNotOpen
    | HoldExpired
    | CaptureExceedsHold
    | RefundExceedsCharge
    | RefundRestored
    | NotTransferable
    | NotPayable
    | PayoutNotFound
    | PayoutNotHeld
    | BatchAborted
)
