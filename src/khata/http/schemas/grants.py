"""Grants: what comes in, as lots; what is taken back, refunded or given away."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from khata.domain import wallet as domain
from khata.domain.grants import GrantCredits
from khata.domain.ids import TransactionId, WalletId
from khata.domain.refunds import RefundUsage
from khata.domain.times import rfc3339
from khata.domain.transfers import Transfer
from khata.domain.wallet import NEVER_US, GrantKind
from khata.http.problems import invalid
from khata.http.schemas.common import (
    AnyId,
    Credits,
    Cursor,
    Instant,
    Limit,
    Note,
    SignedCredits,
    Time,
    demand_credits,
    demand_signed_credits,
    microseconds_of,
)


class GrantBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Credits to give. A negative adjustment takes credits back, never below 0."""

    kind: Literal["bonus", "promo", "adjustment", "plan"]
    credits: SignedCredits
    note: Note
    expires_at: Instant | None = None
    priority: Annotated[int, Meta(ge=0, le=1000)] = 50
    transferable: bool | None = None

    def command(self, wallet_id: str, key: str) -> GrantCredits:
        """What is asked of the engine. 422 where an amount or a combination can't be."""
        demand_signed_credits(self.credits)
        if self.credits < 0:
            self._demand_plain_adjustment()
        if self.transferable and self.kind == "promo":
            raise invalid("transferable", "must not be true for a promo grant: these stay")
        return GrantCredits(
            wallet_id=WalletId(wallet_id),
            idempotency_key=key,
            kind=self.kind,
            credits=self.credits,
            note=self.note,
            expires_at_us=NEVER_US if self.expires_at is None else microseconds_of(self.expires_at),
            priority=self.priority,
            transferable=self.transferable,
        )

    def _demand_plain_adjustment(self) -> None:
        if self.kind != "adjustment":
            demand_credits(self.credits)
        if self.expires_at is not None:
            raise invalid("expires_at", "must not be sent with credits that are taken back")


class RefundBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A usage to give back, whole unless `credits` says how much of it."""

    transaction_id: AnyId
    reason: Note
    credits: Credits | None = None

    def command(self, wallet_id: str, key: str) -> RefundUsage:
        """What is asked of the engine."""
        if self.credits is not None:
            demand_credits(self.credits)
        return RefundUsage(
            wallet_id=WalletId(wallet_id),
            idempotency_key=key,
            transaction_id=TransactionId(self.transaction_id),
            reason=self.reason,
            credits=self.credits,
        )


class TransferBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A gift to another wallet."""

    to_wallet_id: AnyId
    credits: Credits
    note: Note

    def command(self, wallet_id: str, key: str) -> Transfer:
        """What is asked of the engine."""
        demand_credits(self.credits)
        if self.to_wallet_id == wallet_id:
            raise invalid("to_wallet_id", "must be another wallet")
        return Transfer(
            wallet_id=WalletId(wallet_id),
            idempotency_key=key,
            to_wallet_id=WalletId(self.to_wallet_id),
            credits=self.credits,
            note=self.note,
        )


class Grant(Struct, frozen=True):
    """A lot of credits. `remaining` is what is left of it: available, in holds or locked.

    `cost` is what was paid for it before tax, in paise.
    """

    id: str
    wallet_id: str
    kind: GrantKind
    credits: int
    remaining: int
    available_credits: int
    reserved_credits: int
    locked_credits: int
    priority: int
    expires_at: Time | None
    transferable: bool
    cost: int
    currency: str
    payment_id: str | None
    from_grant_id: str | None
    note: str | None
    created_at: Time


class GrantQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which grants; `live=true` leaves out those of which nothing is left."""

    kind: GrantKind | None = None
    live: bool = False
    limit: Limit = 50
    cursor: Cursor | None = None


def grant_shown(wallet_id: str, lot: domain.Lot) -> Grant:
    """The lot as the API shows it."""
    return Grant(
        id=lot.id,
        wallet_id=wallet_id,
        kind=lot.kind,
        credits=lot.granted,
        remaining=lot.available + lot.reserved + lot.locked,
        available_credits=lot.available,
        reserved_credits=lot.reserved,
        locked_credits=lot.locked,
        priority=lot.priority,
        expires_at=None if lot.expires_at_us == NEVER_US else rfc3339(lot.expires_at_us),
        transferable=lot.transferable,
        cost=lot.cost_paise,
        currency="INR",
        payment_id=lot.payment_id,
        from_grant_id=lot.from_grant_id,
        note=lot.note,
        created_at=rfc3339(lot.created_at_us),
    )
