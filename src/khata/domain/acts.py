"""Administrative acts that move credits: what the audit log tells of them beside the ledger.

A charge is no act; it tells of itself. That somebody gave, took or set aside credits is one.
"""

from collections.abc import Mapping

from msgspec import Struct

from khata.domain.actor import Actor
from khata.domain.commands import Command
from khata.domain.grants import GrantCredits
from khata.domain.ledger import Transaction
from khata.domain.payouts import HoldPayout, ReleasePayout
from khata.domain.refunds import RefundUsage
from khata.domain.transfers import Transfer

GRANTED, TAKEN_BACK = "credits.granted", "credits.taken_back"
REFUNDED = "usage.refunded"
TRANSFERRED = "credits.transferred"
PAYOUT_HELD, PAYOUT_RELEASED = "payout.held", "payout.released"


class Act(Struct, frozen=True, gc=False, kw_only=True):
    """What somebody did, and the transaction that came of it."""

    id: str
    by: Actor
    action: str
    transaction: Transaction

    @property
    def before(self) -> Mapping[str, object]:
        """What the wallet had."""
        t = self.transaction
        return _balances(t.available_after - t.available_change, t.locked_after - t.locked_change)

    @property
    def after(self) -> Mapping[str, object]:
        """What it has, and what the ledger says of it."""
        t = self.transaction
        told = {
            "transaction_id": t.id,
            "note": t.facts.note,
            "counterpart_wallet_id": t.facts.counterpart_wallet_id,
            t.source: t.source_id,
        }
        known = {name: value for name, value in told.items() if name and value is not None}
        return {**_balances(t.available_after, t.locked_after), **known}


def action_of(command: Command) -> str | None:
    """How the audit log calls the command; None where it is no administrative act."""
    match command:
        case GrantCredits():
            return GRANTED if command.credits > 0 else TAKEN_BACK
        case RefundUsage():
            return REFUNDED
        case Transfer():
            return TRANSFERRED
        case HoldPayout():
            return PAYOUT_HELD
        case ReleasePayout():
            return PAYOUT_RELEASED
        case _:
            return None


def _balances(available: int, locked: int) -> Mapping[str, object]:
    return {"available_credits": available, "locked_credits": locked}
