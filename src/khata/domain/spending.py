"""What is spent counts against budgets, what comes of nothing is given back to the very window."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from khata.domain.budgets import (
    EVERYBODY,
    Budget,
    BudgetUse,
    Counter,
    Counts,
    Person,
    Spender,
)
from khata.domain.ledger import Facts, TransactionType
from khata.domain.refusals import BudgetExceeded
from khata.domain.wallet import Book, Charge, Hold
from khata.domain.windows import Window, window_at


class Spending(NamedTuple):
    """What is to be spent: credits and operations, on which feature, for whom."""

    feature: str
    category: str
    member_id: str | None
    credits: int
    operations: int = 1


def spend(
    book: Book, spending: Spending, spender: Spender, at_us: int
) -> tuple[BudgetUse, ...] | BudgetExceeded:
    """Each budget's use after this, outermost first, or the first that is exceeded by it.

    What asks for nothing of a budget is not counted by it, nor refused, however full it is.
    """
    if not is_budgeted(book, spender):
        return ()
    uses: list[BudgetUse] = []
    for budget in budgets_of(book, spender):
        use = _counted(book, budget, spending, spender, at_us)
        if use is None or not use.amount:
            continue
        over = use.after - use.limit
        if over > 0 and use.on_limit == "refuse":
            return _exceeded(use, over)
        uses.append(use)
    return tuple(uses)


def is_budgeted(book: Book, spender: Spender) -> bool:
    """Whether any budget may count what this one spends here."""
    return bool(book.wallet.budgets) or spender.budget is not None


def standings(
    book: Book, spending: Spending, spender: Spender, at_us: int
) -> tuple[BudgetUse, ...]:
    """All budgets that this would count against, exceeded or not."""
    counted = (
        _counted(book, budget, spending, spender, at_us) for budget in budgets_of(book, spender)
    )
    return tuple(use for use in counted if use is not None)


def give_back(
    counts: Counts, uses: Iterable[BudgetUse], credits: int, operations: int
) -> tuple[BudgetUse, ...]:
    """The same counters after up to that much came back to them, in the windows of these uses."""
    back = ((use, credits if use.unit == "credits" else operations) for use in uses)
    return _returned(counts, ((use, min(amount, use.amount)) for use, amount in back))


def restored(book: Book, charge: Charge, credits: int, at_us: int) -> tuple[BudgetUse, ...]:
    """The counters after a refund of the next `credits` of a charge, as far as still open.

    What a capture took beyond its hold comes back first.
    """
    return _returned(book.counts, _parts(charge, credits, at_us))


def charged(type_: TransactionType, facts: Facts) -> tuple[BudgetUse, ...]:
    """The credits that a charge counted in the end, each with the window it counted them in."""
    own = [use for use in facts.budgets if use.unit == "credits" and use.amount > 0]
    if type_ != "HOLD_CAPTURE" or facts.hold is None:
        return tuple(own)
    captured = facts.hold.captured
    held = (use for use in facts.hold.budgets if use.unit == "credits")
    kept = (replace(use, after=use.before + min(use.amount, captured)) for use in held)
    return (*own, *(use for use in kept if use.amount > 0))


def budgets_of(book: Book, spender: Spender) -> tuple[Budget, ...]:
    """The wallet's budgets, outermost first, and last the limit that the key brings along."""
    own = book.wallet.budgets
    return own if spender.budget is None else (*own, spender.budget)


def counters_of_holds(holds: Iterable[Hold]) -> Iterator[tuple[Counter, bool]]:
    """The counters to which these holds may give back, and whether each is shared."""
    for hold in holds:
        for use in hold.budgets:
            yield use.counter, use.is_shared


def counters_of_charges(charges: Iterable[Charge]) -> Iterator[tuple[Counter, bool]]:
    """The counters to which refunds of these charges may give back."""
    for charge in charges:
        for use in charge.budgets:
            yield use.counter, use.is_shared


def counters_of_spending(
    book: Book, member_id: str | None, spender: Spender, at_us: int
) -> Iterator[tuple[Counter, bool]]:
    """The counters that may count what this one spends then, on whatever feature."""
    for budget in budgets_of(book, spender):
        subject = _subject(budget, member_id, spender, book.counts.people)
        if subject is not None:
            window = _window(book, budget, at_us)
            yield Counter(budget.id, window.since_us, subject), budget.is_shared


def asks_who(book: Book, member_id: str) -> bool:
    """Whether a budget of the wallet asks who that member is."""
    return any(
        budget.level == "team" or (budget.level == "member" and member_id.startswith("mem_"))
        for budget in book.wallet.budgets
    )


def _counted(
    book: Book, budget: Budget, spending: Spending, spender: Spender, at_us: int
) -> BudgetUse | None:
    """The budget's use after this; none where it does not count."""
    if not budget.is_about(spending.feature, spending.category):
        return None
    amount = spending.credits if budget.unit == "credits" else spending.operations
    subject = _subject(budget, spending.member_id, spender, book.counts.people)
    if subject is None:
        return None
    window = _window(book, budget, at_us)
    counter = Counter(budget.id, window.since_us, subject)
    used = book.counts.used(counter, is_shared=budget.is_shared)
    return budget.use(window, subject, used, used + amount)


def _subject(
    budget: Budget, member_id: str | None, spender: Spender, people: Mapping[str, Person]
) -> str | None:
    """Whom the budget counts this for; none where for nobody."""
    match budget.level:
        case "organization":
            return EVERYBODY
        case "key":
            found = spender.key_id
        case "member":
            found = _named(member_id, people)
        case "team":
            known = None if member_id is None else people.get(member_id)
            found = None if known is None else known.team_id
    return found if budget.subject in (None, found) else None


def _named(member_id: str | None, people: Mapping[str, Person]) -> str | None:
    known = None if member_id is None else people.get(member_id)
    return member_id if known is None else known.subject


def _window(book: Book, budget: Budget, at_us: int) -> Window:
    return window_at(budget.window, budget.time_zone or book.wallet.time_zone, at_us)


def _exceeded(use: BudgetUse, over: int) -> BudgetExceeded:
    return BudgetExceeded(
        budget_id=use.budget_id,
        level=use.level,
        subject=use.subject or None,
        category=use.category,
        feature=use.feature,
        unit=use.unit,
        window=use.window,
        used=use.before,
        limit=use.limit,
        requested=use.amount,
        over=over,
        resets_at_us=use.until_us,
    )


def _returned(counts: Counts, parts: Iterable[tuple[BudgetUse, int]]) -> tuple[BudgetUse, ...]:
    """One use a counter, after what came back to it."""
    back: dict[Counter, tuple[BudgetUse, int]] = {}
    for use, amount in parts:
        if amount > 0:
            _, more = back.get(use.counter, (use, 0))
            back[use.counter] = (use, amount + more)
    done: list[BudgetUse] = []
    for counter, (use, amount) in back.items():
        used = counts.used(counter, is_shared=use.is_shared)
        done.append(replace(use, before=used, after=max(used - amount, 0)))
    return tuple(done)


def _parts(charge: Charge, credits: int, at_us: int) -> Iterator[tuple[BudgetUse, int]]:
    """What of the credits from the `refunded`th on each use of the charge counted."""
    passed: dict[str, int] = {}
    first, last = charge.refunded, charge.refunded + credits
    for use in charge.budgets:
        begins = passed.get(use.budget_id, 0)
        passed[use.budget_id] = ends = begins + use.amount
        is_open = use.until_us is None or at_us < use.until_us
        if is_open:
            yield use, min(last, ends) - max(first, begins)
