"""Rows of the ledger as they are stored, in the order that the hash wants them."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, get_args

import msgspec
from msgspec import Raw

from khata.domain import chain
from khata.domain.ledger import NO_FACTS, Facts, Transaction, TransactionType
from khata.domain.wallet import Draw

Row = tuple[Any, ...]

# What the hash covers, as stored: draws and facts are texts. Then what it does not cover.
COLUMNS = (
    *("draws_text" if name == "draws" else name for name in chain.FIELDS),
    "previous_hash",
    "hash",
    "hash_version",
    "organization_id",
    "has_fingerprint",
    "bucket",
)
AT = {name: place for place, name in enumerate(COLUMNS)}

WALLET_ID = AT["wallet_id"]
SEQUENCE = AT["sequence"]
ID = AT["id"]
TYPE = AT["type"]
AT_US = AT["at_us"]
AVAILABLE_CHANGE = AT["available_change"]
ACCOUNT_CHANGE = AT["account_change"]
FEATURE = AT["feature"]
CATEGORY = AT["category"]
QUANTITY = AT["quantity"]
MEMBER_ID = AT["member_id"]
DRAWS = AT["draws_text"]
FACTS = AT["facts_text"]
RECOGNIZED = AT["recognized_paise"]
PREVIOUS_HASH = AT["previous_hash"]
HASH = AT["hash"]
HASH_VERSION = AT["hash_version"]
ORGANIZATION_ID = AT["organization_id"]
BUCKET = AT["bucket"]
KEY = AT["idempotency_key"]
CHANGES = slice(AT["available_change"], AT["account_change"] + 1)
AFTER = slice(AT["available_after"], AT["locked_after"] + 1)
OUTSIDE = slice(PREVIOUS_HASH, BUCKET)

# A row's types are the database's word, so the call is not checked.
_made: Callable[..., Transaction] = Transaction
_TYPES = frozenset(get_args(TransactionType))
_decode_draws = msgspec.json.Decoder(tuple[Draw, ...]).decode
_decode_facts = msgspec.json.Decoder(Facts).decode
_encode = msgspec.json.Encoder().encode


class Drawn(NamedTuple):
    """Draws and their sum. `is_plain` where each takes something, from a lot of its own."""

    draws: tuple[Draw, ...]
    credits: int
    is_plain: bool


def digest(row: Row, previous_hash: bytes) -> bytes:
    """The hash that this row must have after that one, over its texts as they are stored."""
    return chain.digest(previous_hash, (*row[:DRAWS], Raw(row[DRAWS]), *row[FACTS:PREVIOUS_HASH]))


@lru_cache(maxsize=4096)
def drawn(text: str) -> Drawn:
    """The draws that a text means. Raises `ValueError` where it is not as the engine writes it."""
    draws = _decode_draws(text)
    _demand_canonical(text, draws)
    several = len({draw.grant_id for draw in draws}) < len(draws)
    is_plain = not several and all(draw.credits > 0 for draw in draws)
    return Drawn(draws, sum(draw.credits for draw in draws), is_plain)


def facts_of(text: str | None) -> Facts:
    """The facts that a text means. Raises `ValueError` where it is not as the engine writes it."""
    if text is None:
        return NO_FACTS
    facts = _decode_facts(text)
    _demand_canonical(text, facts)
    return facts


def transaction_of(row: Row) -> Transaction:
    """The transaction that a row means. Raises `ValueError` where it means none."""
    if row[TYPE] not in _TYPES:
        raise ValueError(f"{row[TYPE]!r} is no type of a transaction")
    facts_text, recognized_paise, previous_hash, hash_ = row[FACTS:HASH_VERSION]
    return _made(
        row[ID],
        row[ORGANIZATION_ID],
        row[WALLET_ID],
        row[SEQUENCE],
        *row[TYPE:DRAWS],
        drawn(row[DRAWS]).draws,
        facts_of(facts_text),
        facts_text,
        recognized_paise,
        previous_hash,
        hash_,
        None,
        row[HASH_VERSION],
    )


def _demand_canonical(text: str, meaning: object) -> None:
    if (canonical := _encode(meaning).decode()) != text:
        raise ValueError(f"{text} is not written as {canonical}")
