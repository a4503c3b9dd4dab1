"""Refunds of money as their credit notes need them."""

import msgspec
from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.tax import TaxLines
from khata.postgres.asking import Connection, ask

REFUND_TO_CREDIT = """
select wallet_id, id, organization_id, order_id, status, gateway_refund_id, tax, amount_paise,
  credits_clawed_back, reason, transaction_id, credit_note_id, created_at
from refunds where bucket = $1 and wallet_id = $2 and id = $3"""

SET_CREDIT_NOTE = """
update refunds set credit_note_id = $4
where bucket = $1 and wallet_id = $2 and id = $3 and credit_note_id is null"""

_tax = msgspec.json.Decoder(TaxLines).decode


class RefundToCredit(Struct, frozen=True, kw_only=True):
    """A refund of money, with the lines of its credit note."""

    wallet_id: WalletId
    id: str
    organization_id: OrganizationId
    order_id: str
    status: str
    gateway_refund_id: str | None
    tax: TaxLines
    amount_paise: int
    credits_clawed_back: int
    reason: str
    transaction_id: str | None
    credit_note_id: str | None
    created_at_us: int


async def refund_to_credit(
    connection: Connection, wallet_id: WalletId, refund_id: str
) -> RefundToCredit | None:
    """One refund of that wallet."""
    rows = await ask(connection, REFUND_TO_CREDIT, bucket_of(wallet_id), wallet_id, refund_id)
    if not rows:
        return None
    row = rows[0]
    return RefundToCredit(
        wallet_id=row[0],
        id=row[1],
        organization_id=row[2],
        order_id=row[3],
        status=row[4],
        gateway_refund_id=row[5],
        tax=_tax(row[6]),
        amount_paise=row[7],
        credits_clawed_back=row[8],
        reason=row[9],
        transaction_id=row[10],
        credit_note_id=row[11],
        created_at_us=row[12],
    )


async def set_credit_note(connection: Connection, refund: RefundToCredit, note_id: str) -> None:
    """Notes the refund's credit note, once."""
    named = (bucket_of(refund.wallet_id), refund.wallet_id, refund.id)
    await ask(connection, SET_CREDIT_NOTE, *named, note_id)
