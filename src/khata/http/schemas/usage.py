"""Consuming and holding: what is asked of a wallet's credits, and holds as they are shown."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from khata.domain import wallet as domain
from khata.domain.consume import Consume
from khata.domain.holds import (
    DEFAULT_TTL_SECONDS,
    CaptureHold,
    ExtendHold,
    OpenHold,
    ReleaseHold,
)
from khata.domain.ids import HoldId, WalletId
from khata.domain.times import rfc3339
from khata.domain.wallet import HoldState
from khata.http.bodies import Metadata
from khata.http.problems import invalid
from khata.http.schemas.common import (
    Credits,
    Cursor,
    FeatureCode,
    Limit,
    MemberId,
    MetadataShown,
    Quantity,
    Time,
    TtlSeconds,
    demand_credits,
    demand_quantity,
    metadata_shown,
    metadata_text,
)


class ConsumeBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An operation to charge. `credits` is no more than an assertion of its price."""

    feature: FeatureCode
    quantity: Quantity = 1
    credits: Credits | None = None
    member_id: MemberId | None = None
    metadata: Metadata | None = None

    def command(self, wallet_id: str, key: str) -> Consume:
        """What is asked of the engine. 422 for an amount out of range."""
        demand_quantity(self.quantity)
        if self.credits is not None:
            demand_credits(self.credits)
        return Consume(
            wallet_id=WalletId(wallet_id),
            idempotency_key=key,
            feature=self.feature,
            quantity=self.quantity,
            credits=self.credits,
            member_id=self.member_id,
            metadata=metadata_text(self.metadata),
        )


class HoldBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Credits to set aside: the price of `quantity`, or exactly `credits`."""

    feature: FeatureCode
    quantity: Quantity | None = None
    credits: Credits | None = None
    ttl_seconds: TtlSeconds = DEFAULT_TTL_SECONDS
    member_id: MemberId | None = None
    metadata: Metadata | None = None

    def command(self, wallet_id: str, key: str) -> OpenHold:
        """What is asked of the engine."""
        _demand_one_amount(self.quantity, self.credits)
        return OpenHold(
            wallet_id=WalletId(wallet_id),
            idempotency_key=key,
            feature=self.feature,
            quantity=self.quantity,
            credits=self.credits,
            ttl_seconds=self.ttl_seconds,
            member_id=self.member_id,
            metadata=metadata_text(self.metadata),
        )


class CaptureBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the work came to: the price of `quantity`, or exactly `credits`."""

    quantity: Quantity | None = None
    credits: Credits | None = None
    over_capture: Literal["reject", "if_available"] = "reject"

    def command(self, wallet_id: str, key: str, hold_id: str) -> CaptureHold:
        """What is asked of the engine."""
        _demand_one_amount(self.quantity, self.credits)
        return CaptureHold(
            wallet_id=WalletId(wallet_id),
            idempotency_key=key,
            hold_id=HoldId(hold_id),
            quantity=self.quantity,
            credits=self.credits,
            over_capture=self.over_capture,
        )


class ReleaseBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nothing to say: a hold is released whole. The body may be left out."""

    def command(self, wallet_id: str, key: str, hold_id: str) -> ReleaseHold:
        """What is asked of the engine."""
        return ReleaseHold(
            wallet_id=WalletId(wallet_id), idempotency_key=key, hold_id=HoldId(hold_id)
        )


class ExtendBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long the hold is to live from now."""

    ttl_seconds: TtlSeconds

    def command(self, wallet_id: str, key: str, hold_id: str) -> ExtendHold:
        """What is asked of the engine."""
        return ExtendHold(
            wallet_id=WalletId(wallet_id),
            idempotency_key=key,
            hold_id=HoldId(hold_id),
            ttl_seconds=self.ttl_seconds,
        )


class Hold(Struct, frozen=True, gc=False):
    """Credits set aside for work under way. It counts for nothing from `expires_at` on."""

    id: str
    wallet_id: str
    credits: int
    captured_credits: int
    state: HoldState
    expires_at: Time
    feature: str
    category: str
    quantity: int | None
    price_version: int
    member_id: str | None
    metadata: MetadataShown
    created_at: Time


class HoldQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which holds, by their state now."""

    state: HoldState | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


def hold_shown(wallet_id: str, hold: domain.Hold) -> Hold:
    """The hold as the API shows it."""
    return Hold(
        hold.id,
        wallet_id,
        hold.credits,
        hold.captured,
        hold.state,
        rfc3339(hold.expires_at_us),
        hold.feature,
        hold.category,
        hold.quantity,
        hold.price_version,
        hold.member_id,
        metadata_shown(hold.metadata),
        rfc3339(hold.created_at_us),
    )


def _demand_one_amount(quantity: int | None, credits: int | None) -> None:
    if (quantity is None) == (credits is None):
        raise invalid("quantity", "exactly one of quantity and credits must be sent")
    if quantity is not None:
        demand_quantity(quantity)
    elif credits is not None:
        demand_credits(credits)
