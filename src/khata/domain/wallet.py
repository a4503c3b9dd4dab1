"""The wallet as the rules see it: who it is, its accounts, lots, holds and counters."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from khata.domain.budgets import NO_COUNTS, Budget, BudgetUse, Counts
from khata.domain.ids import GrantId, HoldId, OrganizationId, TransactionId, WalletId
from khata.domain.inr import Legs
from khata.domain.pricing import Remainder

OwnerType = Literal["user", "community", "organization"]
WalletStatus = Literal["active", "frozen", "closed"]
GrantKind = Literal["purchase", "bonus", "promo", "adjustment", "plan"]
RapidBurnAction = Literal["alert", "throttle", "freeze"]
HoldState = Literal["open", "captured", "released", "expired"]

RAPID_BURN = "rapid_burn"
"""Why a wallet is frozen that had that asked for in case of a rapid burn."""

GENESIS = bytes(32)
NEVER_US = 2**62


class Wallet(Struct, frozen=True, gc=False):
    """Identity and settings. Nothing here moves when credits do.

    `budgets` are all that count what it spends, outermost first, its organization's among them.
    `frozen_reason` says why a wallet is frozen, unless somebody froze it by hand.
    """

    id: WalletId
    organization_id: OrganizationId
    owner_type: OwnerType
    owner_id: str
    name: str
    created_at_us: int
    updated_at_us: int
    status: WalletStatus = "active"
    time_zone: str = "Asia/Kolkata"
    low_balance_threshold: int = 200
    rapid_burn_limit: int = 5000
    caps: Mapping[str, int] = {}
    rapid_burn_action: RapidBurnAction = "alert"
    frozen_reason: str | None = None
    budgets: tuple[Budget, ...] = ()


class Accounts(Struct, frozen=True, gc=False):
    """The wallet's own book: what it holds, and where that came from and went. Sums to zero.

    `available` is what its lots hold less `debt`, which only a clawback makes.
    """

    sequence: int = 0
    head: bytes = GENESIS
    at_us: int = 0
    available: int = 0
    reserved: int = 0
    locked: int = 0
    debt: int = 0
    issued_purchase: int = 0
    issued_bonus: int = 0
    issued_promo: int = 0
    issued_plan: int = 0
    adjusted: int = 0
    consumed: int = 0
    expired: int = 0
    transferred: int = 0
    clawed_back: int = 0


class Draw(Struct, frozen=True, gc=False, array_like=True):
    """Credits taken from one lot; negative where they went back to it."""

    grant_id: GrantId
    credits: int


class Lot(Struct, frozen=True, gc=False, omit_defaults=True):
    """Credits of one grant: what is left of them, how long they are good, where they came from."""

    id: GrantId
    kind: GrantKind
    granted: int
    available: int
    sequence: int
    created_at_us: int
    priority: int = 50
    expires_at_us: int = NEVER_US
    transferable: bool = True
    reserved: int = 0
    locked: int = 0
    clawed_back: int = 0
    cost_paise: int = 0
    payment_id: str | None = None
    from_grant_id: GrantId | None = None
    note: str | None = None

    @property
    def gone(self) -> int:
        """Credits that left the lot for good."""
        return self.granted - self.available - self.reserved - self.locked


class Hold(Struct, frozen=True, gc=False, omit_defaults=True):
    """Credits set aside for work under way, at the price version of the day it was taken.

    `budgets` are those that counted it, in the windows in which they did.
    """

    id: HoldId
    feature: str
    category: str
    credits: int
    price_version: int
    expires_at_us: int
    created_at_us: int
    draws: tuple[Draw, ...]
    quantity: int | None = None
    captured: int = 0
    state: HoldState = "open"
    member_id: str | None = None
    cap: str | None = None
    day: int = 0
    metadata: str | None = None
    budgets: tuple[BudgetUse, ...] = ()


class Charge(Struct, frozen=True, gc=False):
    """An earlier usage that a refund names, with the credits already given back.

    `budgets` say which counted its credits, in which windows.
    """

    id: TransactionId
    credits: int
    refunded: int
    draws: tuple[Draw, ...]
    feature: str | None
    category: str | None
    member_id: str | None
    budgets: tuple[BudgetUse, ...] = ()


class TakenBack(Struct, frozen=True, gc=False):
    """A clawback for a refund of money, which is undone once if the refund fails."""

    id: TransactionId
    refund_id: str
    draws: tuple[Draw, ...]
    clawed: tuple[Draw, ...]
    money: Legs
    is_restored: bool = False


class Book(Struct, frozen=True, gc=False):
    """One wallet with all that a decision on it may need.

    `lots` stand in burn-down order. `holds` has those that are due or that a command names.
    `due_us` is no later than the first expiry of any lot or hold of the wallet. `revision` is
    counted by the store whenever anything here changes.
    `caps` counts operations by (cap, day); `charges` are those that refunds of this batch name,
    `clawbacks` those that it undoes.
    `payouts` is what each payout of the wallet holds, nothing once it is released; they are there
    where a command asks for them.
    `counts` is what its budgets have counted, as far as the commands of this batch need it.
    Below `recharge_below` available credits a recharge begins; `recharges` counts those begun.
    """

    wallet: Wallet
    accounts: Accounts = Accounts()
    lots: tuple[Lot, ...] = ()
    holds: Mapping[HoldId, Hold] = {}
    caps: Mapping[tuple[str, int], int] = {}
    meters: Mapping[str, Remainder] = {}
    charges: Mapping[TransactionId, Charge] = {}
    due_us: int = NEVER_US
    revision: int = 0
    clawbacks: Mapping[TransactionId, TakenBack] = {}
    payouts: Mapping[str, tuple[Draw, ...]] = {}
    recharge_below: int | None = None
    recharges: int = 0
    counts: Counts = NO_COUNTS


def first_due_us(lots: tuple[Lot, ...], holds: Mapping[HoldId, Hold]) -> int:
    """When the first lot with credits, or the first open hold, expires."""
    lots_due = min((lot.expires_at_us for lot in lots if lot.available), default=NEVER_US)
    open_holds = (hold.expires_at_us for hold in holds.values() if hold.state == "open")
    return min(lots_due, min(open_holds, default=NEVER_US))
