"""Listing what was refused to a wallet costs what is shown, however much is kept."""

from collections.abc import Iterator

import msgspec
import psycopg
import pytest

from khata.domain.ids import OrganizationId, WalletId
from khata.domain.refusals import InsufficientCredits, WalletFrozen
from khata.domain.refused import Circumstances
from khata.engine.confined import confine
from khata.postgres.asking import borrowed
from khata.postgres.connect import read_pool
from khata.postgres.history import Query
from khata.postgres.refusals import REFUSAL, RefusalFilter, page, refusals
from khata.postgres.server import Server
from pages_read import pages_read, without_and_with_statistics

REFUSED_OFTEN = WalletId("wal_" + "0" * 26)
KEPT = 15_000
SECOND_US = 1_000_000
RARE = "WALLET_FROZEN"

FILL = """
insert into khata.answers (bucket, wallet_id, idempotency_key, organization_id, fingerprint, at,
  outcome, refusal_id, code, circumstances)
select 0, %(wallet)s, 'key-' || n, 'org_1', '\\x00', to_timestamp(n / 2),
  case when n %% 1000 = 0 then %(frozen)s else %(short)s end,
  'ref_' || lpad(n::text, 26, '0'),
  case when n %% 1000 = 0 then 'WALLET_FROZEN' else 'INSUFFICIENT_CREDITS' end, %(stood)s
from generate_series(0, %(kept)s - 1) n"""

FILTERS = [
    RefusalFilter(),
    RefusalFilter(until_us=100 * SECOND_US),
    RefusalFilter(from_us=100 * SECOND_US, until_us=5000 * SECOND_US),
    RefusalFilter(code=RARE),
    RefusalFilter(code="FRAUD_BLOCKED"),
    RefusalFilter(code=RARE, until_us=3000 * SECOND_US),
    RefusalFilter(code="INSUFFICIENT_CREDITS", from_us=KEPT * SECOND_US),
]


ONE = Query(REFUSAL, (0, REFUSED_OFTEN, "ref_" + "0" * 22 + "7500"))


@pytest.fixture
def filled(database: Server) -> Iterator[Server]:
    """A wallet that was refused something twice a second from 1970 on, each thousandth time because
    it was frozen."""
    told = {
        "frozen": WalletFrozen("frozen"),
        "short": InsufficientCredits.of(15, 0),
        "stood": Circumstances("consume", 0, 0, 1),
    }
    values = {name: msgspec.json.encode(value).decode() for name, value in told.items()}
    with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
        owner.execute(FILL, {"wallet": REFUSED_OFTEN, "kept": KEPT, **values})
    yield database
    confine(None)


def id_of(number: int) -> str:
    return f"ref_{number:026}"


@pytest.mark.parametrize("whose", [None, OrganizationId("org_1")])
async def test_a_page_looks_at_few_rows_with_and_without_statistics(
    filled: Server, whose: OrganizationId | None
) -> None:
    confine(whose)
    async with read_pool(filled.app_dsn) as pool:
        for known in without_and_with_statistics(filled.owner_dsn, "answers"):
            for before in (None, id_of(KEPT // 2)):
                for chosen in FILTERS:
                    read = await pages_read(pool, page(REFUSED_OFTEN, chosen, 50, before))
                    assert read < 200, (known, before, chosen)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (RefusalFilter(until_us=50 * SECOND_US), range(100)),
        (RefusalFilter(from_us=7_450 * SECOND_US), range(14_900, KEPT)),
        (RefusalFilter(from_us=70 * SECOND_US, until_us=80 * SECOND_US), range(140, 160)),
        (RefusalFilter(code=RARE), range(0, KEPT, 1000)),
        (
            RefusalFilter(code=RARE, from_us=1_000 * SECOND_US, until_us=3_000 * SECOND_US),
            range(2_000, 6_000, 1_000),
        ),
        (RefusalFilter(code="FRAUD_BLOCKED"), range(0)),
    ],
)
async def test_pages_list_each_that_is_asked_for_once_newest_first(
    filled: Server, chosen: RefusalFilter, expected: range
) -> None:
    found: list[str] = []
    async with read_pool(filled.app_dsn) as pool, borrowed(pool) as connection:
        while read := await refusals(connection, REFUSED_OFTEN, chosen, 3, (found or [None])[-1]):
            found.extend(each.id for each in read)
    assert found == [id_of(number) for number in reversed(expected)]
