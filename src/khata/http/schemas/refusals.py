"""Refusals, looked up: why was this call refused, by which level, how far over, until when."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import asdict

from khata.domain.refusals import (
    AnothersLimit,
    AnyRefusal,
    BudgetExceeded,
    CapReached,
    CaptureExceedsHold,
    InsufficientCredits,
    RefundExceedsCharge,
    WalletFrozen,
)
from khata.domain.times import rfc3339
from khata.http.refused import refusal_facts
from khata.http.schemas.common import Cursor, Instant, Limit, Time
from khata.postgres.refusals import KeptRefusal

Facts = Mapping[str, str | int | bool | None]


class RefusalQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of refusals, newest first."""

    code: str | None = None
    from_: Instant | None = field(name="from", default=None)
    to: Instant | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class Standing(Struct, frozen=True, kw_only=True):
    """The wallet at the moment of the refusal."""

    available_credits: int
    reserved_credits: int
    sequence: int


class Refusal(Struct, frozen=True, kw_only=True):
    """A call that was refused. `level` is what refused it: a cap, a budget's level, the wallet
    itself, or the hold or charge it went beyond; `over` is by how much; `resets_at` when there is
    room again. `price` is what it would have cost. `facts` are those of the problem it was answered
    with; where the limit of a platform's key refused it, an organization is told no more than
    that."""

    id: str
    wallet_id: str
    code: str
    detail: str
    level: str | None
    over: int | None
    resets_at: Time | None
    operation: str
    feature: str | None
    category: str | None
    quantity: int | None
    price: int | None
    price_version: int | None
    member_id: str | None
    key_id: str | None
    hold_id: str | None
    idempotency_key: str
    wallet: Standing
    facts: Facts
    created_at: Time


def refusal_shown(wallet_id: str, kept: KeptRefusal) -> Refusal:
    """The refusal as the API shows it."""
    so, refusal = kept.circumstances, kept.refusal
    level, over, resets_at_us = _limit(refusal)
    return Refusal(
        id=kept.id,
        wallet_id=wallet_id,
        code=refusal.code,
        detail=refusal.detail,
        level=level,
        over=over,
        resets_at=None if resets_at_us is None else rfc3339(resets_at_us),
        operation=so.operation,
        feature=so.feature,
        category=so.category,
        quantity=so.quantity,
        price=so.price,
        price_version=so.price_version,
        member_id=so.member_id,
        key_id=so.key_id,
        hold_id=so.hold_id,
        idempotency_key=kept.idempotency_key,
        wallet=Standing(
            available_credits=so.available, reserved_credits=so.reserved, sequence=so.sequence
        ),
        facts=refusal_facts(asdict(refusal)),
        created_at=rfc3339(kept.at_us),
    )


def _limit(refusal: AnyRefusal | AnothersLimit) -> tuple[str | None, int | None, int | None]:
    match refusal:
        case CapReached():
            return "cap", refusal.used + 1 - refusal.limit, refusal.resets_at_us
        case BudgetExceeded():
            return refusal.level, refusal.over, refusal.resets_at_us
        case AnothersLimit():
            return refusal.level, None, None
        case InsufficientCredits():
            return "wallet", refusal.shortfall, None
        case WalletFrozen():
            return "wallet", None, None
        case CaptureExceedsHold():
            return "hold", refusal.requested - refusal.held, None
        case RefundExceedsCharge():
            return "charge", refusal.requested - refusal.refundable, None
        case _:
            return None, None, None
