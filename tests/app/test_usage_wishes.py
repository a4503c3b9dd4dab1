"""A look at usage has the wallets summed up whose many hours it had to read, and no others."""

from collections.abc import Mapping

import psycopg
import pytest

from desk import Clock
from khata.app.runtime import Khata
from khata.app.usage_summing import WORTH_SUMMING
from khata.app.wallets import FirstSettings
from khata.domain.ids import WalletId, bucket_of
from khata.domain.limits import DAY_US, HOUR_US, local_hour_us
from khata.domain.usage_grains import Narrowed
from khata.domain.wallet import Wallet
from khata.postgres.usage import By

ADD_MEMBERS = """
insert into usage_hourly (bucket, wallet_id, hour, feature, member_id, organization_id, category,
  credits, count, quantity)
select %s, %s, to_timestamp(%s), 'CALL', 'mem-' || n, %s, 'AI', 1, 1, 1
from generate_series(1, %s) as n"""

WISHES = "select subject, wanted from jobs where kind = 'usage_sums' order by subject"


async def used_by(khata: Khata, name: str, zone: str, rows: Mapping[int, int]) -> Wallet:
    """A wallet of which so many members used something in the hours that began so long ago."""
    wallet, _, _ = await khata.wallets.create(
        None, "user", name, name, FirstSettings(time_zone=zone)
    )
    this_hour_us = local_hour_us(zone, khata.now_us())
    with psycopg.connect(khata.server.owner_dsn, options="-c search_path=khata") as owner:
        for ago_us, members in rows.items():
            place = (bucket_of(wallet.id), wallet.id, (this_hour_us - ago_us) // 1_000_000)
            owner.execute(ADD_MEMBERS, [*place, wallet.organization_id, members])
    return wallet


def wishes(khata: Khata) -> list[tuple[str, int]]:
    with psycopg.connect(khata.server.owner_dsn, options="-c search_path=khata") as owner:
        return owner.execute(WISHES).fetchall()


@pytest.mark.parametrize("by", ["category", "wallet"])
async def test_of_an_organization_the_busy_wallets_alone_are_summed_up(
    khata: Khata, by: By
) -> None:
    busy: list[WalletId] = []
    for zone in ("Asia/Kolkata", "Europe/Berlin"):
        await used_by(khata, f"small {zone}", zone, {DAY_US: WORTH_SUMMING - 1})
        wallet = await used_by(
            khata, zone, zone, {DAY_US: 1_000, 2 * DAY_US: WORTH_SUMMING - 1_000}
        )
        busy.append(wallet.id)
    looked = await khata.organization_usages.look_at(None, None, (None, None), Narrowed())
    found = await khata.usages.shares(looked, by)
    assert found.credits == 4 * WORTH_SUMMING - 2
    assert wishes(khata) == [(wallet_id, 1) for wallet_id in sorted(busy)]


async def test_hours_that_no_job_could_sum_up_yet_are_no_wish(khata: Khata, clock: Clock) -> None:
    young = dict.fromkeys(range(0, 3 * HOUR_US, HOUR_US), WORTH_SUMMING)
    wallet = await used_by(khata, "young", "Asia/Kolkata", young)
    looked = await khata.organization_usages.look_at(None, None, (None, None), Narrowed())
    await khata.usages.summary(looked)
    assert wishes(khata) == []
    clock.turn(seconds=3600)
    later = await khata.organization_usages.look_at(None, None, (None, None), Narrowed())
    await khata.usages.summary(later)
    assert wishes(khata) == [(wallet.id, 1)]
