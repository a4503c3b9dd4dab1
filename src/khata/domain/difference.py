"""A difference: one row of the books that is not what the ledger says it must be."""

from msgspec import Struct


class Difference(Struct, frozen=True):
    """The exact row, what is expected of it, and what is there.

    `row` names the row within its wallet: a sequence, or the rest of its key. A whole row that is
    missing or superfluous has the field ``row``.
    """

    table: str
    wallet_id: str
    row: str
    field: str
    expected: str | int | None
    found: str | int | None

    @property
    def sentence(self) -> str:
        """The difference in words."""
        where = f"{self.table} {self.wallet_id} {self.row}".rstrip()
        return f"{where}: {self.field} should be {self.expected!r} and is {self.found!r}"
