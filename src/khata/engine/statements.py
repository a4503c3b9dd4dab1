"""The offline check of a statement: its chain, its sums and its signed checkpoint."""

import msgspec
from msgspec import Struct

from khata.domain.difference import Difference
from khata.domain.statement import FORMAT, Statement, differences
from khata.engine import checkpoint


class StatementReport(Struct, frozen=True):
    """What was checked, by whom the closing hash is signed, and all that is wrong."""

    wallet_id: str
    first_sequence: int
    last_sequence: int
    transactions: int
    signed_by: str | None
    signed_at: str | None
    differences: tuple[Difference, ...]


class NotAStatement(ValueError):
    """The document is not a statement of Khata; the message says where."""


_decode = msgspec.json.Decoder(Statement).decode


def verify_statement(document: bytes, trusted_key_id: str | None = None) -> StatementReport:
    """Checks a statement with no server. Raises `NotAStatement`.

    A statement proves that nothing was changed since the key's holder signed it. Who that is,
    the document cannot say by itself: compare the key id, or pass the one that is trusted.
    """
    try:
        statement = _decode(document)
        found = tuple(differences(statement)) if statement.format == FORMAT else None
    except (ValueError, RecursionError) as error:
        raise NotAStatement(str(error)) from error
    if found is None:
        raise NotAStatement(f"the format {statement.format!r} is not {FORMAT!r}")
    signed = statement.checkpoint
    return StatementReport(
        wallet_id=statement.wallet.id,
        first_sequence=statement.opening.sequence + 1,
        last_sequence=statement.closing.sequence,
        transactions=len(statement.transactions),
        signed_by=None if signed is None else signed.key_id,
        signed_at=None if signed is None else signed.at,
        differences=(*found, *_signature_differences(statement, trusted_key_id)),
    )


def _signature_differences(
    statement: Statement, trusted_key_id: str | None
) -> tuple[Difference, ...]:
    signed, wallet_id = statement.checkpoint, statement.wallet.id
    if signed is None:
        return (Difference("statement", wallet_id, "checkpoint", "row", "present", "absent"),)
    fault = checkpoint.fault(signed, trusted_key_id)
    if fault is None:
        return ()
    return (Difference("statement", wallet_id, "checkpoint", "signature", "sound", fault),)
