"""Whether a wallet's books add up, found from its rows alone and by other ways than the rules'."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from khata.domain.evolve import evolve
from khata.domain.ids import GrantId, HoldId, bucket_of
from khata.domain.inr import legs_of
from khata.domain.ledger import Transaction, earned_paise
from khata.domain.wallet import GENESIS, Book, Hold, Lot
from khata.testing.constraints import counter_accounts, own_accounts

BETWEEN_POCKETS = frozenset(
    {"HOLD", "HOLD_RELEASE", "LOCK", "UNLOCK", "PAYOUT_HOLD", "PAYOUT_RELEASE"}
)
ISSUED = {
    "purchase": "issued_purchase",
    "bonus": "issued_bonus",
    "promo": "issued_promo",
    "plan": "issued_plan",
}


def audit(book: Book, transactions: Iterable[Transaction]) -> None:
    """Raise AssertionError, with all that is wrong, unless the wallet's books add up.

    `book` must hold every lot and hold there ever was, as the books in memory keep them.
    """
    ledger = tuple(transactions)
    found = [
        *_pockets(book),
        *_lots_against_draws(book, ledger),
        *_money(book, ledger),
        *_sources(book, ledger),
        *_ids(book, ledger),
        *_holds(book, ledger),
        *_chain(book, ledger),
        *_replay(book, ledger),
    ]
    assert not found, "\n".join(found)


def _pockets(book: Book) -> Iterator[str]:
    a, lots = book.accounts, book.lots
    held = sum(hold.credits for hold in book.holds.values() if hold.state == "open")
    yield from _differs("available", a.available, sum(lot.available for lot in lots) - a.debt)
    yield from _differs("reserved", a.reserved, sum(lot.reserved for lot in lots))
    yield from _differs("held", a.reserved, held)
    yield from _differs("locked", a.locked, sum(lot.locked for lot in lots))
    yield from _differs("all", own_accounts(a), -sum(counter_accounts(a).values()))


def _lots_against_draws(book: Book, ledger: tuple[Transaction, ...]) -> Iterator[str]:
    """Granted = left + drawn, lot by lot; and the cost used up is that of what is gone."""
    drawn: Counter[GrantId] = Counter()
    for t in ledger:
        if t.type not in BETWEEN_POCKETS:
            drawn.update({draw.grant_id: draw.credits for draw in t.draws})
    for lot in book.lots:
        yield from _differs(f"drawn from {lot.kind} {lot.id}", drawn[lot.id], lot.gone)
    used_up = sum(earned_paise(lot, 0, lot.gone) for lot in book.lots if lot.cost_paise)
    yield from _differs("recognized paise", sum(t.recognized_paise for t in ledger), used_up)


def _money(book: Book, ledger: tuple[Transaction, ...]) -> Iterator[str]:
    """Each transaction's legs sum to zero, and deferred is what the lots have not earned yet."""
    owed = 0
    for t in ledger:
        legs = legs_of(t)
        yield from _differs(f"sum of {legs}", sum(leg.paise for leg in legs), 0)
        owed -= sum(leg.paise for leg in legs if leg.account == "deferred_revenue")
    unearned = sum(lot.cost_paise - earned_paise(lot, 0, lot.gone) for lot in book.lots)
    yield from _differs("deferred paise", owed, unearned)


def _sources(book: Book, ledger: tuple[Transaction, ...]) -> Iterator[str]:
    own = [lot for lot in book.lots if lot.from_grant_id is None]
    accounts = counter_accounts(book.accounts)
    for kind, account in ISSUED.items():
        granted = sum(lot.granted for lot in own if lot.kind == kind)
        yield from _differs(account, -accounts[account], granted)
    received = sum(lot.granted for lot in book.lots if lot.from_grant_id is not None)
    given = sum(-t.available_change for t in ledger if t.type == "TRANSFER_OUT")
    yield from _differs("transferred", accounts["transferred"], given - received)
    expired = sum(draw.credits for t in ledger if t.type == "EXPIRY" for draw in t.draws)
    yield from _differs("expired", accounts["expired"], expired)
    clawed = sum(lot.clawed_back for lot in book.lots)
    yield from _differs("clawed back", accounts["clawed_back"], clawed)


def _ids(book: Book, ledger: tuple[Transaction, ...]) -> Iterator[str]:
    """Every id is the only one of its kind, and tells the wallet's bucket."""
    lots, holds = [lot.id for lot in book.lots], list(book.holds)
    ids = [t.id for t in ledger] + lots + holds
    yield from _differs("ids", len(set(ids)), len(ids))
    buckets = {bucket_of(each) for each in ids} or {bucket_of(book.wallet.id)}
    yield from _differs("buckets", buckets, {bucket_of(book.wallet.id)})


def _holds(book: Book, ledger: tuple[Transaction, ...]) -> Iterator[str]:
    """A hold captured what its capture charged, and no other hold captured anything."""
    charged = {t.source_id: t.account_change for t in ledger if t.type == "HOLD_CAPTURE"}
    for hold in book.holds.values():
        yield from _differs(f"captured {hold.id}", hold.captured, charged.get(hold.id, 0))
        captured = hold.id in charged
        yield from _differs(f"state {hold.id}", hold.state == "captured", captured)


def _chain(book: Book, ledger: tuple[Transaction, ...]) -> Iterator[str]:
    head, at_us, available = GENESIS, 0, 0
    for sequence, t in enumerate(ledger, 1):
        yield from _differs("sequence", t.sequence, sequence)
        yield from _differs(f"chain at {sequence}", t.previous_hash, head)
        yield from _differs(f"before {sequence}", t.balance_before, available)
        if t.at_us < at_us:
            yield f"time runs backwards at {sequence}"
        head, at_us, available = t.hash, t.at_us, t.available_after
    yield from _differs("head", book.accounts.head, head)


def _replay(book: Book, ledger: tuple[Transaction, ...]) -> Iterator[str]:
    """The ledger alone leads to the same book, but for what extensions of open holds changed."""
    replayed = Book(book.wallet)
    for t in ledger:
        replayed = evolve(replayed, t)
    yield from _differs("replayed accounts", book.accounts, replayed.accounts)
    yield from _differs("replayed lots", _by_id(book.lots), _by_id(replayed.lots))
    yield from _differs("replayed meters", book.meters, replayed.meters)
    yield from _differs("replayed caps", book.caps, replayed.caps)
    counted = {counter: used for counter, used in replayed.counts.own.items() if used}
    yield from _differs("replayed budgets", book.counts.own, counted)
    holds = (_without_end(book.holds), _without_end(replayed.holds))
    yield from _differs("replayed holds", *holds)


def _by_id(lots: tuple[Lot, ...]) -> dict[GrantId, Lot]:
    return {lot.id: lot for lot in lots}


def _without_end(holds: Mapping[HoldId, Hold]) -> dict[HoldId, Hold]:
    return {each.id: replace(each, expires_at_us=0) for each in holds.values()}


def _differs(what: str, here: object, there: object) -> Iterator[str]:
    if here != there:
        yield f"{what}: {here} is not {there}"
