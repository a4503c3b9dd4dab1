"""The simulator's own memory: one SQLite file, one JSON document for each entity.

It is a foreign company's, so it is apart from Khata's database. What an answer says is written
before the answer is sent. One process owns the file; everything runs in its event loop.
"""

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from khata.payments.simulator.documents import Doc

_SCHEMA: Final = """
create table if not exists documents (
  number integer primary key autoincrement,
  kind   text not null,
  id     text not null,
  owner  text,
  mark   text,
  at     integer not null,
  due    integer,
  body   text not null,
  before text,
  unique (kind, id)
);
create index if not exists documents_by_number on documents (kind, number);
create index if not exists documents_by_time on documents (kind, at);
create index if not exists documents_by_owner on documents (kind, owner, number);
create index if not exists documents_by_mark on documents (kind, mark, number);
create index if not exists documents_by_due on documents (due, number)
  where due is not null and kind <> 'delivery';
create index if not exists deliveries_by_due on documents (due, number)
  where due is not null and kind = 'delivery';
create table if not exists facts (name text primary key, fact text not null);
"""
_PUT: Final = """
insert into documents (kind, id, owner, mark, at, due, body) values (?, ?, ?, ?, ?, ?, ?)
on conflict (kind, id) do update set
  owner = excluded.owner, mark = excluded.mark, due = excluded.due,
  before = case when body = excluded.body then before else body end, body = excluded.body
"""
_GET: Final = "select body, before from documents where kind = ? and id = ?"
_OF: Final = "select body, before from documents where kind = ? and owner = ? order by number"
_MARKED: Final = "select body, before from documents where kind = ? and mark = ? order by number"
# The plus keeps the time out of the choice of index: lists are read from their newest end.
_PAGE_OF: Final = """
select body, before from documents where kind = :kind and +at between :since and :until
"""
_OF_OWNER: Final = " and owner = :owner"
_WITH_MARK: Final = " and mark = :mark"
_NEWEST: Final = " order by number desc limit :count offset :skip"
_ALL: Final = "select body, before from documents where kind = ? order by number"
_NEXT_DUE: Final = """
select body, before from documents indexed by documents_by_due
where due <= ? and kind <> 'delivery'
order by due, number limit 1
"""
_NEXT_DELIVERY: Final = """
select body, before from documents indexed by deliveries_by_due
where due <= ? and kind = 'delivery'
order by due, number limit 1
"""
_SOONEST: Final = """
select min(due) from (
  select min(due) as due from documents indexed by documents_by_due
  where due is not null and kind <> 'delivery'
  union all
  select min(due) from documents indexed by deliveries_by_due
  where due is not null and kind = 'delivery'
)
"""
_DELETE: Final = "delete from documents where kind = ? and id = ?"
_PURGE: Final = "delete from documents where kind = ? and at < ? and due is null"
_FACT: Final = "select fact from facts where name = ?"
_SET_FACT: Final = """
insert into facts (name, fact) values (?, ?) on conflict (name) do update set fact = excluded.fact
"""

# By which of its fields an entity is found: whose it is, and a name it was given.
_OWNER: Final = {
    "order": "customer_id",
    "payment": "order_id",
    "refund": "payment_id",
    "token": "customer_id",
    "dispute": "payment_id",
    "notification": "order_id",
    "line": "_settled_in",
    "event": "event",
    "delivery": "endpoint_id",
}
_MARK: Final = {
    "order": "receipt",
    "payment": "token_id",
    "refund": "receipt",
    "customer": "_known_by",
    "line": "payment_id",
    "delivery": "status",
}


class Range(Struct, frozen=True, kw_only=True):
    """Which part of a list is asked for, newest first; a negative count asks for all."""

    count: int = 10
    skip: int = 0
    since: int = 0
    until: int = 2**62


class Store:
    """Documents by kind and id. Everything that is written is written within `transaction`."""

    def __init__(self, path: Path | None) -> None:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        # Survives each death of the process. A machine without power may lose the last moments.
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_SCHEMA)
        self._stale = False

    @contextmanager
    def as_before(self) -> Generator[None]:
        """Within, reads see each entity as it was before it last changed."""
        self._stale = True
        try:
            yield
        finally:
            self._stale = False

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All that is written within is written together, or nothing of it."""
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def put(self, doc: Doc) -> None:
        """Keeps the document as it is now."""
        kind = doc["entity"]
        owner, mark = doc.get(_OWNER.get(kind, "")), doc.get(_MARK.get(kind, ""))
        body = msgspec.json.encode(doc).decode()
        row = (kind, doc["id"], owner, mark, doc["created_at"], doc.get("_due"), body)
        self._connection.execute(_PUT, row)

    def get(self, kind: str, id_: str) -> Doc | None:
        found = self._docs(_GET, (kind, id_))
        return found[0] if found else None

    def of(self, kind: str, owner: str) -> list[Doc]:
        """All of a kind that belong to one owner, oldest first."""
        return self._docs(_OF, (kind, owner))

    def marked(self, kind: str, mark: str) -> list[Doc]:
        """All of a kind that were given this name, oldest first."""
        return self._docs(_MARKED, (kind, mark))

    def all(self, kind: str) -> list[Doc]:
        """All of a kind, oldest first."""
        return self._docs(_ALL, (kind,))

    def page(
        self, kind: str, part: Range, *, owner: str | None = None, mark: str | None = None
    ) -> list[Doc]:
        """Part of a list, newest first."""
        narrowed = (_OF_OWNER if owner else "") + (_WITH_MARK if mark else "")
        wanted = {**msgspec.structs.asdict(part), "kind": kind, "owner": owner, "mark": mark}
        return self._docs(_PAGE_OF + narrowed + _NEWEST, wanted)

    def next_due(self, now: int) -> Doc | None:
        """The first entity, but for deliveries, to which something happens by now."""
        found = self._docs(_NEXT_DUE, (now,))
        return found[0] if found else None

    def next_delivery(self, now: int) -> Doc | None:
        """The first delivery to be attempted by now."""
        found = self._docs(_NEXT_DELIVERY, (now,))
        return found[0] if found else None

    def soonest(self) -> int | None:
        """When the next thing happens by itself."""
        return self._connection.execute(_SOONEST).fetchone()[0]

    def delete(self, kind: str, id_: str) -> None:
        self._connection.execute(_DELETE, (kind, id_))

    def purge(self, kind: str, before: int) -> None:
        """Forgets what is older and waits for nothing."""
        self._connection.execute(_PURGE, (kind, before))

    def clear(self) -> None:
        """Forgets everything."""
        self._connection.execute("delete from documents")
        self._connection.execute("delete from facts")

    def fact(self, name: str, default: Any) -> Any:
        """A single value kept by name."""
        row = self._connection.execute(_FACT, (name,)).fetchone()
        return msgspec.json.decode(row[0]) if row else default

    def set_fact(self, name: str, fact: object) -> None:
        self._connection.execute(_SET_FACT, (name, msgspec.json.encode(fact).decode()))

    def count_on(self, name: str) -> int:
        """The next number of a counter, from 1."""
        number = self.fact(name, 0) + 1
        self.set_fact(name, number)
        return int(number)

    def close(self) -> None:
        self._connection.close()

    def _docs(self, statement: str, wanted: Iterable[object] | Doc) -> list[Doc]:
        rows = self._connection.execute(statement, wanted).fetchall()  # pyright: ignore[reportArgumentType] - either form
        return [msgspec.json.decode(self._chosen(*row)) for row in rows]

    def _chosen(self, body: str, before: str | None) -> str:
        return before or body if self._stale else body
