"""When and how a wallet recharges itself: shown, and changed under the lock of its accounts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from khata.app.invalid import Invalid
from khata.app.recharge.audited import note_settings
from khata.app.recharge.lines import Lines
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.packs import TopUpTerms
from khata.domain.quotes import Quote, QuoteRefusal, quote
from khata.domain.recharge import Method, RechargeSettings
from khata.domain.recharge_times import month_bounds_us
from khata.postgres import recharge_settings as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.budget_counts import zones
from khata.postgres.connect import Pool
from khata.postgres.payment_methods import method_of
from khata.postgres.recharges import lock_line, spent_in_months

ShownState = Literal["idle", "scheduled", "charging", "backing_off", "disabled"]


class AutoRecharge(Struct, frozen=True):
    """The settings, and what the wallet is at."""

    settings: RechargeSettings
    state: ShownState
    month_paise: int | None
    """What the limit of the month has on it; none where there is no limit."""


class RechargeChange(Struct, frozen=True, kw_only=True):
    """Settings to change; what is unset stays. A limit of None is none."""

    enabled: bool
    threshold_credits: int | UnsetType = UNSET
    amount_paise: int | UnsetType = UNSET
    payment_method_id: str | UnsetType | None = UNSET
    daily_limit_paise: int | UnsetType | None = UNSET
    monthly_limit_paise: int | UnsetType | None = UNSET


class AutoRecharges:
    """The settings of wallets."""

    def __init__(
        self, pool: Pool, lines: Lines, terms: TopUpTerms, now_us: Callable[[], int]
    ) -> None:
        self._pool = pool
        self._lines = lines
        self._terms = terms
        self._now_us = now_us

    async def of_wallets(self, wallet_ids: Iterable[WalletId]) -> Mapping[WalletId, AutoRecharge]:
        """How those wallets stand that have ever had settings."""
        async with borrowed(self._pool) as connection:
            found = await store.standings(connection, wallet_ids)
            now_us = self._now_us()
            spent = await _on_limits(connection, [known[0] for known in found.values()], now_us)
        return {
            wallet_id: AutoRecharge(
                settings,
                shown_state(settings, now_us, waits=waits, is_charging=is_charging),
                spent.get(wallet_id),
            )
            for wallet_id, (settings, waits, is_charging) in found.items()
        }

    async def change(
        self,
        wallet_id: WalletId,
        organization_id: OrganizationId,
        change: RechargeChange,
        by: Actor,
    ) -> AutoRecharge | QuoteRefusal:
        """The settings after the change, which is written down; where less than the line is
        available already, a recharge begins in the same commit. Raises `Invalid`."""
        async with borrowed(self._pool) as connection, connection.transaction():
            await lock_line(connection, wallet_id)
            before = await store.settings(connection, wallet_id)
            first = RechargeSettings(wallet_id=wallet_id, organization_id=organization_id)
            settings = _changed(before or first, change, self._now_us())
            asked = quote(self._terms, settings.amount_paise)
            if not isinstance(asked, Quote):
                return asked
            _demand_limits(settings)
            await self._demand_method(connection, settings, asked)
            await store.save_settings(connection, settings)
            await note_settings(connection, by, before, settings)
            again_us = await self._lines.draw(connection, wallet_id)
            if again_us is not None:
                await self._lines.want(connection, wallet_id, again_us)
        return (await self.of_wallets([wallet_id]))[wallet_id]

    async def _demand_method(
        self, connection: Connection, settings: RechargeSettings, asked: Quote
    ) -> None:
        if settings.payment_method_id is None:
            if settings.enabled:
                raise Invalid("payment_method_id", "is needed to turn it on")
            return
        found = await method_of(connection, settings.wallet_id, settings.payment_method_id)
        if found is None:
            raise Invalid("payment_method_id", "is no payment method of this wallet")
        if settings.enabled:
            _demand_chargeable(found, asked)


async def _on_limits(
    connection: Connection, settings: Sequence[RechargeSettings], now_us: int
) -> Mapping[WalletId, int]:
    limited = [each.wallet_id for each in settings if each.monthly_limit_paise is not None]
    if not limited:
        return {}
    of_wallets = (await zones(connection, limited)).items()
    months = {wallet_id: month_bounds_us(zone, now_us)[0] for wallet_id, zone in of_wallets}
    return await spent_in_months(connection, months)


def shown_state(
    settings: RechargeSettings, at_us: int, *, waits: bool, is_charging: bool
) -> ShownState:
    """What the wallet is at, in one word."""
    if is_charging:
        return "charging"
    if waits:
        return "scheduled"
    if settings.disabled_reason is not None:
        return "disabled"
    until_us = settings.backing_off_until_us
    if settings.enabled and until_us is not None and until_us > at_us:
        return "backing_off"
    return "idle"


def _changed(before: RechargeSettings, change: RechargeChange, at_us: int) -> RechargeSettings:
    given = {
        name: value
        for name in RechargeChange.__struct_fields__
        if (value := getattr(change, name)) is not UNSET
    }
    after = replace(before, **given, updated_at_us=at_us)
    if change.enabled and not before.enabled:
        after = replace(after, disabled_reason=None)
    if not change.enabled:
        # The customer has had their say, whatever it was turned off for before.
        after = replace(after, disabled_reason=None)
    if after.payment_method_id != before.payment_method_id:
        after = replace(after, declines=0, backing_off_until_us=None)
    return after


def _demand_limits(settings: RechargeSettings) -> None:
    limits = (
        ("daily_limit", settings.daily_limit_paise),
        ("monthly_limit", settings.monthly_limit_paise),
    )
    for field, limit in limits:
        if limit is not None and limit < settings.amount_paise:
            raise Invalid(field, "must be the amount of one recharge or more, or null for none")


def _demand_chargeable(method: Method, asked: Quote) -> None:
    if method.state != "confirmed":
        raise Invalid("payment_method_id", f"is {method.state}, not confirmed")
    most = method.max_amount_paise
    if most is not None and asked.payable_paise > most:
        raise Invalid(
            "amount",
            f"comes to {asked.payable_paise} paise with tax and fee; the payment method allows"
            f" {most} a debit",
        )
