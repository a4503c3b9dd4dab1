"""The hash chain: each transaction's hash covers its own fields and the hash before it.

Canonical form, version 1: SHA-256 over the UTF-8 text of a JSON array without white space,
``[1, "<previous hash, lower-case hex>", <the fields in the order of FIELDS>]``. Amounts and times
(microseconds since 1970, UTC) are integers; draws are arrays of ``["<grant id>", credits]``;
metadata and facts are the stored JSON texts, as strings; what is absent is null. Strings are
escaped as RFC 8785 does: only quote, backslash and the characters below U+0020.
"""

from hashlib import sha256

import msgspec

VERSION = 1

FIELDS = (
    "wallet_id",
    "sequence",
    "id",
    "type",
    "at_us",
    "available_change",
    "reserved_change",
    "locked_change",
    "account",
    "account_change",
    "available_after",
    "reserved_after",
    "locked_after",
    "feature",
    "category",
    "quantity",
    "price_version",
    "member_id",
    "source",
    "source_id",
    "idempotency_key",
    "metadata",
    "draws",
    "facts_text",
    "recognized_paise",
)

_encode = msgspec.json.Encoder().encode


def digest(previous_hash: bytes, fields: tuple[object, ...]) -> bytes:
    """The hash of a transaction whose fields stand in the order of `FIELDS`."""
    return sha256(_encode((VERSION, previous_hash.hex(), *fields))).digest()
