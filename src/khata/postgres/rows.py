"""The columns of each table in the order of the domain's values, and rows made into these."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from khata.domain.budgets import Budget, BudgetUse
from khata.domain.ledger import NO_FACTS, Facts, Transaction
from khata.domain.restores import taken_back
from khata.domain.spending import charged
from khata.domain.wallet import Accounts, Charge, Draw, Hold, Lot, TakenBack, Wallet

Row = Sequence[Any]
Made = TypeVar("Made")

TRANSACTION_COLUMNS = (
    "id, organization_id, wallet_id, sequence, type, at, available_change, reserved_change,"
    " locked_change, account, account_change, available_after, reserved_after, locked_after,"
    " feature, category, quantity, price_version, member_id, source, source_id, idempotency_key,"
    " metadata, draws, facts, recognized_paise, previous_hash, hash, fingerprint, hash_version"
)
LOT_COLUMNS = (
    "id, kind, granted, available, sequence, created_at, priority, expires_at, transferable,"
    " reserved, locked, clawed_back, cost_paise, payment_id, from_grant_id, note"
)
HOLD_COLUMNS = (
    "id, feature, category, credits, price_version, expires_at, created_at, draws, quantity,"
    " captured, state, member_id, cap, day, metadata, budgets"
)
WALLET_COLUMNS = (
    "id, organization_id, owner_type, owner_id, name, created_at, updated_at, status, time_zone,"
    " low_balance_threshold, rapid_burn_limit, caps, rapid_burn_action, frozen_reason, budgets"
)
ACCOUNT_COLUMNS = (
    "sequence, head, at, available, reserved, locked, debt, issued_purchase, issued_bonus,"
    " issued_promo, issued_plan, adjusted, consumed, expired, transferred, clawed_back"
)
CHARGE_COLUMNS = "id, account_change, draws, feature, category, member_id, type, facts"
CLAWBACK_COLUMNS = "id, draws, facts"

draws = msgspec.json.Decoder(tuple[Draw, ...]).decode
_facts = msgspec.json.Decoder(Facts).decode
_caps = msgspec.json.Decoder(dict[str, int]).decode
_budgets = msgspec.json.Decoder(tuple[Budget, ...]).decode
_uses = msgspec.json.Decoder(tuple[BudgetUse, ...]).decode
_encode = msgspec.json.Encoder().encode
encoded = msgspec.json.Encoder().encode


def transaction(row: Row) -> Transaction:
    """The transaction of a row of `TRANSACTION_COLUMNS`."""
    facts_text = row[24]
    facts = _facts(facts_text) if facts_text is not None else NO_FACTS
    return _made(Transaction, (*row[:23], draws(row[23]), facts, facts_text, *row[25:]))


def wallet(row: Row) -> Wallet:
    """The wallet of a row of `WALLET_COLUMNS`."""
    return _made(Wallet, (*row[:11], _caps(row[11]), *row[12:14], _budgets(row[14])))


def accounts(row: Row) -> Accounts:
    """The accounts of a row of `ACCOUNT_COLUMNS`."""
    return Accounts(*row)


def lot(row: Row) -> Lot:
    """The lot of a row of `LOT_COLUMNS`."""
    return Lot(*row)


def hold(row: Row) -> Hold:
    """The hold of a row of `HOLD_COLUMNS`."""
    budgets = () if row[15] is None else _uses(row[15])
    return _made(Hold, (*row[:7], draws(row[7]), *row[8:15], budgets))


def charge(row: Row, refunded: int) -> Charge:
    """The charge of a row of `CHARGE_COLUMNS`."""
    budgets = () if row[7] is None else charged(row[6], _facts(row[7]))
    return Charge(row[0], row[1], refunded, draws(row[2]), row[3], row[4], row[5], budgets)


def clawback(row: Row, is_restored: bool) -> TakenBack | None:
    """What a row of `CLAWBACK_COLUMNS` took, if it was for a refund of money."""
    taken = taken_back(row[0], draws(row[1]), NO_FACTS if row[2] is None else _facts(row[2]))
    return None if taken is None else replace(taken, is_restored=is_restored)


def caps_text(caps: Mapping[str, int]) -> str:
    """A wallet's own caps as stored: JSON."""
    return encoded(caps).decode()


def budget(row: Row) -> Budget:
    """The budget of a row of `BUDGET_COLUMNS`."""
    return Budget(*row)


def budgets_text(budgets: Sequence[Budget]) -> str:
    """The budgets that count a wallet as stored: JSON."""
    return encoded(budgets).decode()


def _made(type: Callable[..., Made], fields: Row) -> Made:
    return type(*fields)
