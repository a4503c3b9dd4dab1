"""Wallets: how one is made and changed, and what is shown of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from khata.app.past_balances import Balances
from khata.app.wallets import FirstSettings, WalletPatch
from khata.domain import gate as gates
from khata.domain import wallet as domain
from khata.domain.money import MAX_WALLET_CREDITS
from khata.domain.protection import Protection, protection_of
from khata.domain.times import rfc3339
from khata.domain.wallet import Accounts, OwnerType, RapidBurnAction, WalletStatus
from khata.http.schemas.auto_recharge import NO_RECHARGE, AutoRecharge
from khata.http.schemas.budget_uses import BudgetStanding, standing_shown
from khata.http.schemas.common import (
    Cursor,
    FeatureCode,
    Instant,
    Limit,
    MemberId,
    Name,
    Quantity,
    Time,
)

OwnerId = Annotated[str, Meta(min_length=1, max_length=120)]
OrganizationIdText = Annotated[str, Meta(min_length=1, max_length=64)]
Threshold = Annotated[int, Meta(ge=0, le=MAX_WALLET_CREDITS)]


class WalletBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose wallet it is. Without an organization it is made in the default one."""

    owner_type: OwnerType
    owner_id: OwnerId
    name: Name
    organization_id: OrganizationIdText | None = None
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    low_balance_threshold: Threshold | None = None

    def first_settings(self) -> FirstSettings:
        given = {"time_zone": self.time_zone, "low_balance_threshold": self.low_balance_threshold}
        return replace(
            FirstSettings(), **{name: each for name, each in given.items() if each is not None}
        )


class WalletChanges(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Settings to change; the others stay. A cap of null goes back to the operator's."""

    name: Name | UnsetType = UNSET
    status: Literal["active", "frozen"] | UnsetType = UNSET
    low_balance_threshold: Threshold | UnsetType = UNSET
    rapid_burn_limit: Annotated[int, Meta(ge=1, le=MAX_WALLET_CREDITS)] | UnsetType = UNSET
    rapid_burn_action: RapidBurnAction | UnsetType = UNSET
    caps: dict[str, int | None] | UnsetType = UNSET

    def patch(self) -> WalletPatch:
        """What is asked of the registry."""
        return WalletPatch(
            name=self.name,
            status=self.status,
            low_balance_threshold=self.low_balance_threshold,
            rapid_burn_limit=self.rapid_burn_limit,
            rapid_burn_action=self.rapid_burn_action,
            caps=self.caps,
        )


class WalletQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which wallets."""

    owner_type: OwnerType | None = None
    owner_id: OwnerId | None = None
    organization_id: OrganizationIdText | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class Wallet(Struct, frozen=True):
    """A wallet, its settings and its credits as they count now."""

    id: str
    organization_id: str
    owner_type: OwnerType
    owner_id: str
    name: str
    status: WalletStatus
    time_zone: str
    available_credits: int
    pending_credits: int
    reserved_credits: int
    locked_credits: int
    lifetime_purchased_credits: int
    lifetime_used_credits: int
    low_balance_threshold: int
    rapid_burn_limit: int
    rapid_burn_action: RapidBurnAction
    frozen_reason: str | None
    protection: Protection | None
    caps: Mapping[str, int]
    auto_recharge: AutoRecharge
    created_at: Time
    updated_at: Time


class BalanceQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """When; now if nothing is said."""

    at: Instant | None = None


class BalanceThen(Struct, frozen=True):
    """A wallet's credits as they stood at an instant, and the last transaction by then."""

    wallet_id: str
    at: Time
    available_credits: int
    pending_credits: int
    reserved_credits: int
    locked_credits: int
    sequence: int


class GateQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which feature is about to show itself, and to whom."""

    feature: FeatureCode
    quantity: Quantity = 1
    member_id: MemberId | None = None


class CapStanding(Struct, frozen=True, gc=False):
    """Operations of this wallet's day so far under one cap."""

    cap: str
    used: int
    limit: int
    resets_at: Time


class Gate(Struct, frozen=True, gc=False):
    """What a consume would meet now. At zero credits core features stay allowed, beside the code
    of the refusal that a consume would get."""

    can_use_premium: bool
    is_low_balance: bool
    is_exhausted: bool
    hard_limit_reached: bool
    available_credits: int
    threshold: int
    allowed: bool
    code: str | None
    price: int
    caps: tuple[CapStanding, ...]
    budgets: tuple[BudgetStanding, ...]
    protection: Protection | None


def wallet_shown(
    wallet: domain.Wallet,
    accounts: Accounts,
    pending_credits: int = 0,
    recharge: AutoRecharge = NO_RECHARGE,
) -> Wallet:
    """The wallet as the API shows it."""
    return Wallet(
        id=wallet.id,
        organization_id=wallet.organization_id,
        owner_type=wallet.owner_type,
        owner_id=wallet.owner_id,
        name=wallet.name,
        status=wallet.status,
        time_zone=wallet.time_zone,
        available_credits=accounts.available,
        pending_credits=pending_credits,
        reserved_credits=accounts.reserved,
        locked_credits=accounts.locked,
        lifetime_purchased_credits=-accounts.issued_purchase,
        lifetime_used_credits=accounts.consumed,
        low_balance_threshold=wallet.low_balance_threshold,
        rapid_burn_limit=wallet.rapid_burn_limit,
        rapid_burn_action=wallet.rapid_burn_action,
        frozen_reason=wallet.frozen_reason,
        protection=protection_of(wallet),
        caps=wallet.caps,
        auto_recharge=recharge,
        created_at=rfc3339(wallet.created_at_us),
        updated_at=rfc3339(wallet.updated_at_us),
    )


def balances_then(wallet_id: str, balances: Balances) -> BalanceThen:
    """Past balances as the API shows them."""
    return BalanceThen(
        wallet_id=wallet_id,
        at=rfc3339(balances.at_us),
        available_credits=balances.available,
        pending_credits=0,
        reserved_credits=balances.reserved,
        locked_credits=balances.locked,
        sequence=balances.sequence,
    )


def gate_shown(gate: gates.Gate) -> Gate:
    """The gate as the API shows it."""
    return Gate(
        gate.can_use_premium,
        gate.is_low_balance,
        gate.is_exhausted,
        gate.hard_limit_reached,
        gate.available_credits,
        gate.threshold,
        gate.allowed,
        gate.code,
        gate.price,
        tuple([CapStanding(c.cap, c.used, c.limit, rfc3339(c.resets_at_us)) for c in gate.caps]),
        tuple([standing_shown(use) for use in gate.budgets]),
        gate.protection,
    )
