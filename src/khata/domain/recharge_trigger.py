"""The line below which a wallet recharges itself: who crosses it by spending starts one recharge.

A wallet that may recharge itself is armed with the line. The transaction that crosses it disarms it
in the same stroke, so that of a thousand charges one starts the recharge, and no other does until
that one has come to its end.
"""

from msgspec.structs import replace

from khata.domain.ledger import Transaction
from khata.domain.wallet import Book

# A dispute takes credits too, but a payer who disputes is not charged again for it; nor is whoever
# has credits paid out.
SPENDING: frozenset[str] = frozenset(
    {
        "USAGE_DEDUCTION",
        "HOLD",
        "HOLD_CAPTURE",
        "EXPIRY",
        "TRANSFER_OUT",
        "ADMIN_ADJUSTMENT",
    }
)


def after_spending(book: Book, transaction: Transaction) -> Book:
    """The book after the transaction, with a recharge begun where it went below the line."""
    below, t = book.recharge_below, transaction
    if below is None or t.available_after >= below:
        return book
    if t.type not in SPENDING or t.available_change >= 0:
        return book
    return replace(book, recharge_below=None, recharges=book.recharges + 1)
