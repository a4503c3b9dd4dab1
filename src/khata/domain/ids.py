"""Ids: a prefix and a ULID whose first random byte is the wallet's bucket.

A ULID is 26 characters of Crockford base32: 48 bits of milliseconds, then 80 bits that are
random elsewhere and here begin with the bucket (0..255), so that any id of a wallet routes itself.
The domain makes none: the door passes one ULID a command, and further ids of the same decision
are derived from it.
"""

from typing import NewType

WalletId = NewType("WalletId", str)
OrganizationId = NewType("OrganizationId", str)
TransactionId = NewType("TransactionId", str)
GrantId = NewType("GrantId", str)
HoldId = NewType("HoldId", str)
Ulid = NewType("Ulid", str)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BUCKETS = 256

_DIGIT = {character: digit for digit, character in enumerate(ALPHABET)}
_TAIL = 4
_TAIL_VALUES = 32**_TAIL


def bucket_of(wallet_owned_id: str) -> int:
    """The bucket (0..255) in the id of a wallet or of anything a wallet owns."""
    return _DIGIT[wallet_owned_id[-16]] << 3 | _DIGIT[wallet_owned_id[-15]] >> 2


def derived(ulid: Ulid, number: int, bucket: int | None = None) -> Ulid:
    """The `number`-th further ULID of a decision, moved to `bucket` where another is named."""
    value = 0
    for character in ulid[-_TAIL:]:
        value = value << 5 | _DIGIT[character]
    value = (value + number) % _TAIL_VALUES
    tail = "".join(ALPHABET[value >> shift & 31] for shift in (15, 10, 5, 0))
    moved = ulid[:-_TAIL] + tail
    return Ulid(moved if bucket is None else _in_bucket(moved, bucket))


def is_id(text: str, prefix: str) -> bool:
    """Whether the text has the form of an id with this prefix (such as ``wal_``)."""
    body = text[len(prefix) :]
    return (
        text.startswith(prefix)
        and len(body) == 26
        and body[0] <= "7"
        and all(character in _DIGIT for character in body)
    )


def _in_bucket(ulid: str, bucket: int) -> str:
    low = (bucket & 7) << 2 | _DIGIT[ulid[11]] & 3
    return ulid[:10] + ALPHABET[bucket >> 3] + ALPHABET[low] + ulid[12:]
