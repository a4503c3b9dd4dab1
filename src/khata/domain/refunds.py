"""Refund of usage: credits of an earlier charge go back to the very lots they came from."""

from khata.domain.ids import TransactionId
from khata.domain.ledger import CONSUMED, Facts, Posting
from khata.domain.lots import given_back
from khata.domain.refusals import RefundExceedsCharge, TransactionNotFound
from khata.domain.rules import WalletCommand
from khata.domain.spending import restored
from khata.domain.wallet import Book


class RefundUsage(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="refund", omit_defaults=True
):
    """Give back `credits` of a charge, or all that is left of it."""

    transaction_id: TransactionId
    reason: str
    credits: int | None = None


def refund(
    book: Book, command: RefundUsage, at_us: int
) -> Posting | TransactionNotFound | RefundExceedsCharge:
    """The reversal. A lot that has expired meanwhile takes its credits back and expires again.

    Budgets get back what they counted in a window that is still open.
    """
    charge = book.charges.get(command.transaction_id)
    if charge is None:
        return TransactionNotFound(command.transaction_id)
    left = charge.credits - charge.refunded
    credits = left if command.credits is None else command.credits
    if credits > left or left == 0:
        return RefundExceedsCharge(credits, left)
    return Posting(
        "REFUND",
        available_change=credits,
        account=f"{CONSUMED}{charge.category}",
        draws=given_back(charge.draws, charge.refunded, credits),
        facts=Facts(note=command.reason, budgets=restored(book, charge, credits, at_us)),
        feature=charge.feature,
        category=charge.category,
        member_id=charge.member_id,
        source="transaction",
        source_id=charge.id,
    )
