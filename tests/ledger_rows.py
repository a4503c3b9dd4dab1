"""Rows of a ledger as `verify` reads them, and as a forger would leave them."""

import msgspec

from khata.domain.ids import bucket_of
from khata.domain.ledger import Transaction
from khata.engine import ledger_row
from khata.engine.ledger_row import HASH, PREVIOUS_HASH, Row

encoded = msgspec.json.Encoder().encode


def row_of(t: Transaction) -> Row:
    """The row of a transaction, as the store gives it."""
    fields = {
        **{name: getattr(t, name) for name in t.__struct_fields__},
        "draws_text": encoded(t.draws).decode(),
        "has_fingerprint": t.fingerprint is not None,
        "bucket": bucket_of(t.wallet_id),
    }
    return tuple(fields[name] for name in ledger_row.COLUMNS)


def chained(rows: list[Row]) -> list[Row]:
    """The rows with hashes that are right again, as a forger with all rights would leave them."""
    mended: list[Row] = []
    head = bytes(32)
    for row in rows:
        try:
            new = ledger_row.digest(row, head)
        except msgspec.MsgspecError:
            new = bytes(32)
        fields = list(row)
        fields[PREVIOUS_HASH], fields[HASH], head = head, new, new
        mended.append(tuple(fields))
    return mended
