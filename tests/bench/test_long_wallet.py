"""The past that the bench makes up: its rollups are what its ledger comes to, and it is lawful."""

import pytest

from khata.bench.long_wallet import LongWallet, fill
from khata.domain.ledger import Transaction
from khata.domain.limits import DAY_US
from khata.domain.price_trial import trial_rules
from khata.domain.pricing import Price
from khata.engine.price_trial import WalletTrial
from khata.postgres.asking import snapshot
from khata.postgres.connect import connect, read_pool
from khata.postgres.price_trials import Asked, in_period, moved_wallets, opened
from khata.postgres.server import Server
from khata.testing import NEW_YEAR_US, wallet
from stored import Reader, add_wallets

FEATURES = [("AI_SUMMARY", "AI"), ("EMAIL_SEND", "QUEUE"), ("EXPORT_DATA", "API")]

LEDGER = """
select min(sequence), max(sequence), count(*),
  sum(account_change) filter (where feature is not null),
  count(*) filter (where type = 'USAGE_DEDUCTION'), max(at), bool_and(available_change <> 0)
from transactions"""


def test_a_long_wallet_is_whole(database: Server) -> None:
    acme = wallet("acme")
    add_wallets(database.owner_dsn, acme)
    long = LongWallet(acme.id, acme.organization_id, acme.time_zone, 2_000, NEW_YEAR_US)
    with connect(database.owner_dsn) as owner:
        fill(owner, [long], FEATURES)
    with Reader(database.owner_dsn) as reader:
        first, last, count, credits, charges, at_us, moves = reader.ask(LEDGER)[0]
        assert (first, last, count, moves) == (1, 2_000, 2_000, True)
        assert NEW_YEAR_US - DAY_US < at_us <= NEW_YEAR_US
        assert charges == 2_000 - 1 - 10  # a purchase, and a refund of each 200
        sums = reader.ask(
            "select sum(credits), sum(count), count(distinct feature) from usage_hourly"
        )
        assert sums == [(credits, charges, 3)]
        assert reader.ask("select sequence, at from accounts") == [(2_000, at_us)]


@pytest.mark.parametrize("begin_us", [0, NEW_YEAR_US - 180 * DAY_US])
async def test_a_price_trial_of_it_at_its_own_prices_comes_to_what_it_cost(
    database: Server, begin_us: int
) -> None:
    acme = wallet("acme")
    add_wallets(database.owner_dsn, acme)
    long = LongWallet(acme.id, acme.organization_id, acme.time_zone, 2_000, NEW_YEAR_US)
    with connect(database.owner_dsn) as owner:
        fill(owner, [long], FEATURES)
    prices = {feature: Price(feature, category, 5) for feature, category in FEATURES}
    asked = Asked(from_us=begin_us, to_us=NEW_YEAR_US + 1)
    async with read_pool(database.app_dsn) as pool, snapshot(pool) as connection:
        moved = await moved_wallets(connection, asked, None, 10)
        ((book, refunded),) = await opened(connection, moved, begin_us)
        trial = WalletTrial(book, trial_rules(prices, [], begin_us), begin_us, refunded)
        async for _, transaction in in_period(connection, moved):
            assert (trial.book.accounts.available) == before(transaction)
            trial.take(transaction)
    outcome = trial.outcome()
    assert outcome.actual_credits == outcome.proposed_credits > 4_000
    assert outcome.runs_dry_at_us is None


def before(transaction: Transaction) -> int:
    return transaction.available_after - transaction.available_change
