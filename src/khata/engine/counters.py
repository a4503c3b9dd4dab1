"""Which counters of budgets a batch needs, once the books of its wallets are read.

Nearly always none. The store fetches what is named here: own counters that the book has not yet,
and shared ones, which count several wallets, always.
"""

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import NamedTuple

from msgspec.structs import replace

from khata.domain.budgets import Counter, Person, Spender
from khata.domain.ids import WalletId
from khata.domain.spending import (
    asks_who,
    counters_of_charges,
    counters_of_holds,
    counters_of_spending,
)
from khata.domain.wallet import Book
from khata.engine.books import Need

Books = Mapping[WalletId, Book]
# A counter of a wallet's own budget.
OwnCounter = tuple[WalletId, Counter]
# Shared counters, each with the organization whose it is, if it is of one.
SharedCounters = Mapping[Counter, str | None]
_Spending = tuple[WalletId, str | None, Spender]


class Wanted(NamedTuple):
    """The counters to fetch, each kind in the one order in which all batches take them."""

    own: list[OwnCounter]
    shared: SharedCounters


def are_concerned(need: Need, books: Books) -> bool:
    """Whether any budget counts anything of this batch."""
    return any(_is_concerned(book) for book in books.values()) or any(
        spender.budget is not None for _, _, spender in need.spendings
    )


def members_asked(need: Need, books: Books) -> set[tuple[WalletId, str]]:
    """The members that budgets ask about: those named by commands, and those of named holds."""
    return {
        (wallet_id, member_id)
        for wallet_id, member_id, _ in _spendings(need, books)
        if member_id is not None and asks_who(books[wallet_id], member_id)
    }


def with_people(
    books: Books, people: Mapping[tuple[WalletId, str], Person]
) -> dict[WalletId, Book]:
    """The books, each with those of its members that are known."""
    known: dict[WalletId, dict[str, Person]] = {}
    for (wallet_id, member_id), person in people.items():
        known.setdefault(wallet_id, {})[member_id] = person
    completed = dict(books)
    for wallet_id, members in known.items():
        counts = books[wallet_id].counts
        completed[wallet_id] = replace(books[wallet_id], counts=replace(counts, people=members))
    return completed


def wanted(need: Need, books: Books) -> Wanted:
    """The counters that the batch needs and its books do not have."""
    own: set[OwnCounter] = set()
    shared: dict[Counter, str | None] = {}
    for wallet_id, counter, is_shared in _needed(need, books):
        if is_shared:
            shared[counter] = books[wallet_id].wallet.organization_id
        elif counter not in books[wallet_id].counts.own:
            own.add((wallet_id, counter))
    for _, _, spender in need.spendings:
        if (limit := spender.budget) is not None:
            shared |= {each: spender.organization_id for each in shared if each[0] == limit.id}
    return Wanted(sorted(own), dict(sorted(shared.items(), key=itemgetter(0))))


def with_own(
    books: Books, asked: Iterable[OwnCounter], used: Mapping[OwnCounter, int]
) -> dict[WalletId, Book]:
    """The books with these counters of theirs. One that no row has stands at zero."""
    counted: dict[WalletId, dict[Counter, int]] = {}
    for wallet_id, counter in asked:
        counted.setdefault(wallet_id, {})[counter] = used.get((wallet_id, counter), 0)
    completed = dict(books)
    for wallet_id, more in counted.items():
        counts = books[wallet_id].counts
        completed[wallet_id] = replace(
            books[wallet_id], counts=replace(counts, own={**counts.own, **more})
        )
    return completed


def with_shared(books: Books, used: Mapping[Counter, int]) -> dict[WalletId, Book]:
    """The books with what shared budgets have counted."""
    return {
        each: replace(book, counts=replace(book.counts, shared=used))
        for each, book in books.items()
    }


def _needed(need: Need, books: Books) -> Iterator[tuple[WalletId, Counter, bool]]:
    for wallet_id, book in books.items():
        for counter, is_shared in counters_of_holds(book.holds.values()):
            yield wallet_id, counter, is_shared
        for counter, is_shared in counters_of_charges(book.charges.values()):
            yield wallet_id, counter, is_shared
    # A wallet's time may run ahead of ours, and a gift takes it over to another one's.
    times = {max(need.at_us, book.accounts.at_us) for book in books.values()}
    for wallet_id, member_id, spender in set(_spendings(need, books)):
        for at_us in times:
            for counter, is_shared in counters_of_spending(
                books[wallet_id], member_id, spender, at_us
            ):
                yield wallet_id, counter, is_shared


def _spendings(need: Need, books: Books) -> Iterator[_Spending]:
    """By whom what is spent; a hold's capture is by the hold's member."""
    senders: dict[WalletId, set[Spender]] = {}
    for wallet_id, member_id, spender in need.spendings:
        if wallet_id in books:
            senders.setdefault(wallet_id, set()).add(spender)
            yield wallet_id, member_id, spender
    for wallet_id, hold_id in need.holds:
        hold = books[wallet_id].holds.get(hold_id) if wallet_id in books else None
        if hold is not None:
            for spender in senders.get(wallet_id, ()):
                yield wallet_id, hold.member_id, spender


def _is_concerned(book: Book) -> bool:
    return bool(
        book.wallet.budgets
        or any(hold.budgets for hold in book.holds.values())
        or any(charge.budgets for charge in book.charges.values())
    )
