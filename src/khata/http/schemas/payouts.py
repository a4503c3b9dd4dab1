"""Payout accounts and payouts: account numbers come in whole and are shown masked."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct
from typing_extensions import override

from khata.domain import ledger
from khata.domain.bank_account import BankAccount, masked
from khata.domain.commands import HoldPayout, ReleasePayout
from khata.domain.ids import WalletId
from khata.domain.lots import total
from khata.domain.times import rfc3339
from khata.http.schemas.common import Credits, Name, Time, demand_credits
from khata.http.schemas.transactions import (
    Transaction,
    WalletBalances,
    balances_shown,
    transaction_shown,
)
from khata.postgres.payout_accounts import PayoutAccount as AccountOf

_encode: Final = msgspec.json.Encoder().encode

Ifsc = Annotated[str, Meta(min_length=1, max_length=20)]
AccountNumber = Annotated[str, Meta(min_length=1, max_length=30)]


class PayoutAccountBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A bank account. `bank_name` may be left out where the IFSC is of a large bank."""

    holder_name: Name
    account_number: AccountNumber
    ifsc: Ifsc
    bank_name: Annotated[str, Meta(min_length=1, max_length=100)] | None = None

    @override
    def __repr__(self) -> str:
        """Without the number, for logs and tracebacks."""
        return "PayoutAccountBody(…)"

    def account(self) -> BankAccount:
        """The account that is meant."""
        return BankAccount(
            holder_name=self.holder_name,
            ifsc=self.ifsc,
            number=self.account_number,
            bank_name=self.bank_name,
        )


class PayoutAccount(Struct, frozen=True, kw_only=True):
    """Where money would go. The number is shown by its last four digits."""

    wallet_id: str
    holder_name: str
    bank_name: str
    account_number: str
    ifsc: str
    verified_at: Time | None
    updated_at: Time


class PayoutBody(Struct, frozen=True, forbid_unknown_fields=True):
    """How many credits to set aside for a payout."""

    credits: Credits

    def command(self, wallet_id: str, key: str) -> HoldPayout:
        """What is asked of the engine. 422 where it can't be."""
        demand_credits(self.credits)
        return HoldPayout(wallet_id=WalletId(wallet_id), idempotency_key=key, credits=self.credits)


class Payout(Struct, frozen=True, gc=False):
    """Credits set aside for a payout; once it is released, those that came back."""

    id: str
    wallet_id: str
    credits: int
    state: Literal["held", "released"]


class PayoutMoved(Struct, frozen=True, gc=False):
    """A payout after what was done to it."""

    payout: Payout
    transaction: Transaction
    wallet: WalletBalances


def release_of(wallet_id: str, payout_id: str, key: str) -> ReleasePayout:
    """What a release asks of the engine."""
    return ReleasePayout(wallet_id=WalletId(wallet_id), idempotency_key=key, payout_id=payout_id)


def account_shown(account: AccountOf) -> PayoutAccount:
    """The account as the API shows it."""
    verified_at_us = account.verified_at_us
    return PayoutAccount(
        wallet_id=account.wallet_id,
        holder_name=account.holder_name,
        bank_name=account.bank_name,
        account_number=masked(account.last_digits),
        ifsc=account.ifsc,
        verified_at=None if verified_at_us is None else rfc3339(verified_at_us),
        updated_at=rfc3339(account.updated_at_us),
    )


def payout_moved(t: ledger.Transaction) -> bytes:
    """The answer to holding or releasing a payout."""
    assert t.source_id is not None, f"{t.id} names no payout"
    state: Literal["held", "released"] = "held" if t.type == "PAYOUT_HOLD" else "released"
    payout = Payout(t.source_id, t.wallet_id, total(t.draws), state)
    return _encode(PayoutMoved(payout, transaction_shown(t), balances_shown(t)))
