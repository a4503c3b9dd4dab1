"""Stored rows held against those that the ledger leads to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from khata.domain.budgets import Counter
from khata.domain.difference import Difference
from khata.domain.ids import OrganizationId
from khata.domain.times import rfc3339
from khata.domain.usage import Usage, UsageKey
from khata.domain.wallet import NEVER_US, Accounts, Hold, Wallet
from khata.engine.stored import StoredAccounts, StoredHold, StoredUsage

Key = TypeVar("Key")
Value = TypeVar("Value")
_EPOCH = date(1970, 1, 1)


class Table:
    """One table's rows of one wallet: makes the differences found in them."""

    def __init__(self, name: str, wallet: Wallet) -> None:
        self.name = name
        self.count = 0
        self._wallet = wallet

    def rows(
        self,
        expected: Mapping[Key, Value],
        found: Iterable[tuple[OrganizationId, Key, Value]],
        row_name: Callable[[Key], str],
        compare: Callable[[str, Value, Value], Iterator[Difference]],
    ) -> Iterator[Difference]:
        """Every row found is expected and the same, and none is missing."""
        missing, own = dict(expected), self._wallet.organization_id
        for organization_id, key, value in found:
            self.count += 1
            should = missing.pop(key, None)
            if should == value and organization_id == own:
                continue
            yield from self.organization(row_name(key), organization_id)
            if should is None:
                yield self.superfluous(row_name(key))
            else:
                yield from compare(row_name(key), should, value)
        for key in missing:
            yield self.missing(row_name(key))

    def fields(self, row: str, expected: Struct, found: Struct) -> Iterator[Difference]:
        """The fields in which two values differ."""
        if expected == found:
            return
        for name in expected.__struct_fields__:
            should, stands = getattr(expected, name), getattr(found, name)
            if should != stands:
                yield self.field(row, name, shown(name, should), shown(name, stands))

    def value(self, row: str, expected: int, found: int) -> Iterator[Difference]:
        """The number itself, where a row has only one."""
        if expected != found:
            yield self.field(row, "used", expected, found)

    def organization(self, row: str, found: OrganizationId) -> Iterator[Difference]:
        """The row is of the wallet's own organization."""
        if found != self._wallet.organization_id:
            yield self.field(row, "organization_id", self._wallet.organization_id, found)

    def missing(self, row: str) -> Difference:
        """The whole row is not there."""
        return self.field(row, "row", "present", "missing")

    def superfluous(self, row: str) -> Difference:
        """Nothing in the ledger led to this row."""
        return self.field(row, "row", "absent", "present")

    def field(
        self, row: str, field: str, expected: str | int | None, found: str | int | None
    ) -> Difference:
        """The difference in one field."""
        return Difference(self.name, self._wallet.id, row, field, expected, found)


class HoldCheck:
    """Compares holds as they close, so that a wallet's closed holds need not be remembered.

    Stored holds come by id, which is nearly the order they were made in: one is read for each
    that was made, and what does not meet its partner yet waits.
    """

    def __init__(self, wallet: Wallet, found: Iterator[StoredHold]) -> None:
        self._table = Table("holds", wallet)
        self._unread = found
        self._found: dict[str, Hold] = {}
        self._expected: dict[str, Hold] = {}
        self.count = 0

    def closed(self, holds: Iterable[Hold]) -> Iterator[Difference]:
        """Holds that ended, as the ledger says."""
        for hold in holds:
            self._expected[hold.id] = hold
            yield from self._meet(hold.id)

    def read(self, made: int) -> Iterator[Difference]:
        """Reads stored holds until as many are read as were made."""
        while self.count < made and (stored := next(self._unread, None)) is not None:
            yield from self._take(stored)

    def finish(self, still_open: Mapping[str, Hold]) -> Iterator[Difference]:
        """Everything that is left."""
        for stored in self._unread:
            yield from self._take(stored)
        for hold in still_open.values():
            self._expected[hold.id] = hold
            yield from self._meet(hold.id)
        yield from map(self._table.missing, self._expected)
        yield from map(self._table.superfluous, self._found)

    def _take(self, stored: StoredHold) -> Iterator[Difference]:
        organization_id, hold = stored
        self.count += 1
        self._found[hold.id] = hold
        yield from self._table.organization(hold.id, organization_id)
        yield from self._meet(hold.id)

    def _meet(self, hold_id: str) -> Iterator[Difference]:
        if hold_id in self._expected and hold_id in self._found:
            expected, found = self._expected.pop(hold_id), self._found.pop(hold_id)
            if expected.state == "open" and found.state == "open":
                # An extension moves no credits, so no transaction tells of it.
                found = replace(found, expires_at_us=expected.expires_at_us)
            yield from self._table.fields(hold_id, expected, found)


class UsageCheck:
    """Compares rollups hour by hour, as hours are closed."""

    def __init__(self, wallet: Wallet, found: Iterator[StoredUsage]) -> None:
        self._table = Table("usage_hourly", wallet)
        self._unread = found
        self._next = next(found, None)

    def closed(
        self, counted: Mapping[UsageKey, Usage], before_us: int = NEVER_US
    ) -> Iterator[Difference]:
        """The hours that began before then, as counted anew."""
        found = self._read(before_us)
        return self._table.rows(counted, found, usage_row, self._same)

    @property
    def count(self) -> int:
        """Rollup rows that were compared."""
        return self._table.count

    def _read(self, before_us: int) -> Iterator[StoredUsage]:
        while self._next is not None and self._next[1].hour_us < before_us:
            yield self._next
            self._next = next(self._unread, None)

    def _same(self, row: str, expected: Usage, found: Usage) -> Iterator[Difference]:
        for name in Usage._fields:
            should, stands = getattr(expected, name), getattr(found, name)
            if should != stands:
                yield self._table.field(row, name, should, stands)


def accounts_differences(
    wallet: Wallet, expected: Accounts, stored: StoredAccounts | None
) -> Iterator[Difference]:
    """The wallet's book as the ledger leads to it, and as it stands."""
    table = Table("accounts", wallet)
    if stored is None:
        yield table.missing("")
        return
    yield from table.organization("", stored[0])
    yield from table.fields("", expected, stored[1])


def usage_row(key: UsageKey) -> str:
    """The row of a rollup in words."""
    return f"{rfc3339(key.hour_us)} {key.feature} {key.member_id}".rstrip()


def cap_row(key: tuple[str, int]) -> str:
    """The row of a cap counter in words."""
    return f"{key[0]} {_EPOCH + timedelta(days=key[1])}"


def counter_row(counter: Counter) -> str:
    """The row of a budget's counter in words."""
    words = (counter.budget_id, rfc3339(counter.since_us), counter.subject)
    return " ".join(words).rstrip()


def shown(field: str, value: object) -> str | int | None:
    """A value as people read it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, int) and field.endswith("_us"):
        return "never" if value == NEVER_US else rfc3339(value)
    return value if value is None or isinstance(value, str | int) else str(value)
