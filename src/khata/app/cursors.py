"""Cursors of lists: opaque to whoever holds them, and good for as long as the list exists.

A cursor says in which list it belongs and behind which row it stands. Rows are never taken out of
these lists and new ones come before the first page, so a cursor never skips or repeats any.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal

import msgspec

from khata.app.invalid import Invalid
from khata.domain.ids import is_id

List = Literal[
    "transactions",
    "grants",
    "holds",
    "wallets",
    "keys",
    "versions",
    "alerts",
    "orders",
    "invoices",
    "disputes",
    "organizations",
    "members",
    "teams",
    "budgets",
    "refusals",
    "audit_log",
    "sessions",
    "invitations",
    "webhook_endpoints",
    "deliveries",
]

_PREFIXES: dict[List, str] = {
    "grants": "grt_",
    "holds": "hld_",
    "wallets": "wal_",
    "keys": "key_",
    "alerts": "alt_",
    "orders": "ord_",
    "invoices": "inv_",
    "disputes": "dsp_",
    "organizations": "org_",
    "members": "mem_",
    "teams": "tea_",
    "budgets": "bud_",
    "refusals": "ref_",
    "audit_log": "aud_",
    "sessions": "ses_",
    "invitations": "ivt_",
    "webhook_endpoints": "whe_",
    "deliveries": "dlv_",
}
_MAX_LENGTH = 200
_MAX_SEQUENCE = 2**62

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[List, int | str]).decode


def cursor(of: List, behind: int | str) -> str:
    """The cursor behind a row: its sequence in a list of transactions, else its id."""
    return urlsafe_b64encode(_encode((of, behind))).rstrip(b"=").decode()


def sequence_behind(text: str | None) -> int | None:
    """The sequence in a cursor of transactions. Raises `Invalid`."""
    return _number_behind("transactions", text)


def version_behind(text: str | None) -> int | None:
    """The version in a cursor of price lists. Raises `Invalid`."""
    return _number_behind("versions", text)


def id_behind(of: List, text: str | None) -> str | None:
    """The id in a cursor of that list. Raises `Invalid`."""
    if text is None:
        return None
    behind = _behind(of, text)
    if not isinstance(behind, str) or not is_id(behind, _PREFIXES[of]):
        raise _not_ours(of)
    return behind


def _number_behind(of: List, text: str | None) -> int | None:
    if text is None:
        return None
    behind = _behind(of, text)
    if not isinstance(behind, int) or not 0 <= behind <= _MAX_SEQUENCE:
        raise _not_ours(of)
    return behind


def _behind(of: List, text: str) -> int | str:
    if len(text) > _MAX_LENGTH:
        raise _not_ours(of)
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        listed, behind = _decode(urlsafe_b64decode(padded))
    except ValueError:
        raise _not_ours(of) from None
    if listed != of:
        raise _not_ours(of)
    return behind


def _not_ours(of: List) -> Invalid:
    return Invalid("cursor", f"is no cursor of a list of {of}; take next_cursor as it was given")
