"""The journal of money in the database: a posting stands once, however often it is told."""

import psycopg
import pytest
from msgspec.structs import replace

from khata.domain.ids import OrganizationId
from khata.domain.money_journal import Occasion, refund_processed, refund_settled
from khata.postgres.connect import registry_pool
from khata.postgres.money_journal import post_money
from khata.postgres.server import Server
from khata.testing import NEW_YEAR_US, wallet_id

pytestmark = pytest.mark.anyio

OCCASION = Occasion(
    id="mny_1",
    wallet_id=wallet_id("acme"),
    organization_id=OrganizationId("org_1"),
    at_us=NEW_YEAR_US,
    gateway="simulator",
)
ENTRIES = "select kind, id, account, paise from khata.money_entries order by kind, account"


async def test_a_posting_stands_once(database: Server) -> None:
    paid = refund_processed(OCCASION, "rfnd_1", 35_400)
    again = replace(paid, occasion=replace(OCCASION, id="mny_2", at_us=NEW_YEAR_US + 1))
    settled = refund_settled(replace(OCCASION, id="mny_3"), "rfnd_1", 35_400)
    async with registry_pool(database.app_dsn, size=1) as pool, pool.connection() as connection:
        posted = [await post_money(connection, each) for each in (paid, again, settled)]
    assert posted == [True, False, True]
    with psycopg.connect(database.owner_dsn) as owner:
        assert owner.execute(ENTRIES).fetchall() == [
            ("REFUND_PROCESSED", "mny_1", "gateway.simulator", -35_400),
            ("REFUND_PROCESSED", "mny_1", "refunds_payable", 35_400),
            ("SETTLEMENT", "mny_3", "bank", -35_400),
            ("SETTLEMENT", "mny_3", "gateway.simulator", 35_400),
        ]
