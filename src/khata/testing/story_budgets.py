"""The budgets of a story: which there are, and for which wallets."""

from collections.abc import Mapping
from typing import get_args

from msgspec.structs import replace

from khata.domain.budgets import (
    LEVELS,
    Budget,
    BudgetLevel,
    BudgetUnit,
    BudgetWindow,
    outermost_first,
)
from khata.domain.ids import WalletId
from khata.domain.wallet import Wallet
from khata.testing.story_text import Line

UNITS: Mapping[str, BudgetUnit] = {"credits": "credits", "count": "count"}
WINDOWS: Mapping[str, BudgetWindow] = {each: each for each in get_args(BudgetWindow)}


class StoryBudgets:
    """Budgets by the names that a story gives them, which are their ids."""

    def __init__(self) -> None:
        self._budgets: dict[str, tuple[Budget, WalletId | None]] = {}

    def set(self, line: Line, wallet_id: WalletId, time_zone: str) -> None:
        """Make the budget that a line tells of, or change it."""
        together = "together" in line.words
        budget = budget_of(line, time_zone if together else None)
        self._budgets[budget.id] = (budget, None if together else wallet_id)

    def end(self, line: Line) -> None:
        """End the budget that a line names."""
        if self._budgets.pop(line.word(0, "the name of a budget"), None) is None:
            raise line.wrong("there is no such budget")

    def on(self, wallet: Wallet) -> Wallet:
        """The wallet with all budgets that count it."""
        counting = (budget for budget, of in self._budgets.values() if of in (None, wallet.id))
        return replace(wallet, budgets=outermost_first(counting))


def budget_of(line: Line, time_zone: str | None) -> Budget:
    """The budget that a line tells of."""
    unit, window = line.word(2, "credits or count"), line.options.get("per", "day")
    if unit not in UNITS:
        raise line.wrong(f"“{unit}” is neither credits nor count")
    if window not in WINDOWS:
        raise line.wrong(f"“{window}” is no window: hour, day, month or lifetime")
    return Budget(
        id=line.word(0, "a name"),
        level=_level(line),
        unit=UNITS[unit],
        window=WINDOWS[window],
        limit=line.number(1, "a limit"),
        subject=line.options.get("of"),
        category=line.options.get("in"),
        feature=line.options.get("for"),
        on_limit="alert" if "alert" in line.words else "refuse",
        time_zone=time_zone,
    )


def _level(line: Line) -> BudgetLevel:
    # In the plural, for “key” stands for an idempotency key everywhere.
    named: list[BudgetLevel] = [level for level in LEVELS if f"{level}s" in line.words]
    return named[0] if named else "organization"
