"""The receipt: why a transaction cost what it cost."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from msgspec import Struct

from khata.domain import chain
from khata.domain.budgets import BudgetUse
from khata.domain.ids import GrantId
from khata.domain.ledger import CapUse, Transaction, hash_of
from khata.domain.money import PAISE_PER_CREDIT
from khata.domain.pricing import Price, PriceLists
from khata.domain.wallet import GENESIS, Lot

ChainFault = Literal["content", "before", "after"]


class Neighbours(NamedTuple):
    """What the ledger has around a transaction: the hash of the one before, and the hash that the
    one after names, or the book's head after the last. None where the row is missing."""

    before: bytes | None
    after: bytes | None


class DrawnLot(Struct, frozen=True, gc=False):
    """Credits drawn from one lot, with what decided its place; negative where they went back."""

    lot: Lot
    credits: int


class Receipt(Struct, frozen=True, gc=False):
    """A transaction with the price and its list's version, the lots in the order they were drawn,
    the caps as it found and left them, and where its place in the chain is broken, if it is.

    A capture's cap was counted when its hold was taken, and is told by that transaction. Budgets
    counted it then too, and what differs at the capture: `budgets` has both, in this order.
    """

    transaction: Transaction
    price: Price | None
    lots: tuple[DrawnLot, ...]
    caps: tuple[CapUse, ...]
    budgets: tuple[BudgetUse, ...] = ()
    hold_transaction: Transaction | None = None
    chain_fault: ChainFault | None = None

    @property
    def worth_paise(self) -> int:
        """What its credits are worth at the official rate, in or out."""
        return abs(self.transaction.available_change) * PAISE_PER_CREDIT


def receipt(
    transaction: Transaction,
    lots: Mapping[GrantId, Lot],
    prices: PriceLists,
    hold_transaction: Transaction | None,
    neighbours: Neighbours,
) -> Receipt:
    """The receipt of a transaction whose drawn lots are all in `lots`."""
    t = transaction
    caps, budgets = t.facts.caps, t.facts.budgets
    if t.type == "HOLD_CAPTURE" and hold_transaction is not None:
        held = hold_transaction.facts
        caps, budgets = held.caps, (*held.budgets, *budgets)
    return Receipt(
        transaction=t,
        price=_price(t, prices),
        lots=tuple(DrawnLot(lots[draw.grant_id], draw.credits) for draw in t.draws),
        caps=caps,
        budgets=budgets,
        hold_transaction=hold_transaction,
        chain_fault=chain_fault(t, neighbours),
    )


def chain_fault(t: Transaction, neighbours: Neighbours) -> ChainFault | None:
    """Where the chain is broken at that transaction: what it says does not come to its hash, it
    does not continue the one before it, or what is after it does not continue it."""
    if t.hash_version != chain.VERSION or t.hash != hash_of(t):
        return "content"
    if t.previous_hash != (GENESIS if t.sequence == 1 else neighbours.before):
        return "before"
    return None if t.hash == neighbours.after else "after"


def _price(t: Transaction, prices: PriceLists) -> Price | None:
    if t.feature is None or t.price_version is None:
        return None
    return prices.version(t.price_version).features.get(t.feature)
