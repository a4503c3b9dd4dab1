"""What budgets have counted: read once the wallets of a batch are locked, and known.

A wallet's own counters are guarded by its lock. Shared ones count several wallets and have locks of
their own, which every batch takes after those of all its wallets, in the order of their keys. So
whoever waits for one of them holds none that comes later, and no circle of waiting can close.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from khata.domain.budgets import Counter, Person
from khata.domain.ids import WalletId, bucket_of
from khata.domain.wallet import Book
from khata.engine.books import Need
from khata.engine.counters import (
    OwnCounter,
    SharedCounters,
    Wanted,
    members_asked,
    wanted,
    with_own,
    with_people,
    with_shared,
)
from khata.postgres.binary import Array, int2s, int8s, texts, times
from khata.postgres.wire import Statement, Wire

Rows = Sequence[tuple[Any, ...]]
Books = Mapping[WalletId, Book]

# A charge names its member by the platform's own name or by the id of ours.
MEMBERS = """
select asked.wallet_id, asked.name, coalesce(m.external_id, m.id), m.team_id
from unnest($1::text[], $2::text[], $3::text[]) as asked (wallet_id, organization_id, name)
cross join lateral (
  (select * from members
   where organization_id = asked.organization_id
     and external_id >= asked.name and external_id <= asked.name
   order by external_id)
  union all
  (select * from members
   where organization_id = asked.organization_id and id >= asked.name and id <= asked.name
   order by id)) m"""

OWN_COUNTERS = """
select c.wallet_id, c.budget_id, c.since, c.subject, c.used
from unnest($1::smallint[], $2::text[], $3::text[], $4::timestamptz[], $5::text[])
  as asked (bucket, wallet_id, budget_id, since, subject)
cross join lateral (
  select * from budget_counters
  where bucket = asked.bucket and wallet_id = asked.wallet_id and budget_id = asked.budget_id
    and since = asked.since and subject = asked.subject
  offset 0) c"""

# Takes the rows' locks in the order of the parameters, and makes those that are not there yet: an
# upsert waits for whoever has the row or is making it, and answers the row as it is after that.
LOCK_SHARED_COUNTERS = """
insert into shared_budget_counters as c (bucket, budget_id, since, subject, organization_id, used)
select bucket_, budget_, since_, subject_, organization_, 0
from unnest($1::smallint[], $2::text[], $3::timestamptz[], $4::text[], $5::text[])
  as asked (bucket_, budget_, since_, subject_, organization_)
on conflict (bucket, budget_id, since, subject) do update set used = c.used
returning budget_id, since, subject, used"""

SHARED_COUNTERS = """
select c.budget_id, c.since, c.subject, c.used
from unnest($1::smallint[], $2::text[], $3::timestamptz[], $4::text[])
  as asked (bucket, budget_id, since, subject)
cross join lateral (
  select * from shared_budget_counters
  where bucket = asked.bucket and budget_id = asked.budget_id
    and since = asked.since and subject = asked.subject
  offset 0) c"""

# Every row is there and locked, so each conflicts: an update that plans by the key alone.
WRITE_SHARED_COUNTERS = """
insert into shared_budget_counters (bucket, budget_id, since, subject, used)
select bucket_, budget_, since_, subject_, used_
from unnest($1::smallint[], $2::text[], $3::timestamptz[], $4::text[], $5::bigint[])
  as n (bucket_, budget_, since_, subject_, used_)
on conflict (bucket, budget_id, since, subject) do update set used = excluded.used"""


async def counted(
    wire: Wire, need: Need, books: Books
) -> tuple[dict[WalletId, Book], Mapping[Counter, int]]:
    """The books with all counters that the batch needs, and the shared ones, locked."""
    books = await _with_members(wire, need, books)
    asked = wanted(need, books)
    locked = [(LOCK_SHARED_COUNTERS, _locked(asked.shared))] if asked.shared else []
    found = await wire.flush([*_own(asked), *locked])
    return _with_own(books, asked, found), _shared(found.get(LOCK_SHARED_COUNTERS, ()))


async def seen(wire: Wire, need: Need, books: Books) -> dict[WalletId, Book]:
    """The same for those who only look: nothing is locked."""
    books = await _with_members(wire, need, books)
    asked = wanted(need, books)
    looked = [(SHARED_COUNTERS, _keys(list(asked.shared)))] if asked.shared else []
    found = await wire.flush([*_own(asked), *looked])
    used = {**dict.fromkeys(asked.shared, 0), **_shared(found.get(SHARED_COUNTERS, ()))}
    return with_shared(_with_own(books, asked, found), used)


async def _with_members(wire: Wire, need: Need, books: Books) -> Books:
    """The books with the members that budgets ask about; mostly none does."""
    asked = sorted(members_asked(need, books))
    if not asked:
        return books
    organizations = [books[wallet_id].wallet.organization_id for wallet_id, _ in asked]
    wallets, names = texts([each for each, _ in asked]), texts([name for _, name in asked])
    found = await wire.flush([(MEMBERS, (wallets, texts(organizations), names))])
    people = {(row[0], row[1]): Person(row[2], row[3]) for row in found[MEMBERS]}
    return with_people(books, people)


def shared_update(used: Mapping[Counter, int]) -> Statement:
    """The statement that writes shared counters, which are locked."""
    return WRITE_SHARED_COUNTERS, (*_keys(list(used)), int8s(list(used.values())))


def _own(asked: Wanted) -> list[Statement]:
    if not asked.own:
        return []
    wallets = [wallet_id for wallet_id, _ in asked.own]
    counters = [counter for _, counter in asked.own]
    places = int2s([bucket_of(wallet_id) for wallet_id in wallets])
    return [(OWN_COUNTERS, (places, texts(wallets), *_named(counters)))]


def _with_own(books: Books, asked: Wanted, found: Mapping[str, Rows]) -> dict[WalletId, Book]:
    used: dict[OwnCounter, int] = {
        (wallet_id, Counter(budget_id, since_us, subject)): used
        for wallet_id, budget_id, since_us, subject, used in found.get(OWN_COUNTERS, ())
    }
    return with_own(books, asked.own, used)


def _shared(found: Rows) -> dict[Counter, int]:
    return {Counter(*row[:3]): row[3] for row in found}


def _locked(asked: SharedCounters) -> tuple[Array, ...]:
    return *_keys(list(asked)), texts(list(asked.values()))


def _keys(counters: Sequence[Counter]) -> tuple[Array, ...]:
    return int2s([bucket_of(each.budget_id) for each in counters]), *_named(counters)


def _named(counters: Sequence[Counter]) -> tuple[Array, ...]:
    return (
        texts([each.budget_id for each in counters]),
        times([each.since_us for each in counters]),
        texts([each.subject for each in counters]),
    )
