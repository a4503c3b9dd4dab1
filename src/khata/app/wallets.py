"""Wallets: made once for each owner, found, listed, and their settings changed."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Struct, UnsetType

from khata.app.audited import Change, differing, note_change
from khata.app.invalid import Invalid
from khata.app.price_list import OPERATOR_CAPS
from khata.app.watching.wishes import look_again, look_at_caps
from khata.domain.actor import SERVICE, Actor
from khata.domain.ids import OrganizationId, WalletId, is_id
from khata.domain.money import MAX_WALLET_CREDITS
from khata.domain.wallet import Accounts, OwnerType, RapidBurnAction, Wallet
from khata.engine.ids import UlidMint
from khata.postgres import claims
from khata.postgres import wallets as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.organizations import default_organization, organization_exists
from khata.postgres.protections import note_release
from khata.postgres.wallets import Owner

DEFAULT_TIME_ZONE = "Asia/Kolkata"
DEFAULT_THRESHOLD = 200

T = TypeVar("T")

_KNOWN_OWNERS = 50_000
_encode = msgspec.json.Encoder().encode


class WalletPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings to change; what is unset stays. A cap of null is taken off."""

    name: str | UnsetType = UNSET
    status: Literal["active", "frozen"] | UnsetType = UNSET
    low_balance_threshold: int | UnsetType = UNSET
    rapid_burn_limit: int | UnsetType = UNSET
    rapid_burn_action: RapidBurnAction | UnsetType = UNSET
    caps: Mapping[str, int | None] | UnsetType = UNSET


class FirstSettings(Struct, frozen=True, kw_only=True):
    """What a new wallet begins with."""

    time_zone: str = DEFAULT_TIME_ZONE
    low_balance_threshold: int = DEFAULT_THRESHOLD


_DEFAULTS = FirstSettings()


class Wallets:
    """The registry of wallets. None of its calls moves credits."""

    def __init__(
        self,
        pool: Pool,
        mint: UlidMint,
        now_us: Callable[[], int],
        caps: Mapping[str, int] = OPERATOR_CAPS,
    ) -> None:
        self._pool = pool
        self._mint = mint
        self._now_us = now_us
        self._caps = caps
        self._default: OrganizationId | None = None
        self._owners: dict[str, Owner] = {}

    async def create(
        self,
        organization_id: OrganizationId | None,
        owner_type: OwnerType,
        owner_id: str,
        name: str,
        first: FirstSettings = _DEFAULTS,
        by: Actor = SERVICE,
    ) -> tuple[Wallet, Accounts, bool]:
        """The owner's wallet, its accounts as booked, and whether it was made just now.

        An owner has one wallet in an organization, however many ask for it at once. An existing
        one keeps its settings. Raises `Invalid`.
        """
        if not is_time_zone(first.time_zone):
            raise Invalid("time_zone", "must be a name of the IANA time zones, as Asia/Kolkata")
        threshold = first.low_balance_threshold
        _demand_within("low_balance_threshold", threshold, 0, MAX_WALLET_CREDITS)
        async with borrowed(self._pool) as connection, connection.transaction():
            wallet = Wallet(
                id=WalletId("wal_" + self._mint.anywhere()),
                organization_id=await self._organization(connection, organization_id),
                owner_type=owner_type,
                owner_id=owner_id,
                name=name,
                created_at_us=(now_us := self._now_us()),
                updated_at_us=now_us,
                time_zone=first.time_zone,
                low_balance_threshold=threshold,
            )
            existing_id = await store.insert_wallet(connection, wallet)
            if existing_id is None:
                await note_change(connection, by, _made(wallet), now_us)
                return wallet, Accounts(), True
            existing = await store.wallet(connection, existing_id)
            accounts = await store.accounts(connection, existing_id)
        assert existing is not None, f"an owner's wallet {existing_id} is missing"
        return existing, accounts, False

    async def find(self, wallet_id: str) -> Wallet | None:
        """Who the wallet is, and its settings."""
        if not is_id(wallet_id, "wal_"):
            return None
        async with borrowed(self._pool) as connection:
            return await store.wallet(connection, WalletId(wallet_id))

    async def list(
        self,
        owner_type: str | None = None,
        owner_id: str | None = None,
        organization_id: str | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> list[Wallet]:
        """Up to `limit` of those wallets, oldest first, beginning behind the id `after`."""
        async with borrowed(self._pool) as connection:
            return await store.wallets(
                connection, owner_type, owner_id, organization_id, limit, after or ""
            )

    async def change(
        self, wallet_id: str, patch: WalletPatch, by: Actor = SERVICE
    ) -> Wallet | None:
        """The wallet with new settings; none where there is no such wallet. Raises `Invalid`."""
        if not is_id(wallet_id, "wal_"):
            return None
        settings = self._settings(patch)
        known = WalletId(wallet_id)
        async with borrowed(self._pool) as connection, connection.transaction():
            await claims.lock_wallet(connection, known)
            before = await store.wallet(connection, known)
            after = await self._change(connection, known, settings)
            if before is not None and after is not None:
                await note_wallet_changed(connection, by, before, after)
            return after

    async def identity(self, wallet_id: str) -> Owner | None:
        """The wallet's organization, owner's type and owner's id, none of which ever changes."""
        known = self._owners.get(wallet_id)
        if known is not None or not is_id(wallet_id, "wal_"):
            return known
        async with borrowed(self._pool) as connection:
            found = await store.owner(connection, WalletId(wallet_id))
        if found is not None:
            self._remember(wallet_id, found)
        return found

    def _remember(self, wallet_id: str, owner: Owner) -> None:
        if len(self._owners) >= _KNOWN_OWNERS:
            del self._owners[next(iter(self._owners))]
        self._owners[wallet_id] = owner

    async def _organization(
        self, connection: Connection, organization_id: OrganizationId | None
    ) -> OrganizationId:
        if organization_id is None:
            self._default = self._default or await default_organization(connection)
            assert self._default is not None, "the first start makes a default organization"
            return self._default
        if not await organization_exists(connection, organization_id):
            raise Invalid("organization_id", "is no organization here")
        return organization_id

    async def _change(
        self, connection: Connection, wallet_id: WalletId, settings: store.Settings
    ) -> Wallet | None:
        """Whoever sets a wallet's status decides over its protection too."""
        now_us = self._now_us()
        if settings.status is not None:
            await note_release(connection, wallet_id)
        wallet = await store.change_wallet(connection, wallet_id, settings, now_us)
        lines = (settings.low_balance_threshold, settings.rapid_burn_limit)
        if wallet is not None and {None} != {*lines, settings.rapid_burn_action}:
            await look_again(connection, wallet_id, now_us)
        if wallet is not None and settings.caps != store.NO_CAPS:
            await look_at_caps(connection, wallet_id, now_us)
        return wallet

    def _settings(self, patch: WalletPatch) -> store.Settings:
        threshold = _given(patch.low_balance_threshold)
        rapid_burn = _given(patch.rapid_burn_limit)
        caps = _given(patch.caps)
        _demand_within("low_balance_threshold", threshold, 0, MAX_WALLET_CREDITS)
        _demand_within("rapid_burn_limit", rapid_burn, 1, MAX_WALLET_CREDITS)
        for cap, limit in (caps or {}).items():
            if cap not in self._caps:
                raise Invalid(f"caps.{cap}", f"is no cap; there are {', '.join(self._caps)}")
            _demand_within(f"caps.{cap}", limit, 0, self._caps[cap])
        return store.Settings(
            name=_given(patch.name),
            status=_given(patch.status),
            low_balance_threshold=threshold,
            rapid_burn_limit=rapid_burn,
            caps=_encode(caps or {}).decode(),
            rapid_burn_action=_given(patch.rapid_burn_action),
        )


def _made(wallet: Wallet) -> Change:
    return Change(
        organization_id=wallet.organization_id,
        action="wallet.created",
        subject=wallet.id,
        after={
            "owner_type": wallet.owner_type,
            "owner_id": wallet.owner_id,
            "name": wallet.name,
            "time_zone": wallet.time_zone,
            "low_balance_threshold": wallet.low_balance_threshold,
        },
    )


async def note_wallet_changed(
    connection: Connection, by: Actor, before: Wallet, after: Wallet
) -> None:
    """Writes down what differs, if anything does."""
    was, now = differing(before, after, but=("updated_at_us",))
    if now:
        change = Change(
            organization_id=after.organization_id,
            action="wallet.changed",
            subject=after.id,
            before=was,
            after=now,
        )
        await note_change(connection, by, change, after.updated_at_us)


@lru_cache(maxsize=1024)
def is_time_zone(name: str) -> bool:
    """Whether the zone is known here."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a path, a folder of zones, no zone
        return False
    return True


def _given(value: T | UnsetType) -> T | None:
    return None if value is UNSET else value


def _demand_within(field: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise Invalid(field, f"must be {least} to {most}")
