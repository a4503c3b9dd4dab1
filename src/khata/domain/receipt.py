"""The receipt: why a transaction cost what it cost."""

from collections.abc import Mapping

from msgspec import Struct

from khata.domain.budgets import BudgetUse
from khata.domain.ids import GrantId
from khata.domain.ledger import CapUse, Transaction
from khata.domain.pricing import Price, PriceLists
from khata.domain.wallet import Lot


class DrawnLot(Struct, frozen=True, gc=False):
    """Credits drawn from one lot, with what decided its place; negative where they went back."""

    lot: Lot
    credits: int


class Receipt(Struct, frozen=True, gc=False):
    """A transaction with the price and its list's version, the lots in the order they were drawn,
    and the caps as it found and left them.

    A capture's cap was counted when its hold was taken, and is told by that transaction. Budgets
    counted it then too, and what differs at the capture: `budgets` has both, in this order.
    """

    transaction: Transaction
    price: Price | None
    lots: tuple[DrawnLot, ...]
    caps: tuple[CapUse, ...]
    budgets: tuple[BudgetUse, ...] = ()
    hold_transaction: Transaction | None = None


def receipt(
    transaction: Transaction,
    lots: Mapping[GrantId, Lot],
    prices: PriceLists,
    hold_transaction: Transaction | None,
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
    )


def _price(t: Transaction, prices: PriceLists) -> Price | None:
    if t.feature is None or t.price_version is None:
        return None
    return prices.version(t.price_version).features.get(t.feature)
