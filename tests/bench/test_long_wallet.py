"""The past that the bench makes up: its rollups are what its ledger comes to."""

from khata.bench.long_wallet import LongWallet, fill
from khata.domain.limits import DAY_US
from khata.postgres.connect import connect
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
