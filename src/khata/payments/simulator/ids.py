"""Ids and chances that are the same for the same seed and script."""

import hashlib
import string
from typing import Final

_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH: Final = 14


def digest(*parts: object) -> int:
    """A large number that depends on all parts and on nothing else."""
    text = ":".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def numbered_id(seed: str, prefix: str, number: int) -> str:
    """The id with this number, as `pay_` and 14 letters and digits."""
    rest, name = digest(seed, prefix, number), ""
    for _ in range(ID_LENGTH):
        rest, digit = divmod(rest, len(_DIGITS))
        name += _DIGITS[digit]
    return f"{prefix}_{name}"


def chance(seed: str, number: int) -> float:
    """The chance with this number: evenly spread, from 0 to below 1."""
    return (digest(seed, "chance", number) % 2**53) / 2**53
