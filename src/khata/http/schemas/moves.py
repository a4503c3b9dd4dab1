"""Answers of the operations that move credits. Each is made of its transaction's row alone, by
one encoder, so that a replay is the first answer to the byte."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from khata.domain import ledger
from khata.domain.commands import Extended
from khata.http.schemas.grants import Grant, grant_shown
from khata.http.schemas.transactions import (
    Moved,
    Transaction,
    WalletBalances,
    balances_shown,
    transaction_shown,
)
from khata.http.schemas.usage import Hold, hold_shown

_encode: Final = msgspec.json.Encoder().encode


class HoldMoved(Struct, frozen=True, gc=False):
    """A hold after what was done to it. To extend one is no transaction: no credits move."""

    hold: Hold
    transaction: Transaction | None
    wallet: WalletBalances


class Granted(Struct, frozen=True, gc=False):
    """The new grant; none where credits were taken back."""

    grant: Grant | None
    transaction: Transaction
    wallet: WalletBalances


def moved(t: ledger.Transaction) -> bytes:
    """The answer to a consume, a refund or a transfer."""
    return _encode(Moved(transaction_shown(t), balances_shown(t)))


def hold_moved(t: ledger.Transaction) -> bytes:
    """The answer to opening, capturing or releasing a hold."""
    assert t.facts.hold is not None, f"{t.id} names no hold"
    hold = hold_shown(t.wallet_id, t.facts.hold)
    return _encode(HoldMoved(hold, transaction_shown(t), balances_shown(t)))


def hold_extended(wallet_id: str, extended: Extended) -> bytes:
    """The answer to extending a hold."""
    e = extended
    balances = WalletBalances(wallet_id, e.available, e.reserved, e.locked, e.sequence)
    return _encode(HoldMoved(hold_shown(wallet_id, e.hold), None, balances))


def granted(t: ledger.Transaction) -> bytes:
    """The answer to a grant."""
    grant = grant_shown(t.wallet_id, t.facts.grants[0]) if t.facts.grants else None
    return _encode(Granted(grant, transaction_shown(t), balances_shown(t)))
