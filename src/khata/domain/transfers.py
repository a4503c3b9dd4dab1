"""Transfers: gifts between wallets. What was given keeps its expiry, cost basis and source."""

from msgspec.structs import replace

from khata.domain.grants import paying_debt, too_much
from khata.domain.ids import GrantId, WalletId
from khata.domain.ledger import Facts, Posting, Stamp, earned_paise, numbered
from khata.domain.lots import burn_down, total
from khata.domain.refusals import InsufficientCredits, InvalidCreditAmount, NotTransferable
from khata.domain.rules import WalletCommand
from khata.domain.wallet import Book, Draw, Lot


class Transfer(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="transfer", omit_defaults=True
):
    """Give credits to another wallet of the same organization."""

    to_wallet_id: WalletId
    credits: int
    note: str


def to_itself(command: Transfer) -> NotTransferable:
    """The refusal of a gift from a wallet to the same wallet."""
    return NotTransferable(command.credits, 0, "A wallet cannot give to itself.")


def transfer_out(
    source: Book, target: Book, command: Transfer
) -> Posting | InsufficientCredits | NotTransferable | InvalidCreditAmount:
    """The giver's leg: drawn in burn-down order from lots that may be given."""
    if source.wallet.organization_id != target.wallet.organization_id:
        return NotTransferable(command.credits, 0, "The wallets are of different organizations.")
    if target.wallet.status == "closed":
        return NotTransferable(command.credits, 0, "The receiving wallet is closed.")
    if command.credits > source.accounts.available:
        return InsufficientCredits.of(command.credits, source.accounts.available)
    givable = [lot for lot in source.lots if lot.transferable]
    draws = burn_down(givable, command.credits)
    if total(draws) < command.credits:
        reason = f"Only {total(draws)} of the available credits may be given away."
        return NotTransferable(command.credits, total(draws), reason)
    return too_much(target, command.credits) or Posting(
        "TRANSFER_OUT",
        available_change=-command.credits,
        account="transferred",
        draws=draws,
        facts=Facts(note=command.note, counterpart_wallet_id=target.wallet.id),
        source="transaction",
    )


def transfer_in(
    source: Book,
    target: Book,
    draws: tuple[Draw, ...],
    command: Transfer,
    stamp: Stamp,
    number: int,
) -> Posting:
    """The receiver's leg: one lot for each draw. `source` is the giver's book before the gift."""
    given = {lot.id: lot for lot in source.lots}
    lots = tuple(
        _received(given[draw.grant_id], draw, target, stamp, number + place)
        for place, draw in enumerate(draws)
    )
    left, paid = paying_debt(lots, target.accounts.debt)
    return Posting(
        "TRANSFER_IN",
        available_change=command.credits,
        account="transferred",
        draws=paid,
        facts=Facts(grants=left, note=command.note, counterpart_wallet_id=source.wallet.id),
        source="transaction",
    )


def leg_ids(stamp: Stamp, number: int, source: Book, target: Book) -> tuple[str, str]:
    """The transaction ids of the giver's and the receiver's leg; each leg names the other's."""
    return (
        "txn_" + numbered(stamp.ulid, 0, source.wallet.id),
        "txn_" + numbered(stamp.ulid, number, target.wallet.id),
    )


def _received(lot: Lot, draw: Draw, target: Book, stamp: Stamp, number: int) -> Lot:
    return replace(
        lot,
        id=GrantId("grt_" + numbered(stamp.ulid, number, target.wallet.id)),
        granted=draw.credits,
        available=draw.credits,
        reserved=0,
        locked=0,
        clawed_back=0,
        sequence=target.accounts.sequence + 1,
        created_at_us=stamp.at_us,
        cost_paise=earned_paise(lot, lot.gone, draw.credits),
        from_grant_id=lot.id,
    )
