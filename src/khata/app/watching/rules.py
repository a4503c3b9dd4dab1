"""Alert rules: what a wallet's people want to be told of, from where on, and by which way.

The threshold of a low balance and of a rapid burn are the wallet's own settings, and stand there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, get_args

from msgspec import UNSET, Struct, UnsetType

from khata.app.invalid import Invalid
from khata.app.people.audited import Change, note_change
from khata.app.people.within import known_organization
from khata.app.wallets import note_wallet_changed
from khata.app.watching.ends import EXPIRING, LEAST_CREDITS
from khata.app.watching.wishes import EXPIRIES_JOB, look_again, wish
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.money import MAX_WALLET_CREDITS
from khata.domain.wallet import Wallet
from khata.postgres import alert_rules as store
from khata.postgres import claims, jobs
from khata.postgres import wallets as wallet_store
from khata.postgres.alert_rules import AlertRule
from khata.postgres.alerts import AlertType
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.resolving import resolve

OF_ORGANIZATION: Final[tuple[AlertType, ...]] = ("WEBHOOK_FAILING",)
OF_WALLETS: Final[tuple[AlertType, ...]] = tuple(
    type for type in get_args(AlertType) if type not in OF_ORGANIZATION
)
_LEAST: Final[Mapping[AlertType, int]] = {"LOW_BALANCE": 0, "RAPID_BURN": 1, EXPIRING: 1}


class RuleChange(Struct, frozen=True, kw_only=True):
    """What is to be otherwise for alerts of a type."""

    type: AlertType
    enabled: bool | UnsetType = UNSET
    email: bool | UnsetType = UNSET
    threshold: int | UnsetType = UNSET


class RuleStanding(Struct, frozen=True, kw_only=True):
    """A rule, with the threshold wherever it stands; when an alert was last raised by it, and how
    many are not over."""

    rule: AlertRule
    last_raised_at_us: int | None
    unresolved: int


class AlertRules:
    """The rules of wallets, and those of an organization for what concerns all of it."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us

    async def of_wallet(self, wallet_id: WalletId) -> list[RuleStanding]:
        """The rules of a wallet that there is, one for each type of alert."""
        async with borrowed(self._pool) as connection:
            wallet = await _wallet(connection, wallet_id)
            return await _standings(connection, wallet_id, OF_WALLETS, wallet)

    async def of_organization(self, organization_id: OrganizationId | None) -> list[RuleStanding]:
        """The rules for what concerns the whole organization. Raises `Invalid` where there is no
        such one."""
        async with borrowed(self._pool) as connection:
            within = await known_organization(connection, organization_id)
            return await _standings(connection, WalletId(within), OF_ORGANIZATION, None)

    async def change(
        self, wallet_id: WalletId, changes: Sequence[RuleChange], by: Actor
    ) -> list[RuleStanding]:
        """The rules of a wallet that there is, with these changed. Raises `Invalid`."""
        _check(changes, OF_WALLETS)
        async with borrowed(self._pool) as connection, connection.transaction():
            wallet = await self._move_lines(connection, wallet_id, changes, by)
            of = (wallet_id, wallet.organization_id)
            await self._put(connection, *of, changes, by)
            soon = wish(EXPIRIES_JOB, wallet_id, self._now_us())
            await jobs.want(connection, [soon], self._now_us())
            return await _standings(connection, wallet_id, OF_WALLETS, wallet)

    async def change_of_organization(
        self, organization_id: OrganizationId | None, changes: Sequence[RuleChange], by: Actor
    ) -> list[RuleStanding]:
        """The organization's own rules, with these changed. Raises `Invalid`."""
        _check(changes, OF_ORGANIZATION)
        async with borrowed(self._pool) as connection, connection.transaction():
            within = await known_organization(connection, organization_id)
            place = WalletId(within)
            await self._put(connection, place, within, changes, by)
            return await _standings(connection, place, OF_ORGANIZATION, None)

    async def _move_lines(
        self,
        connection: Connection,
        wallet_id: WalletId,
        changes: Sequence[RuleChange],
        by: Actor,
    ) -> Wallet:
        """The wallet, with the lines that its rules draw where they are wanted."""
        wanted = {each.type: each.threshold for each in changes if each.threshold is not UNSET}
        low, burn = wanted.get("LOW_BALANCE"), wanted.get("RAPID_BURN")
        if low is None and burn is None:
            return await _wallet(connection, wallet_id)
        await claims.lock_wallet(connection, wallet_id)
        before = await _wallet(connection, wallet_id)
        settings = wallet_store.Settings(None, None, low, burn, wallet_store.NO_CAPS, None)
        now_us = self._now_us()
        moved = await wallet_store.change_wallet(connection, wallet_id, settings, now_us)
        assert moved is not None, f"{wallet_id} is missing"
        await note_wallet_changed(connection, by, before, moved)
        await look_again(connection, wallet_id, now_us)
        return moved

    async def _put(
        self,
        connection: Connection,
        place: WalletId,
        organization_id: OrganizationId,
        changes: Sequence[RuleChange],
        by: Actor,
    ) -> None:
        known = await store.rules(connection, place)
        now_us = self._now_us()
        rules = [_changed(known.get(each.type), each) for each in changes]
        await store.put_rules(connection, place, organization_id, rules, now_us)
        for rule in rules:
            before = known.get(rule.type) or AlertRule(type=rule.type)
            if before != rule:
                change = Change(
                    organization_id=organization_id,
                    action="alert_rule.changed",
                    subject=place,
                    before=_noted(before),
                    after=_noted(rule),
                )
                await note_change(connection, by, change, now_us)
            if not rule.enabled:
                await resolve(connection, place, rule.type, now_us)


async def _wallet(connection: Connection, wallet_id: WalletId) -> Wallet:
    wallet = await wallet_store.wallet(connection, wallet_id)
    assert wallet is not None, f"{wallet_id} is missing"
    return wallet


async def _standings(
    connection: Connection, place: WalletId, types: Sequence[AlertType], wallet: Wallet | None
) -> list[RuleStanding]:
    known = await store.rules(connection, place)
    raised = await store.last_raised(connection, place)
    standings: list[RuleStanding] = []
    for type in types:
        rule = known.get(type) or AlertRule(type=type)
        shown = AlertRule(
            type=type,
            enabled=rule.enabled,
            email=rule.email,
            threshold=_threshold(rule, wallet),
        )
        last_us, unresolved = raised.get(type, (None, 0))
        standings.append(RuleStanding(rule=shown, last_raised_at_us=last_us, unresolved=unresolved))
    return standings


def _threshold(rule: AlertRule, wallet: Wallet | None) -> int | None:
    match rule.type:
        case "LOW_BALANCE" if wallet:
            return wallet.low_balance_threshold
        case "RAPID_BURN" if wallet:
            return wallet.rapid_burn_limit
        case "CREDITS_EXPIRING":
            return rule.threshold or LEAST_CREDITS
        case _:
            return None


def _changed(known: AlertRule | None, change: RuleChange) -> AlertRule:
    rule = known or AlertRule(type=change.type)
    threshold = rule.threshold
    if change.type == EXPIRING and change.threshold is not UNSET:
        threshold = change.threshold
    return AlertRule(
        type=change.type,
        enabled=rule.enabled if change.enabled is UNSET else change.enabled,
        email=rule.email if change.email is UNSET else change.email,
        threshold=threshold,
    )


def _check(changes: Sequence[RuleChange], types: Sequence[AlertType]) -> None:
    for place, change in enumerate(changes):
        field = f"rules[{place}]"
        if change.type not in types:
            raise Invalid(f"{field}.type", f"must be one of {', '.join(types)}")
        if change.type in {other.type for other in changes[:place]}:
            raise Invalid(f"{field}.type", "is there already")
        if change.threshold is UNSET:
            continue
        least = _LEAST.get(change.type)
        if least is None:
            raise Invalid(f"{field}.threshold", "is not for alerts of this type")
        if not least <= change.threshold <= MAX_WALLET_CREDITS:
            raise Invalid(f"{field}.threshold", f"must be {least} to {MAX_WALLET_CREDITS}")


def _noted(rule: AlertRule) -> Mapping[str, str | int | bool | None]:
    return {
        "type": rule.type,
        "enabled": rule.enabled,
        "email": rule.email,
        "threshold": rule.threshold,
    }
