"""A refund of money that failed at the gateway: its credits come back to the very lots."""

from msgspec.structs import replace

from khata.domain import inr
from khata.domain.ids import TransactionId
from khata.domain.ledger import Facts, Posting, recognized_paise
from khata.domain.lots import total
from khata.domain.refusals import RefundRestored, TransactionNotFound
from khata.domain.rules import WalletCommand
from khata.domain.wallet import Book, Draw, TakenBack


class RestoreRefund(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="restore", omit_defaults=True
):
    """Undo the clawback of a refund of money, which is the transaction of that id, once."""

    transaction_id: TransactionId
    payment_id: str


def restore(book: Book, command: RestoreRefund) -> Posting | TransactionNotFound | RefundRestored:
    """The reversal. A lot that has expired meanwhile takes its credits back and expires again."""
    taken = book.clawbacks.get(command.transaction_id)
    if taken is None:
        return TransactionNotFound(command.transaction_id)
    if taken.is_restored:
        return RefundRestored(taken.refund_id)
    credits = total(taken.draws)
    facts = Facts(
        payment_id=command.payment_id, clawed=undone(taken.clawed), refund_id=taken.refund_id
    )
    posting = Posting(
        "CLAWBACK",
        available_change=credits,
        account="clawed_back" if credits else None,
        draws=undone(taken.draws),
        facts=facts,
        source="transaction",
        source_id=taken.id,
    )
    money = inr.restored(taken.money, recognized_paise(book, posting))
    return replace(posting, facts=replace(facts, money=money))


def taken_back(
    transaction_id: TransactionId, draws: tuple[Draw, ...], facts: Facts
) -> TakenBack | None:
    """What a clawback with these draws and facts took, if it was for a refund of money.

    It is one that names the payment as its source; one that names a transaction undoes that.
    """
    if facts.refund_id is None:
        return None
    return TakenBack(transaction_id, facts.refund_id, draws, facts.clawed, facts.money)


def undone(draws: tuple[Draw, ...]) -> tuple[Draw, ...]:
    """The draws that put back what these took."""
    return tuple(Draw(draw.grant_id, -draw.credits) for draw in draws)
