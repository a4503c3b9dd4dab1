"""What a transaction says of budgets, held against its own amounts and the counts before it."""

from collections.abc import Iterator, Mapping

from khata.domain.budgets import BudgetUse, Counter
from khata.domain.ledger import Transaction
from khata.domain.windows import window_at

Value = str | int | None
Contradiction = tuple[str, Value, Value]


def budget_contradictions(
    t: Transaction, used: Mapping[Counter, int], time_zone: str
) -> Iterator[Contradiction]:
    """Uses that do not go on from where the wallet's counters were, count another amount than the
    transaction moved, or another window than that of its time."""
    for use in t.facts.budgets:
        field = f"facts.budgets.{use.budget_id}"
        if not use.is_shared:
            before = used.get(use.counter, 0)
            if use.before != before:
                yield f"{field}.before", before, use.before
            if t.type in ("USAGE_DEDUCTION", "HOLD"):
                since_us = window_at(use.window, time_zone, t.at_us).since_us
                if use.since_us != since_us:
                    yield f"{field}.since_us", since_us, use.since_us
        least, most = _bounds(t, use)
        if not least <= use.after <= most:
            yield f"{field}.after", least if use.after < least else most, use.after
    if t.type == "HOLD" and t.facts.hold is not None and t.facts.hold.budgets != t.facts.budgets:
        yield "facts.hold.budgets", len(t.facts.budgets), len(t.facts.hold.budgets)


def _bounds(t: Transaction, use: BudgetUse) -> tuple[int, int]:
    """The least and the most that this may have left the counter at."""
    moved = _counted(t) if use.unit == "credits" else _OPERATIONS.get(t.type, 0)
    after = max(use.before + moved, 0)
    # Of a refund only that part comes back whose window is still open.
    return after, use.before if t.type == "REFUND" else after


_OPERATIONS = {"USAGE_DEDUCTION": 1, "HOLD": 1, "HOLD_RELEASE": -1}


def _counted(t: Transaction) -> int:
    """Credits that the transaction adds to budgets; negative where they come back."""
    match t.type:
        case "USAGE_DEDUCTION":
            return t.account_change
        case "REFUND":
            return -t.available_change
        case "HOLD":
            return t.reserved_change
        case "HOLD_CAPTURE" | "HOLD_RELEASE" if t.facts.hold is not None:
            # Held credits were counted when they were taken; only what differs is counted now.
            return t.facts.hold.captured - t.facts.hold.credits
        case _:
            return 0
