"""Reports of real books: they balance, and what is deferred is so by two ways."""

import pytest

from bookkeeper import Bookkeeper, bookkeeper_of
from desk import Clock
from khata.app.runtime import Khata
from khata.domain.reports import Period, UnitBalance
from khata.postgres.asking import borrowed


@pytest.fixture
async def bookkeeper(khata: Khata, clock: Clock) -> Bookkeeper:
    return await bookkeeper_of(khata, clock)


def standing(unit: UnitBalance) -> dict[str, int]:
    return {line.account: line.debit - line.credit for line in unit.accounts}


async def test_the_trial_balance_is_balanced_in_both_units(bookkeeper: Bookkeeper) -> None:
    found = await bookkeeper.khata.reports.trial_balance()
    rupees, credits = found.units
    assert found.is_balanced
    assert (rupees.unit, credits.unit) == ("INR", "CREDIT")
    # Two payments and a refund are settled, one dispute was taken from a settlement and lost.
    assert standing(rupees)["bank"] == 2 * (60_200 - 1_421) - 60_200 - 11_800
    assert standing(rupees)["gateway.simulator"] == 60_200
    assert "disputed" not in standing(rupees)
    wallets = [bookkeeper.asha.wallet, bookkeeper.ravi.wallet]
    views = [await bookkeeper.khata.views.wallet_view(wallet.id) for wallet in wallets]
    held = sum(view.accounts.available for view in views if view is not None)
    assert standing(credits)["available"] == held


async def test_a_period_is_what_moved_in_it(bookkeeper: Bookkeeper) -> None:
    reports = bookkeeper.khata.reports
    noon = bookkeeper.clock() - 3_600_000_000
    before = standing((await reports.trial_balance(Period(to_us=noon))).units[0])
    since = standing((await reports.trial_balance(Period(from_us=noon))).units[0])
    everything = standing((await reports.trial_balance()).units[0])
    for account in everything:
        assert before.get(account, 0) + since.get(account, 0) == everything[account]
    assert before["gst.cgst"] == -4_592


async def test_revenue_closes_where_the_next_period_opens(bookkeeper: Bookkeeper) -> None:
    reports = bookkeeper.khata.reports
    noon = bookkeeper.clock() - 3_600_000_000
    first = await reports.revenue(Period(to_us=noon))
    second = await reports.revenue(Period(from_us=noon))
    whole = await reports.revenue()
    assert (first.unearned_by_lots, first.deferred.opening) == (None, 0)
    assert second.deferred.opening == first.deferred.closing
    assert second.deferred.closing == whole.deferred.closing == second.unearned_by_lots
    assert (second.agrees, whole.agrees) == (True, True)
    assert whole.deferred.bought == first.deferred.bought + second.deferred.bought == 3 * 51_017
    assert whole.deferred.recovered > 0
    income = {line.account: line.paise for line in whole.income}
    assert income["income.usage.AI"] + income["income.usage.QUEUE"] == whole.deferred.earned


async def test_the_liability_is_what_customers_hold(bookkeeper: Bookkeeper) -> None:
    found = await bookkeeper.khata.reports.liability()
    assert found.agrees
    assert sum(wallet.credits for wallet in found.wallets) == found.credits > 0
    assert sum(wallet.deferred_paise for wallet in found.wallets) == found.deferred_paise
    assert found.deferred_by_ledger == found.deferred_paise
    assert {wallet.name for wallet in found.wallets} == {"Asha", "Ravi"}
    (largest,) = (await bookkeeper.khata.reports.liability(limit=1)).wallets
    assert largest == max(found.wallets, key=lambda wallet: wallet.credits)
    assert found.wallet_count == 2


async def test_an_organization_sees_its_own_books(bookkeeper: Bookkeeper) -> None:
    reports, organization = bookkeeper.khata.reports, bookkeeper.asha.wallet.organization_id
    own = await reports.trial_balance(Period(organization_id=organization))
    assert own.units == (await reports.trial_balance()).units
    others = await reports.trial_balance(Period(organization_id="org_other"))
    assert all(unit.accounts == () for unit in others.units)
    assert (await reports.liability("org_other")).credits == 0
    assert (await reports.revenue(Period(organization_id="org_other"))).agrees


async def test_a_lot_that_was_tampered_with_does_not_agree(bookkeeper: Bookkeeper) -> None:
    async with borrowed(bookkeeper.khata.registries) as connection:
        await connection.execute("update grants set cost_paise = cost_paise + 1 where live")
    assert not (await bookkeeper.khata.reports.revenue()).agrees
    assert not (await bookkeeper.khata.reports.liability()).agrees


async def test_debts_are_told(bookkeeper: Bookkeeper) -> None:
    ravi = bookkeeper.ravi
    await bookkeeper.clawed_back_to_debt()
    found = await bookkeeper.khata.reports.liability()
    owing = {wallet.wallet_id: wallet.debt_credits for wallet in found.wallets}
    assert owing[ravi.wallet.id] == found.debt_credits > 0
    assert found.agrees
