"""The ledger read back: pages, filters, counts, streams and cursors."""

import pytest

from desk import Desk
from khata.app.cursors import cursor, id_behind, sequence_behind
from khata.app.invalid import Invalid
from khata.app.views import Count, TransactionFilter
from khata.domain.commands import RefundUsage
from khata.domain.ledger import Transaction

NOBODY = "wal_" + "0" * 26


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """Sequence 1 to 10: a grant, four mails of Bela, four summaries of Chen, and one refund."""
    await desk.grant(1000)
    charges: list[Transaction] = []
    for _ in range(4):
        desk.clock.turn(seconds=60)
        for feature, member_id in (("EMAIL_SEND", "bela"), ("AI_SUMMARY", "chen")):
            charges.append(await desk.consume(feature, member_id=member_id))
    desk.clock.turn(seconds=60)
    await desk.do(
        RefundUsage(
            wallet_id=desk.wallet.id,
            idempotency_key="refund-of-100%",
            transaction_id=charges[-1].id,
            reason="Ärger_mit dem Text",
        )
    )
    return desk


async def sequences(desk: Desk, **chosen: object) -> list[int]:
    asked = TransactionFilter(**chosen)  # pyright: ignore[reportArgumentType]
    found = await desk.khata.views.transactions(desk.wallet.id, asked)
    streamed = [t async for t in desk.khata.views.stream(desk.wallet.id, asked)]
    counted = await desk.khata.views.count(desk.wallet.id, asked)
    assert streamed == found[::-1]
    assert counted == Count(len(found), is_capped=False)
    return [t.sequence for t in found]


async def test_pages_go_down_and_stay_while_rows_are_added(busy: Desk) -> None:
    views, wallet_id = busy.khata.views, busy.wallet.id
    pages: list[Transaction] = []
    before: int | None = None
    while page := await views.transactions(wallet_id, limit=3, before_sequence=before):
        pages += page
        before = page[-1].sequence
        await busy.consume()
    assert [t.sequence for t in pages] == list(range(10, 0, -1))


async def test_what_was_recorded_is_read_back_whole(busy: Desk) -> None:
    recorded = await busy.consume("AI_SUMMARY", member_id="bela")
    assert await busy.khata.views.transaction(busy.wallet.id, recorded.id) == recorded
    assert (await busy.khata.views.transactions(busy.wallet.id, limit=1)) == [recorded]


FILTERS: list[tuple[dict[str, object], list[int]]] = [
    ({}, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
    ({"types": {"USAGE_DEDUCTION"}}, [9, 8, 7, 6, 5, 4, 3, 2]),
    ({"types": {"BONUS_CREDIT"}}, [1]),
    ({"types": {"REFUND"}}, [10]),
    ({"types": {"PAYOUT_HOLD"}}, []),
    ({"types": {"no such type"}}, []),
    ({"types": {"REFUND", "BONUS_CREDIT"}}, [10, 1]),
    ({"types": {"REFUND", "USAGE_DEDUCTION"}}, [10, 9, 8, 7, 6, 5, 4, 3, 2]),
    ({"types": {"REFUND", "BONUS_CREDIT"}, "categories": {"AI"}}, [10]),
    ({"types": {"REFUND", "BONUS_CREDIT", "no such type"}, "q": "Ärger"}, [10]),
    ({"categories": {"AI", "QUEUE"}}, [10, 9, 8, 7, 6, 5, 4, 3, 2]),
    ({"feature": "EMAIL_SEND"}, [8, 6, 4, 2]),
    ({"categories": {"AI"}}, [10, 9, 7, 5, 3]),
    ({"member_id": "bela"}, [8, 6, 4, 2]),
    ({"member_id": "bela", "categories": {"AI"}}, []),
    ({"types": {"USAGE_DEDUCTION"}, "member_id": "chen"}, [9, 7, 5, 3]),
    ({"q": "BEL"}, [8, 6, 4, 2]),
    ({"q": "for a test"}, [1]),
    ({"q": "100%"}, [10]),
    ({"q": "r_mit"}, [10]),
    ({"q": "%"}, [10]),
    ({"q": "\\"}, []),
    ({"q": "nowhere"}, []),
]


async def test_filters(busy: Desk) -> None:
    for chosen, found in FILTERS:
        assert await sequences(busy, **chosen) == found


async def test_times_are_from_one_on_and_before_another(busy: Desk) -> None:
    third = (await busy.khata.views.transactions(busy.wallet.id, limit=10))[10 - 4].at_us
    assert await sequences(busy, from_us=third) == [10, 9, 8, 7, 6, 5, 4]
    assert await sequences(busy, to_us=third) == [3, 2, 1]
    assert await sequences(busy, from_us=third, to_us=third + 1) == [5, 4]
    assert await sequences(busy, from_us=third, to_us=third) == []
    assert await sequences(busy, from_us=third + 1, to_us=third) == []
    assert await sequences(busy, to_us=third, feature="EMAIL_SEND") == [2]
    assert await sequences(busy, from_us=busy.clock() + 1) == []
    assert await sequences(busy, to_us=0) == []


async def test_a_whole_id_finds_its_transaction(busy: Desk) -> None:
    named = (await busy.khata.views.transactions(busy.wallet.id))[4]
    assert await sequences(busy, q=named.id) == [named.sequence]


async def test_other_wallets_see_nothing_of_it(busy: Desk) -> None:
    other, _, _ = await busy.khata.wallets.create(None, "user", "other", "Other")
    named = (await busy.khata.views.transactions(busy.wallet.id))[0]
    views = busy.khata.views
    for stranger in (other.id, NOBODY, "silly"):
        assert await views.transaction(stranger, named.id) is None
        assert await views.receipt(stranger, named.id) is None
        assert await views.transactions(stranger) == []
        assert await views.transactions(stranger, TransactionFilter(q=named.id)) == []
        assert (await views.count(stranger)).count == 0
        assert [t async for t in views.stream(stranger)] == []
    assert await views.transaction(busy.wallet.id, "txn_silly") is None


def test_a_cursor_comes_back_as_it_was() -> None:
    assert sequence_behind(cursor("transactions", 12345)) == 12345
    assert sequence_behind(None) is None
    grant_id, wallet_id = "grt_" + "0" * 26, "wal_" + "0" * 26
    assert id_behind("grants", cursor("grants", grant_id)) == grant_id
    assert id_behind("wallets", cursor("wallets", wallet_id)) == wallet_id
    assert id_behind("holds", None) is None


@pytest.mark.parametrize(
    "silly",
    [
        "",
        "x",
        "ü",
        "null",
        "====",
        "a" * 10_000,
        cursor("grants", "grt_" + "0" * 26),
        cursor("transactions", -1),
        cursor("transactions", "5"),
        cursor("transactions", 2**63),
        cursor("holds", "hld_x"),
    ],
)
def test_a_silly_cursor_is_a_clear_error(silly: str) -> None:
    with pytest.raises(Invalid, match="cursor"):
        sequence_behind(silly)
    with pytest.raises(Invalid, match="cursor"):
        id_behind("holds", silly)
