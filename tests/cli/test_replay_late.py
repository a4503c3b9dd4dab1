"""A hold that ran out before its capture: the output is charged without it, once."""

from collections.abc import Sequence
from typing import Any, cast

from khata.cli.replay.client import Client, HoldSeen, Result, TransactionSeen
from khata.cli.replay.drive import Driver, Pace
from khata.cli.replay.mapping import PriceSeen, read_map
from khata.cli.replay.tally import Tally
from khata.cli.replay.trace import Request
from khata.cli.replay.wishes import Wishes

PARTS = read_map("in=IN,out=OUT")
PRICES = (PriceSeen("IN", 3, 1000), PriceSeen("OUT", 15, 1000))


class Slow:
    """A Khata that was away until the hold had run out."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def batch(self, items: Sequence[dict[str, Any]]) -> list[Result]:
        self.asked += items
        return [self._answer(item) for item in items]

    def _answer(self, item: dict[str, Any]) -> Result:
        sequence = len(self.asked)
        if item["op"] == "hold":
            return Result(201, TransactionSeen(sequence, -item["credits"]), HoldSeen("hld_1", 0))
        if item["op"] == "capture":
            return Result(410, code="HOLD_EXPIRED")
        return Result(200, TransactionSeen(sequence, -item["quantity"] // 100))


async def test_an_output_whose_hold_ran_out_is_consumed() -> None:
    khata, tally = Slow(), Tally(PARTS, known_sequence=0)
    wishes = Wishes("wal_1", "d" * 20, PARTS, PRICES)
    driver = Driver(cast("Client", cast("object", khata)), wishes, tally, rows=10, batches=1)
    await driver.run([Request(2, 0.0, (1000, 400))], Pace(None, 0.0), lambda _: None, hold=True)
    assert [item["op"] for item in khata.asked] == ["hold", "capture", "consume", "consume"]
    assert khata.asked[0]["credits"] == 3 + 15
    late = khata.asked[-1]
    assert (late["feature"], late["quantity"]) == ("OUT", 400)
    assert late["idempotency_key"] == khata.asked[1]["idempotency_key"] + "-late"
    assert tally.refused == 0
    assert tally.features["OUT"].quantity == 400


def test_keys_are_short_enough_and_plain() -> None:
    parts = read_map(f"{'Tokens; made é ' * 9}=IN")
    wishes = Wishes("wal_1", "d" * 20, parts, PRICES[:1], run="r" * 24)
    key = wishes.late(Request(10**9, 0.0, (5,))).item["idempotency_key"]
    assert len(key) <= 120
    assert all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in key)
