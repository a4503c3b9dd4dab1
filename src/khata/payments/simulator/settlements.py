"""Settlements: the company pays what it owes to the merchant's bank, line by line."""

from datetime import UTC, datetime
from typing import Final

from khata.payments.simulator.asked import Ask, number_in, range_in
from khata.payments.simulator.clock import DAY
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, collection, plan
from khata.payments.simulator.failures import invalid, unknown_id
from khata.payments.simulator.lines import INDIA, OPEN, next_morning
from khata.payments.simulator.store import Range

_HIDDEN: Final = frozenset({"id", "entity"})
_MOST_LINES: Final = 1_000


def list_settlements(desk: Desk, ask: Ask) -> Doc:
    """Settlements, newest first."""
    return collection(desk.store.page("settlement", range_in(ask.query)))


def get_settlement(desk: Desk, ask: Ask) -> Doc:
    settlement = desk.store.get("settlement", ask.path["id"])
    if not settlement:
        raise unknown_id()
    return settlement


def list_lines(desk: Desk, ask: Ask) -> Doc:
    """What was settled in a month, or on a day of it, by Indian days: line by line."""
    since, until = _period(ask)
    count = number_in({"count": "10", **ask.query}, "count", 1, _MOST_LINES)
    skip = number_in({"skip": "0", **ask.query}, "skip", 0, 2**31)
    settled = desk.store.page("settlement", Range(count=-1, since=since, until=until - 1))
    lines = [
        line for settlement in reversed(settled) for line in desk.store.of("line", settlement["id"])
    ]
    return collection(_item(line) for line in lines[skip : skip + count])


def settle_due(desk: Desk, first: Doc) -> None:
    """Pays all lines that are due when the first is; next day, if that would be less than nothing.

    A merchant who owes more than it is owed waits until its next payments make up for it.
    """
    lines = [line for line in _open_lines(desk) if line["_due"] <= first["_due"]]
    if _net(lines) >= 0:
        settle(desk, lines)
        return
    for line in lines:
        plan(line, "settle", next_morning(desk.now(), 1))
        desk.put(line)


def settle_now(desk: Desk) -> Doc | None:
    """Pays all lines there are, due or not; nothing where there are none."""
    lines = _open_lines(desk)
    return settle(desk, lines) if lines else None


def settle(desk: Desk, lines: list[Doc]) -> Doc:
    """One payment to the merchant's bank for these lines."""
    utr = f"{1_000_000_000_000 + desk.store.count_on('references')}"
    settlement = {
        "id": desk.new_id("setl"),
        "entity": "settlement",
        "amount": _net(lines),
        "status": "processed",
        "fees": sum(line["fee"] for line in lines),
        "tax": sum(line["tax"] for line in lines),
        "utr": utr,
        "created_at": desk.now(),
    }
    desk.put(settlement)
    for line in lines:
        line.update(settled=True, settled_at=desk.now(), settlement_id=settlement["id"])
        line.update(settlement_utr=utr, _settled_in=settlement["id"])
        plan(line, None)
        desk.put(line)
    return settlement


def _open_lines(desk: Desk) -> list[Doc]:
    return desk.store.of("line", OPEN)


def _net(lines: list[Doc]) -> int:
    return sum(line["credit"] - line["debit"] for line in lines)


def _item(line: Doc) -> Doc:
    """A line as it is told: under the id of what it is about, without one of its own."""
    return {key: value for key, value in line.items() if key not in _HIDDEN}


def _period(ask: Ask) -> tuple[int, int]:
    """The first moment of the month or day that is asked for, and that after its last."""
    year = number_in(ask.query, "year", 2000, 2999)
    month = number_in(ask.query, "month", 1, 12)
    try:
        if "day" in ask.query:
            first = datetime(year, month, number_in(ask.query, "day", 1, 31), tzinfo=UTC)
            since = int(first.timestamp()) - INDIA
            return since, since + DAY
        after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        first = datetime(year, month, 1, tzinfo=UTC)
    except ValueError:
        raise invalid("day", "There is no such day.") from None
    return int(first.timestamp()) - INDIA, int(after.timestamp()) - INDIA
