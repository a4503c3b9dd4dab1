"""Attempts to buy, counted by wallet, address and instrument within their windows."""

from collections.abc import AsyncIterator
from itertools import count

import pytest

from khata.domain.ids import bucket_of
from khata.domain.risk_facts import Attempts
from khata.postgres.asking import Connection, ask, borrowed
from khata.postgres.attempts import (
    Attempt,
    Kind,
    PayerHistory,
    note_attempt,
    payer_history,
    purge_attempts,
)
from khata.postgres.connect import registry_pool
from khata.postgres.server import Server
from khata.testing import NEW_YEAR_US, wallet_id

ACME, ZEN = wallet_id("acme"), wallet_id("zen")
MINUTE_US = 60_000_000
HOUR_US, DAY_US = 60 * MINUTE_US, 24 * 60 * MINUTE_US
HERE, THERE = "203.0.113.9", "2001:db8:1:2::/64"


class Shop:
    """Notes attempts, so long before now, and looks back from now."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._numbers = count(1)

    async def note(self, kind: Kind, ago_us: int = 0, **given: object) -> None:
        known: dict[str, object] = {
            "id": f"ord_{next(self._numbers)}",
            "wallet_id": ACME,
            "amount_paise": 50_000,
            "address": HERE,
        }
        await note_attempt(
            self.connection,
            Attempt(kind=kind, at_us=NEW_YEAR_US - ago_us, **{**known, **given}),  # pyright: ignore[reportArgumentType]
        )

    async def look(self, **given: str) -> PayerHistory:
        now: dict[str, str] = {"id": "ord_now", "wallet_id": ACME, "address": HERE, **given}
        attempt = Attempt(kind="tried", at_us=NEW_YEAR_US, amount_paise=1, **now)  # pyright: ignore[reportArgumentType]
        return await payer_history(self.connection, attempt, 20_000)


@pytest.fixture
async def shop(database: Server) -> AsyncIterator[Shop]:
    async with registry_pool(database.app_dsn) as pool, borrowed(pool) as connection:
        yield Shop(connection)


async def test_nothing_is_known_of_somebody_new(shop: Shop) -> None:
    assert await shop.look() == PayerHistory(
        account=Attempts(accounts_10_minutes=1),
        address=Attempts(accounts_10_minutes=0),
        cards_24h=0,
        small_cards_1h=0,
        countries_2h=frozenset(),
        accounts_of_instrument_24h=None,
        captured=0,
        captured_older_than_30_days=0,
        median_paise_90_days=None,
        disputes=0,
    )


async def test_an_attempt_counts_once_and_may_end_otherwise(shop: Shop) -> None:
    for kind in ("failed", "failed", "captured", "failed"):
        await shop.note(kind, id="pay_1", instrument="card-1", is_card=True)
    seen = await shop.look()
    assert (seen.account.ended_1h, seen.account.failed_1h, seen.captured) == (1, 0, 1)
    await shop.note("failed", id="pay_2")
    await shop.note("captured", id="pay_2", instrument="card-2", is_card=True)
    assert (await shop.look()).cards_24h == 2


@pytest.mark.parametrize(
    ("ago_us", "in_10_minutes", "in_1_hour"),
    [
        (0, 1, 1),
        (10 * MINUTE_US - 1, 1, 1),
        (10 * MINUTE_US, 0, 1),
        (HOUR_US - 1, 0, 1),
        (HOUR_US, 0, 0),
    ],
)
async def test_the_windows_of_an_account_and_of_an_address(
    shop: Shop, ago_us: int, in_10_minutes: int, in_1_hour: int
) -> None:
    await shop.note("tried", ago_us)
    await shop.note("failed", ago_us)
    seen = await shop.look()
    for tried in (seen.account, seen.address):
        assert tried is not None
        assert (tried.in_10_minutes, tried.in_1_hour) == (in_10_minutes, in_1_hour)
        assert (tried.ended_1h, tried.failed_1h) == (in_1_hour, in_1_hour)


async def test_accounts_are_told_apart_and_addresses_too(shop: Shop) -> None:
    await shop.note("tried")
    await shop.note("tried", wallet_id=ZEN)
    await shop.note("tried", address=THERE)
    await shop.note("tried", address=None)
    seen = await shop.look()
    assert seen.account.in_10_minutes == 3
    assert seen.address is not None
    assert (seen.address.in_10_minutes, seen.address.accounts_10_minutes) == (2, 2)
    elsewhere = (await shop.look(address=THERE)).address
    assert elsewhere is not None
    assert (elsewhere.in_10_minutes, elsewhere.accounts_10_minutes) == (1, 1)


async def test_cards_are_counted_once_each_and_vpas_are_none(shop: Shop) -> None:
    for card in ("a", "a", "b"):
        await shop.note("failed", instrument=card, is_card=True)
    await shop.note("failed", instrument="vpa", is_card=False)
    await shop.note("failed", 2 * HOUR_US, instrument="c", is_card=True, amount_paise=15_000)
    await shop.note("failed", instrument="d", is_card=True, amount_paise=20_000)
    await shop.note("failed", instrument="e", is_card=True, amount_paise=20_001)
    await shop.note("failed", DAY_US, instrument="f", is_card=True)
    seen = await shop.look()
    assert (seen.cards_24h, seen.small_cards_1h) == (5, 1)


async def test_who_else_pays_with_the_same_instrument(shop: Shop) -> None:
    for name in ("acme", "zen", "one", "two"):
        await shop.note("captured", instrument="vpa", wallet_id=wallet_id(name))
    await shop.note("captured", DAY_US, instrument="vpa", wallet_id=wallet_id("three"))
    assert (await shop.look(instrument="vpa")).accounts_of_instrument_24h == 4
    assert (await shop.look(instrument="other")).accounts_of_instrument_24h == 0


async def test_countries_of_the_last_two_hours(shop: Shop) -> None:
    await shop.note("tried", country="IN")
    await shop.note("tried", HOUR_US, country="AE")
    await shop.note("tried", 2 * HOUR_US, country="US")
    assert (await shop.look()).countries_2h == {"IN", "AE"}


async def test_what_was_paid_before(shop: Shop) -> None:
    for days, amount in ((100, 900_000), (40, 10_000), (30, 20_000), (1, 30_000), (0, 40_000)):
        await shop.note("captured", days * DAY_US, amount_paise=amount)
    seen = await shop.look()
    assert (seen.captured, seen.captured_older_than_30_days) == (5, 3)
    assert seen.median_paise_90_days == 20_000


async def test_disputes_of_the_wallet_are_counted(shop: Shop, database: Server) -> None:
    async with registry_pool(database.owner_dsn) as pool, borrowed(pool) as owner:
        await ask(
            owner,
            "insert into khata.disputes (bucket, wallet_id, id, organization_id, order_id,"
            " payment_id, provider, gateway_dispute_id, state, booked, amount_paise, currency,"
            " created_at, updated_at) values ($1, $2, 'dsp_1', 'org_1', 'ord_1', 'pay_1',"
            " 'simulator', 'disp_1', 'open', 'locked', 1, 'INR', 'epoch', 'epoch')",
            *(bucket_of(ZEN), ZEN),
        )
    assert (await shop.look()).disputes == 0
    assert (await shop.look(wallet_id=ZEN)).disputes == 1


async def test_old_attempts_are_cleared_away(shop: Shop) -> None:
    for ago_us in (0, DAY_US, 2 * DAY_US):
        await shop.note("captured", ago_us)
    assert await purge_attempts(shop.connection, NEW_YEAR_US - DAY_US + 1, 100) == 2
    assert await purge_attempts(shop.connection, NEW_YEAR_US - DAY_US + 1, 100) == 0
    assert (await shop.look()).captured == 1
