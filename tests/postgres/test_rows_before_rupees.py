"""Rows from before there were legs in INR: they stay as they are, and imply what they booked."""

import psycopg
import pytest
from msgspec.structs import replace

from desk import Clock, Desk
from khata.app.runtime import KhataSettings, open_khata
from khata.domain import grants
from khata.domain.commands import Clawback, Purchase
from khata.domain.inr import legs_of
from khata.postgres.migrate import migrate, packaged_migrations
from khata.postgres.server import Server
from khata.postgres.settings import DatabaseSettings
from pair import legs_by_sequence
from postgres.test_constraints import GOOD, Row, add
from stored import kept, verified

LOT = '{"id":"grt_1","kind":"purchase","granted":5,"available":5,"sequence":1,"cost_paise":50}'
OLD: Row = {
    **GOOD["transactions"],
    "type": "CREDIT_PURCHASE",
    "account": "issued.purchase",
    "facts": f'{{"grants":[{LOT}],"payment_id":"pay_1"}}',
}


@pytest.fixture
def as_before(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Purchases are decided as the first release did: with no word of money."""

    def nothing(**_: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(grants, "bought", nothing)
    monkeypatch.setattr(grants, "_POSTED_WITH_THE_PURCHASE", ())
    return monkeypatch


def test_a_database_with_rows_is_brought_to_this_version(bare_database: Server) -> None:
    steps = packaged_migrations()
    migrate(bare_database.owner_dsn, app_logs_in=True, migrations=steps[:1])
    with psycopg.connect(bare_database.owner_dsn) as owner:
        add(owner, "transactions", OLD)
    assert migrate(bare_database.owner_dsn, app_logs_in=True) == steps[1:]
    with psycopg.connect(bare_database.owner_dsn) as owner:
        asked = "select account, paise from khata.money_entries order by account"
        assert owner.execute(asked.encode()).fetchall() == [
            ("deferred_revenue", -50),
            ("gateway.offline", 50),
        ]


async def test_old_rows_and_new_ones_make_one_ledger(
    database: Server, tmp_path_factory: pytest.TempPathFactory, as_before: pytest.MonkeyPatch
) -> None:
    clock, folder = Clock(), tmp_path_factory.mktemp("khata")
    where = DatabaseSettings(data_folder=folder, url=database.owner_dsn)
    async with open_khata(KhataSettings(database=where, sweeps=False), clock) as khata:
        wallet, _, _ = await khata.wallets.create(None, "user", "asha", "Asha")
        desk = Desk(khata, wallet, clock)
        bought = Purchase(
            wallet_id=wallet.id, credits=100, bonus_credits=7, price_paise=1_000, payment_id="old"
        )
        first = await desk.do(replace(bought, idempotency_key=desk.key))
        assert first.facts.money == ()
        as_before.undo()
        await desk.consume("AI_SUMMARY")
        again = replace(bought, payment_id="new", idempotency_key=desk.key)
        assert (await desk.do(again)).facts.money
        taken = Clawback(wallet_id=wallet.id, payment_id="old", reach="unspent")
        await desk.do(replace(taken, idempotency_key=desk.key))
        assert (await khata.reports.revenue()).agrees
        assert (await khata.reports.trial_balance()).is_balanced
    found = kept(database.owner_dsn, wallet.id)
    assert found.legs == legs_by_sequence(found.transactions)
    assert ("gateway.offline", 935) in [(leg.account, leg.paise) for leg in legs_of(first)]
    assert verified(database.owner_dsn).differences == []
