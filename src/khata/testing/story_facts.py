"""What comes of a story's line, in the story's own words."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, structs

from khata.domain.commands import Extended, Recorded, Settled
from khata.domain.ids import GrantId
from khata.domain.inr import legs_of
from khata.domain.ledger import USAGE_TYPES, Transaction
from khata.domain.plain_text import rupees
from khata.domain.wallet import Accounts, Book, Draw
from khata.engine.batch import Answer

Clock = Callable[[int], str]
Lots = Mapping[GrantId, str]


class Told(Struct, frozen=True):
    """An outcome in words: a refusal's code, what was drawn in its order, and named facts."""

    code: str | None
    drawn: tuple[str, ...]
    facts: Mapping[str, str]

    def __str__(self) -> str:
        facts = (f"{name} {fact}".strip() for name, fact in self.facts.items())
        said = ", ".join((*self.drawn, *facts))
        return f"{self.code}  {said}" if self.code else said or "nothing"

    def difference(self, expected: tuple[str, ...]) -> str | None:
        """How this is not as expected, if so. Draws are compared as a whole, facts as named."""
        drawn = tuple(item for item in expected if not self._names_a_fact(item))
        wanted = () if drawn == ("nothing",) else drawn
        if drawn and wanted != self.drawn:
            return f"expected {', '.join(drawn)}"
        for item in expected:
            name, _, fact = item.partition(" ")
            if item not in drawn and self.facts[name] != fact:
                return f"expected {item}"
        return None

    def _names_a_fact(self, item: str) -> bool:
        return item.partition(" ")[0] in self.facts


def of_answer(answer: Answer, lots: Lots, clock: Clock, debt: int) -> Told:
    """An answer of the engine. `debt` is the wallet's after it."""
    again = {"replayed": ""} if answer.replayed else {}
    match answer.outcome:
        case Recorded(transaction):
            told = of_transaction(transaction, lots, clock)
            return structs.replace(told, facts={**told.facts, "debt": str(debt), **again})
        case Extended(hold, available, reserved):
            facts = {"available": str(available), "reserved": str(reserved)}
            until = {"until": clock(hold.expires_at_us)}
            return Told(None, (), {**facts, **until, **again})
        case Settled(transactions):
            return Told(None, (), {"booked": str(transactions)})
        case refusal:
            fields = structs.asdict(refusal).items()
            facts = dict(_refusal_fact(name, fact, clock) for name, fact in fields)
            return Told(refusal.code, (), {**facts, **again})


def of_transaction(t: Transaction, lots: Lots, clock: Clock) -> Told:
    """A transaction: its draws, and what a receipt would say of it."""
    facts = {
        "available": str(t.available_after),
        "reserved": str(t.reserved_after),
        "locked": str(t.locked_after),
        "recognized": f"{t.recognized_paise} paise",
    }
    if t.type in USAGE_TYPES:
        facts["bills"] = str(t.account_change)
    if (remainder := t.facts.remainder_after) is not None:
        facts["remainder"] = f"{remainder.numerator}/{remainder.denominator}"
    if t.facts.caps:
        facts["used"] = str(t.facts.caps[0].after)
    facts |= {use.budget_id: str(use.after) for use in t.facts.budgets}
    if (hold := t.facts.hold) is not None:
        facts["held"] = str(hold.credits)
        facts["until"] = clock(hold.expires_at_us)
    return Told(None, tuple(_drawn(draw, lots) for draw in t.draws), facts)


def of_accounts(accounts: Accounts) -> Told:
    """The wallet's accounts, each by its name."""
    fields = structs.asdict(accounts).items()
    named = {name: str(value) for name, value in fields if name not in ("head", "at_us")}
    return Told(None, (), named)


def of_money(ledger: Iterable[Transaction]) -> Told:
    """What a wallet's ledger sums to in rupees, by account; debits positive."""
    sums = Counter[str]()
    for t in ledger:
        for leg in legs_of(t):
            sums[leg.account] += leg.paise
    return Told(None, (), {account: rupees(paise) for account, paise in sorted(sums.items())})


def of_lots(book: Book, lots: Lots) -> Told:
    """What is left in each lot, in burn-down order."""
    left = tuple(f"{lot.available} {lots[lot.id]}" for lot in book.lots if lot.available)
    return Told(None, left, {})


def _drawn(draw: Draw, lots: Lots) -> str:
    name = lots[draw.grant_id]
    return f"{draw.credits} {name}" if draw.credits >= 0 else f"{-draw.credits} back to {name}"


def _refusal_fact(name: str, fact: object, clock: Clock) -> tuple[str, str]:
    moment = re.fullmatch(r"(\w+)_at_us", name)
    if moment is not None and isinstance(fact, int | None):
        return moment[1], "never" if fact is None else clock(fact)
    return name, str(fact)
