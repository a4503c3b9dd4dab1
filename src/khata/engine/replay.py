"""A wallet's ledger replayed from nothing, row by row, through `evolve`."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from msgspec.structs import replace

from khata.domain import chain
from khata.domain.difference import Difference
from khata.domain.ledger import Transaction, recognized_paise
from khata.domain.wallet import Hold, Wallet
from khata.engine.ledger_row import (
    AFTER,
    AT_US,
    CHANGES,
    HASH,
    ID,
    KEY,
    OUTSIDE,
    SEQUENCE,
    TYPE,
    Row,
    digest,
    transaction_of,
)
from khata.engine.meaning import Value, contradictions, pocket_contradictions
from khata.engine.plain import USAGE, PlainPath
from khata.engine.wallet_state import WalletState, is_of_bucket

_type = itemgetter(TYPE)
_HOLDS = frozenset({"HOLD", "HOLD_CAPTURE", "HOLD_RELEASE"})
_CHECKED = (
    "sequence",
    "at",
    "organization_id",
    "account_change",
    "account",
    "available_after",
    "reserved_after",
    "locked_after",
    "previous_hash",
    "hash",
    "hash_version",
    "fingerprint",
)


class Replay:
    """Takes the rows of one wallet in sequence order, and notes every difference on its way."""

    def __init__(self, wallet: Wallet, *, plainly: bool = True) -> None:
        self.state = WalletState(wallet)
        self.holds_made = 0
        self._differences: list[Difference] = []
        self._closed: list[Hold] = []
        self._plain = PlainPath(self.state) if plainly else None

    def take(self, rows: Sequence[Row]) -> None:
        """Replays further rows."""
        for type_, run in groupby(rows, _type):
            if type_ == USAGE and self._plain is not None:
                self._usages(list(run), self._plain)
            else:
                for row in run:
                    self._step(row)

    def differences_taken(self) -> list[Difference]:
        """The differences noted since they were last asked for."""
        taken, self._differences = self._differences, []
        return taken

    def closed_taken(self) -> list[Hold]:
        """The holds that ended since they were last asked for."""
        taken, self._closed = self._closed, []
        return taken

    def _usages(self, rows: Sequence[Row], plain: PlainPath) -> None:
        while rows:
            taken = plain.take(rows)
            if taken < len(rows):
                self._step(rows[taken])
            rows = rows[taken + 1 :]

    def _step(self, row: Row) -> None:
        for field, expected, found in self._row_contradictions(row):
            self._note(row, field, expected, found)
        try:
            transaction = transaction_of(row)
        except ValueError as error:
            self._note(row, "draws and facts", "texts of the engine", str(error))
            self._adopt(row)
        else:
            self._evolve(row, transaction)

    def _evolve(self, row: Row, t: Transaction) -> None:
        before = self.state.lent(t)
        wrong = list(contradictions(t, before, self.state.marks))
        for field, expected, found in wrong:
            self._note(row, field, expected, found)
        recognized = recognized_paise(before, t)
        if recognized != t.recognized_paise:
            self._note(row, "recognized_paise", recognized, t.recognized_paise)
        try:
            after = self.state.take(before, t)
        except (LookupError, AssertionError) as error:
            if not wrong:
                self._note(row, "facts", "a transaction that follows from the book", repr(error))
            self._adopt(row)
            return
        for field, expected, found in pocket_contradictions(t, before, after):
            self._note(row, field, expected, found)
        self.state.usage.add(t)
        if t.type in _HOLDS:
            self._keep_hold(t)

    def _keep_hold(self, t: Transaction) -> None:
        hold = t.facts.hold
        self.holds_made += t.type == "HOLD"
        if hold is not None and hold.state != "open":
            self._closed.append(hold)
            self.state.holds.pop(hold.id, None)

    def _row_contradictions(self, row: Row) -> Iterator[tuple[str, Value, Value]]:
        """What is wrong with a row whatever it means."""
        a, wallet = self.state.accounts, self.state.wallet
        available_change, reserved_change, locked_change, account, account_change = row[CHANGES]
        available_after, reserved_after, locked_after = row[AFTER]
        previous_hash, hash_, version, organization_id, has_fingerprint = row[OUTSIDE]
        expected = (
            a.sequence + 1,
            max(a.at_us, row[AT_US]),
            wallet.organization_id,
            -(available_change + reserved_change + locked_change),
            account if account_change else None,
            a.available + available_change,
            a.reserved + reserved_change,
            a.locked + locked_change,
            a.head,
            digest(row, previous_hash),
            chain.VERSION,
            row[KEY] is not None,
        )
        found = (
            row[SEQUENCE],
            row[AT_US],
            organization_id,
            account_change,
            account,
            available_after,
            reserved_after,
            locked_after,
            previous_hash,
            hash_,
            version,
            has_fingerprint,
        )
        if expected != found:
            for name, should, stands in zip(_CHECKED, expected, found, strict=True):
                if should != stands:
                    yield name, _shown(should), _shown(stands)
        if not is_of_bucket(row[ID], "txn_", self.state.marks):
            yield "id", "an id of a transaction in the wallet's bucket", row[ID]

    def _adopt(self, row: Row) -> None:
        """Goes on from what the row says, so that one difference does not bring on others."""
        available, reserved, locked = row[AFTER]
        self.state.accounts = replace(
            self.state.accounts,
            sequence=row[SEQUENCE],
            head=row[HASH],
            at_us=row[AT_US],
            available=available,
            reserved=reserved,
            locked=locked,
        )

    def _note(self, row: Row, field: str, expected: Value, found: Value) -> None:
        wallet_id = self.state.wallet.id
        self._differences.append(
            Difference(
                "transactions", wallet_id, f"sequence {row[SEQUENCE]}", field, expected, found
            )
        )


def _shown(value: object) -> Value:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, bool):
        return "present" if value else None
    return value if value is None or isinstance(value, str | int) else str(value)
