"""Books in memory: the store's promises without a store, for tests of Khata and of its users."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct
from msgspec.structs import replace

from khata.domain.acts import Act
from khata.domain.budgets import NO_COUNTS, NOTHING_USED, Counter, Counts, Person
from khata.domain.commands import Recorded
from khata.domain.ids import (
    GrantId,
    HoldId,
    OrganizationId,
    TransactionId,
    WalletId,
    bucket_of,
)
from khata.domain.ledger import CONSUMED, Transaction
from khata.domain.lots import burn_order
from khata.domain.payouts import PAYOUT_TYPES, payouts_after
from khata.domain.restores import taken_back
from khata.domain.spending import charged
from khata.domain.wallet import Book, Charge, Draw, Hold, Lot, TakenBack, Wallet, first_due_us
from khata.engine.books import Changes, KeptAnswer, Key, Loaded, Need, Prior
from khata.engine.counters import (
    are_concerned,
    members_asked,
    wanted,
    with_own,
    with_people,
)
from khata.testing.constraints import ConstraintBroken, check_book, check_transaction


class Shelf(Struct):
    """All rows of one wallet. The book holds every lot and hold there ever was; `recharges` has
    the numbers of those that began."""

    book: Book
    transactions: list[Transaction] = []
    answers: dict[str, KeptAnswer] = {}
    recharges: list[int] = []

    def transaction(self, transaction_id: str) -> Transaction | None:
        """The wallet's transaction of that id."""
        return next((t for t in self.transactions if t.id == transaction_id), None)


class MemoryBooks:
    """Wallets in memory, locked, read and written as the database does it.

    A load takes the wallets' locks in order and finds what the store would find, no more. A write
    takes place whole or, where the schema's constraints would not have it, not at all. Override
    `before_commit` and `after_commit` to let something go wrong there.
    """

    def __init__(self, *wallets: Wallet) -> None:
        self.shelves: dict[WalletId, Shelf] = {}
        self.commits = 0
        self.acts: list[Act] = []
        # Of budgets over several wallets, and the members whom budgets ask about, by organization.
        self.shared: dict[Counter, int] = {}
        self.people: dict[tuple[OrganizationId, str], Person] = {}
        self._lock_of_shared = asyncio.Lock()
        self._locks: defaultdict[WalletId, asyncio.Lock] = defaultdict(asyncio.Lock)
        for wallet in wallets:
            self.add(wallet)

    def add(self, wallet: Wallet) -> None:
        """Make a wallet, or change the settings of one."""
        shelf = self.shelves.setdefault(wallet.id, Shelf(Book(wallet)))
        shelf.book = replace(shelf.book, wallet=wallet)

    def arm(self, wallet_id: WalletId, below: int | None) -> None:
        """Let the wallet recharge itself below that line, which may begin at once, or not at all.

        Recharges that began count as ended by now.
        """
        shelf = self.shelves[wallet_id]
        book = replace(shelf.book, recharge_below=below)
        if below is not None and book.accounts.available < below:
            book = replace(book, recharge_below=None, recharges=book.recharges + 1)
            shelf.recharges.append(book.recharges)
        shelf.book = book

    def book(self, wallet_id: WalletId) -> Book:
        """The wallet's whole book, with all lots and holds there ever were."""
        return self.shelves[wallet_id].book

    def transactions(self, wallet_id: WalletId) -> tuple[Transaction, ...]:
        """The wallet's ledger."""
        return tuple(self.shelves[wallet_id].transactions)

    @asynccontextmanager
    async def session(self) -> AsyncGenerator["MemorySession"]:
        """A session, which lets go of its locks when it is left."""
        async with AsyncExitStack() as stack:
            yield MemorySession(self, stack)

    def before_commit(self, changes: Changes) -> None:
        """Called when a batch is about to be written. What it raises leaves nothing written."""

    def after_commit(self, changes: Changes) -> None:
        """Called when a batch stands. What it raises is an answer that was lost."""

    def learn(self, organization_id: OrganizationId, member_id: str, person: Person) -> None:
        """Know a member: the name it is counted by, and its team."""
        self.people[organization_id, member_id] = person

    async def lock_shared(self, stack: AsyncExitStack) -> None:
        """Take the lock of all shared counters until the stack is left."""
        await stack.enter_async_context(self._lock_of_shared)

    async def lock_for(self, wallet_id: WalletId, stack: AsyncExitStack) -> None:
        """Take the wallet's lock until the stack is left."""
        await stack.enter_async_context(self._locks[wallet_id])


class MemorySession:
    """One transaction on the books in memory."""

    def __init__(self, books: MemoryBooks, locks: AsyncExitStack) -> None:
        self._books = books
        self._locks = locks
        self._added: list[Transaction] = []

    async def load(self, need: Need) -> Loaded:
        """Lock the wallets in id order, then read what the batch needs."""
        shelves = self._books.shelves
        known = sorted(set(need.wallets) & shelves.keys(), key=lambda each: (bucket_of(each), each))
        for wallet_id in known:
            await self._books.lock_for(wallet_id, self._locks)
        books = {wallet_id: loaded_book(shelves[wallet_id], need) for wallet_id in known}
        priors = dict(_priors(shelves, need))
        if not are_concerned(need, books):
            return Loaded(books, priors)
        return await self._counted(need, books, priors)

    async def _counted(
        self, need: Need, books: dict[WalletId, Book], priors: Mapping[Key, Prior]
    ) -> Loaded:
        """With what budgets have counted: own counters, then the shared ones under their lock."""
        shelves, people = self._books.shelves, self._books.people
        named = {
            (wallet_id, member_id): people[books[wallet_id].wallet.organization_id, member_id]
            for wallet_id, member_id in members_asked(need, books)
            if (books[wallet_id].wallet.organization_id, member_id) in people
        }
        books = with_people(books, named)
        asked = wanted(need, books)
        used = {
            (each, counter): shelves[each].book.counts.own.get(counter, 0)
            for each, counter in asked.own
        }
        shared: Mapping[Counter, int] = NOTHING_USED
        if asked.shared:
            await self._books.lock_shared(self._locks)
            shared = {counter: self._books.shared.get(counter, 0) for counter in asked.shared}
        return Loaded(with_own(books, asked.own, used), priors, shared)

    def add(self, transactions: Sequence[Transaction]) -> None:
        """Take the next decided transactions. They stand once `write` is done."""
        self._added += transactions

    async def write(self, changes: Changes) -> None:
        """Write everything, or nothing."""
        assert self._added == list(changes.transactions), "what was added is what was decided"
        self._books.before_commit(changes)
        shelves = {each: _copied(self._books.shelves[each]) for each in changes.after}
        for t in changes.transactions:
            _add_transaction(shelves[t.wallet_id], t)
        for answer in changes.answers:
            _add_answer(shelves[answer.wallet_id], answer)
        for wallet_id, after in changes.after.items():
            _put_away(shelves[wallet_id], after)
        self._books.shelves.update(shelves)
        shared = {**self._books.shared, **changes.shared}
        self._books.shared = {counter: used for counter, used in shared.items() if used}
        self._books.acts += changes.acts
        self._books.commits += 1
        self._books.after_commit(changes)


def loaded_book(shelf: Shelf, need: Need) -> Book:
    """What the store would read of this wallet for that need."""
    whole = shelf.book
    charges = dict(_charges(shelf, need))
    clawbacks = dict(_clawbacks(shelf, need))
    lots = tuple(_lots(whole, charges, need))
    holds = dict(_holds(whole, need))
    due_us = first_due_us(whole.lots, whole.holds)
    return replace(
        whole,
        lots=lots,
        holds=holds,
        charges=charges,
        clawbacks=clawbacks,
        due_us=due_us,
        payouts=_payouts(shelf, need),
        counts=NO_COUNTS,
    )


def _payouts(shelf: Shelf, need: Need) -> Mapping[str, tuple[Draw, ...]]:
    if shelf.book.wallet.id not in need.payouts:
        return {}
    moved = ((t.type, t.source_id, t.draws) for t in shelf.transactions if t.type in PAYOUT_TYPES)
    return payouts_after({}, moved)


def _lots(book: Book, charges: dict[TransactionId, Charge], need: Need) -> Iterator[Lot]:
    payments = {payment for wallet, payment in need.payments if wallet == book.wallet.id}
    drawn = {draw.grant_id for charge in charges.values() for draw in charge.draws}
    for lot in book.lots:
        live = lot.available + lot.reserved + lot.locked > 0
        if live or lot.payment_id in payments or lot.id in drawn:
            yield lot


def _holds(book: Book, need: Need) -> Iterator[tuple[HoldId, Hold]]:
    at_us = max(need.at_us, book.accounts.at_us)
    named = {hold_id for wallet, hold_id in need.holds if wallet == book.wallet.id}
    for hold in book.holds.values():
        if hold.id in named or (hold.state == "open" and hold.expires_at_us <= at_us):
            yield hold.id, hold


def _charges(shelf: Shelf, need: Need) -> Iterator[tuple[TransactionId, Charge]]:
    for wallet, transaction_id in need.charges:
        t = shelf.transaction(transaction_id) if wallet == shelf.book.wallet.id else None
        if t is None or not (t.account or "").startswith(CONSUMED) or t.account_change <= 0:
            continue
        refunds = (r for r in shelf.transactions if r.type == "REFUND" and r.source_id == t.id)
        refunded = sum(refund.available_change for refund in refunds)
        drawn = (t.draws, t.feature, t.category, t.member_id)
        budgets = charged(t.type, t.facts)
        yield t.id, Charge(t.id, t.account_change, refunded, *drawn, budgets)


def _clawbacks(shelf: Shelf, need: Need) -> Iterator[tuple[TransactionId, TakenBack]]:
    for wallet, transaction_id in need.clawbacks:
        t = shelf.transaction(transaction_id) if wallet == shelf.book.wallet.id else None
        if t is None or (t.type, t.source) != ("CLAWBACK", "payment"):
            continue
        if (taken := taken_back(t.id, t.draws, t.facts)) is not None:
            is_restored = any(_restores(other, t.id) for other in shelf.transactions)
            yield t.id, replace(taken, is_restored=is_restored)


def _restores(t: Transaction, transaction_id: str) -> bool:
    return (t.type, t.source, t.source_id) == ("CLAWBACK", "transaction", transaction_id)


def _priors(shelves: dict[WalletId, Shelf], need: Need) -> Iterator[tuple[Key, Prior]]:
    wanted = set(need.keys)
    for wallet_id in {wallet for wallet, _ in wanted} & shelves.keys():
        for t in shelves[wallet_id].transactions:
            key = (wallet_id, t.idempotency_key or "")
            if t.fingerprint is not None and key in wanted:
                yield key, Prior(t.fingerprint, Recorded(t))
        for answer in shelves[wallet_id].answers.values():
            key = (wallet_id, answer.idempotency_key)
            if key in wanted:
                yield key, Prior(answer.fingerprint, answer.outcome, answer.refusal_id)


def _copied(shelf: Shelf) -> Shelf:
    return Shelf(shelf.book, list(shelf.transactions), dict(shelf.answers), list(shelf.recharges))


def _add_transaction(shelf: Shelf, t: Transaction) -> None:
    check_transaction(t)
    for known in shelf.transactions:
        if known.id == t.id:
            raise ConstraintBroken(f"transactions_id: {t.id}")
        if known.sequence == t.sequence:
            raise ConstraintBroken(f"transactions_pkey: {t.sequence}")
        if t.idempotency_key is not None and known.idempotency_key == t.idempotency_key:
            raise ConstraintBroken(f"transactions_key: {t.idempotency_key}")
        if t.source_id is not None and _restores(t, t.source_id) and _restores(known, t.source_id):
            raise ConstraintBroken(f"transactions_restored_once: {t.source_id}")
    shelf.transactions.append(t)


def _add_answer(shelf: Shelf, answer: KeptAnswer) -> None:
    if answer.idempotency_key in shelf.answers:
        raise ConstraintBroken(f"answers_pkey: {answer.idempotency_key}")
    shelf.answers[answer.idempotency_key] = answer


def _put_away(shelf: Shelf, after: Book) -> None:
    """Take over the rows that a decided book holds, and keep those it never saw."""
    check_book(after)
    if after.recharges != shelf.book.recharges:
        shelf.recharges.append(after.recharges)
    lots: dict[GrantId, Lot] = {lot.id: lot for lot in (*shelf.book.lots, *after.lots)}
    shelf.book = replace(
        after,
        lots=tuple(sorted(lots.values(), key=burn_order)),
        holds={**shelf.book.holds, **after.holds},
        charges={},
        clawbacks={},
        payouts={},
        counts=_counts_after(shelf.book.counts, after.counts),
    )


def _counts_after(known: Counts, after: Counts) -> Counts:
    """The wallet's counters that stand above zero."""
    own = {**known.own, **after.own}
    return Counts({counter: used for counter, used in own.items() if used})
