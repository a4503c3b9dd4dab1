"""A wallet's book as it stood at some point of its ledger, by replaying all that came before."""

from collections.abc import Sequence

from khata.domain.ledger import Transaction
from khata.domain.lots import burn_order
from khata.domain.wallet import Accounts, Book, Wallet
from khata.engine.wallet_state import WalletState


def book_after(wallet: Wallet, ledger: Sequence[Transaction]) -> Book:
    """The book after these first transactions: what a price trial begins with."""
    state = WalletState(wallet)
    for t in ledger:
        state.take(state.lent(t), t)
    a = state.accounts
    return Book(
        wallet,
        Accounts(
            sequence=a.sequence,
            available=a.available,
            reserved=a.reserved,
            locked=a.locked,
            debt=a.debt,
        ),
        tuple(sorted(state.lots.values(), key=burn_order)),
        clawbacks=state.clawbacks,
        payouts=state.payouts,
    )
