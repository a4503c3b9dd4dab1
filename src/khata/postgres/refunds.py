"""Refunds of money: reckoned, sent and ended. Their credits go and come back through the engine."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.orders import OrderStatus
from khata.domain.providers import ProviderName
from khata.domain.refund_money import MoneyBack
from khata.domain.refund_states import (
    REFUND_TRANSITIONS,
    RefundOrigin,
    RefundStatus,
    may_become,
)
from khata.domain.tax import TaxLines
from khata.domain.wallet import Lot
from khata.postgres import news, rows
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant
from khata.postgres.claims import lock_wallet
from khata.postgres.rows import LOT_COLUMNS

_FIELDS = (
    "wallet_id, id, organization_id, order_id, payment_id, provider, gateway_refund_id, status,"
    " amount_paise, gst_paise, platform_fee_paise, round_off_paise, total_paise, tax,"
    " credits_clawed_back, reason, transaction_id, restored_by, credit_note_id, failure_message,"
    " answer, created_at, updated_at, origin, reckonings, unspent_credits, asked_paise"
)

INSERT_REFUND = f"""
insert into refunds (bucket, {_FIELDS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
  $21, $22, $23, $24, $25, $26, $27, $28)"""

REFUND = f"select {_FIELDS} from refunds where bucket = $1 and wallet_id = $2 and id = $3"

REFUND_BY_ID = f"select {_FIELDS} from refunds where bucket = $1 and id = $2"

REFUNDS_OF_ORDER = f"""
select {_FIELDS} from refunds where bucket = $1 and wallet_id = $2 and order_id = $3
order by id desc"""

LOTS_OF_PURCHASE = f"""
select {LOT_COLUMNS} from grants where bucket = $1 and wallet_id = $2 and payment_id = $3"""

# Only as long as what was reckoned before stands and its credits are not taken.
RECKON_ANEW = """
update refunds set amount_paise = $5, gst_paise = $6, platform_fee_paise = $7,
  round_off_paise = $8, total_paise = $9, tax = $10, credits_clawed_back = $11,
  unspent_credits = $12, reckonings = reckonings + 1, updated_at = $13
where bucket = $1 and wallet_id = $2 and id = $3 and reckonings = $4
  and transaction_id is null and status = 'pending'"""

SET_CLAWBACK = """
update refunds set transaction_id = $4, updated_at = $5
where bucket = $1 and wallet_id = $2 and id = $3 and transaction_id is null
returning 1"""

SET_GATEWAY_REFUND = """
update refunds set gateway_refund_id = $4, updated_at = $5
where bucket = $1 and wallet_id = $2 and id = $3 and gateway_refund_id is null"""

# The failure is noted before its credits come back, so that from then on nothing is sent any more.
NOTE_FAILURE = """
update refunds set failure_message = coalesce(failure_message, $4), updated_at = $5
where bucket = $1 and wallet_id = $2 and id = $3 and status <> 'failed'"""

SET_CREDIT_NOTE = f"""
with noted as (
  update refunds set credit_note_id = $4, updated_at = $5
  where bucket = $1 and wallet_id = $2 and id = $3 and credit_note_id is null
  returning *)
insert into news ({news.COLUMNS})
select bucket, $6, organization_id, wallet_id, 'order.updated', order_id, updated_at from noted"""

END_REFUND = """
update refunds set status = $5, restored_by = $6, updated_at = $7
where bucket = $1 and wallet_id = $2 and id = $3 and status = any($4)
returning 1"""

KEEP_REFUND_ANSWER = """
update refunds set answer = $4
where bucket = $1 and wallet_id = $2 and id = $3 and answer is null
returning 1"""

ORDER_OF_REFUND = """
select status, amount_paise from orders where bucket = $1 and wallet_id = $2 and id = $3"""

# Of the price, by refunds whose credits are taken.
REFUNDED_PAISE = """
select coalesce(sum(amount_paise), 0)::bigint from refunds
where bucket = $1 and wallet_id = $2 and order_id = $3 and status <> 'failed'
  and transaction_id is not null"""

SET_REFUNDED = f"""
with noted as (
  update orders set status = $4, refunded_paise = $5, updated_at = $6
  where bucket = $1 and wallet_id = $2 and id = $3
  returning *)
insert into news ({news.COLUMNS})
select bucket, $7, organization_id, wallet_id, 'order.updated', id, updated_at from noted"""


class Refund(Struct, frozen=True, kw_only=True):
    """A refund as it stands. Money of it is in `back`.

    `transaction_id` is the clawback, `restored_by` what undid it. `unspent_credits` is what was
    there of the purchase when it was reckoned, for the `reckonings`-th time. `asked_paise` is what
    was asked for of the price, all that can go back if nothing was said.
    """

    wallet_id: WalletId
    id: str
    organization_id: OrganizationId
    order_id: str
    payment_id: str
    provider: ProviderName
    status: RefundStatus
    back: MoneyBack
    reason: str
    origin: RefundOrigin
    unspent_credits: int
    created_at_us: int
    updated_at_us: int
    reckonings: int = 1
    asked_paise: int | None = None
    gateway_refund_id: str | None = None
    transaction_id: str | None = None
    restored_by: str | None = None
    credit_note_id: str | None = None
    failure_message: str | None = None
    answer: str | None = None


_encode = msgspec.json.Encoder().encode
_tax = msgspec.json.Decoder(TaxLines).decode


async def insert_refund(connection: Connection, refund: Refund) -> None:
    """Adds a new refund."""
    r = refund
    amount, gst, fee, round_off, total, tax, credits = _money(r.back)
    await ask(
        connection,
        INSERT_REFUND,
        bucket_of(r.wallet_id),
        *(r.wallet_id, r.id, r.organization_id, r.order_id, r.payment_id, r.provider),
        *(r.gateway_refund_id, r.status, amount, gst, fee, round_off, total, tax, credits),
        *(r.reason, r.transaction_id, r.restored_by, r.credit_note_id, r.failure_message),
        *(r.answer, Instant(r.created_at_us), Instant(r.updated_at_us)),
        *(r.origin, r.reckonings, r.unspent_credits, r.asked_paise),
    )


async def refund(connection: Connection, wallet_id: WalletId, refund_id: str) -> Refund | None:
    """One refund of that wallet."""
    found = await ask(connection, REFUND, bucket_of(wallet_id), wallet_id, refund_id)
    return _refund(found[0]) if found else None


async def refund_by_id(connection: Connection, refund_id: str) -> Refund | None:
    """The refund of that id, whosever it is."""
    found = await ask(connection, REFUND_BY_ID, bucket_of(refund_id), refund_id)
    return _refund(found[0]) if found else None


async def refunds_of_order(
    connection: Connection, wallet_id: WalletId, order_id: str
) -> Sequence[Refund]:
    """All refunds of the order, newest first."""
    asked = (bucket_of(wallet_id), wallet_id, order_id)
    return [_refund(row) for row in await ask(connection, REFUNDS_OF_ORDER, *asked)]


async def lots_of_purchase(
    connection: Connection, wallet_id: WalletId, payment_id: str
) -> Sequence[Lot]:
    """The lots in the wallet that the payment brought."""
    asked = (bucket_of(wallet_id), wallet_id, payment_id)
    return [rows.lot(row) for row in await ask(connection, LOTS_OF_PURCHASE, *asked)]


async def reckon_anew(
    connection: Connection, refund: Refund, back: MoneyBack, unspent_credits: int, at_us: int
) -> None:
    """Replaces what the refund was reckoned as, unless somebody did so or took its credits."""
    reckoned = (*_money(back), unspent_credits, Instant(at_us))
    await ask(connection, RECKON_ANEW, *_named(refund), refund.reckonings, *reckoned)


async def set_clawback(
    connection: Connection, refund: Refund, transaction_id: str, at_us: int
) -> bool:
    """Notes by which transaction the refund's credits went; whether that is new."""
    noted = (transaction_id, Instant(at_us))
    return bool(await ask(connection, SET_CLAWBACK, *_named(refund), *noted))


async def set_gateway_refund(
    connection: Connection, refund: Refund, gateway_refund_id: str, at_us: int
) -> None:
    """Notes the gateway's id of the refund; what was noted first stays."""
    await ask(connection, SET_GATEWAY_REFUND, *_named(refund), gateway_refund_id, Instant(at_us))


async def note_failure(connection: Connection, refund: Refund, message: str, at_us: int) -> None:
    """Notes why the refund fails, before it has."""
    await ask(connection, NOTE_FAILURE, *_named(refund), message, Instant(at_us))


async def end_refund(
    connection: Connection,
    refund: Refund,
    status: RefundStatus,
    at_us: int,
    *,
    restored_by: str | None = None,
) -> bool:
    """Moves the refund on, from wherever there is a way; whether there was."""
    start = [own for own in REFUND_TRANSITIONS if may_become(own, status)]
    ended = (start, status, restored_by, Instant(at_us))
    return bool(await ask(connection, END_REFUND, *_named(refund), *ended))


async def set_credit_note(
    connection: Connection, refund: Refund, credit_note_id: str, at_us: int
) -> None:
    """Notes the refund's credit note, once."""
    noted = (credit_note_id, Instant(at_us), news.news_id(refund.order_id))
    await ask(connection, SET_CREDIT_NOTE, *_named(refund), *noted)


async def keep_refund_answer(connection: Connection, refund: Refund, answer: str) -> bool:
    """Keeps the answer to the refund's request; false where there is one already, which stays."""
    return bool(await ask(connection, KEEP_REFUND_ANSWER, *_named(refund), answer))


async def lock_order(connection: Connection, refund: Refund) -> tuple[OrderStatus, int]:
    """Takes the wallet's lock, under which refunds change their order; the order's status and its
    price in paise."""
    await lock_wallet(connection, refund.wallet_id)
    status, price = (await ask(connection, ORDER_OF_REFUND, *_of_order(refund)))[0]
    return status, price


async def refunded_paise(connection: Connection, refund: Refund) -> int:
    """What of the order's price its refunds have taken, but for those that failed."""
    return int((await ask(connection, REFUNDED_PAISE, *_of_order(refund)))[0][0])


async def set_refunded(
    connection: Connection, refund: Refund, status: OrderStatus, paise: int, at_us: int
) -> None:
    """Notes what the refunds have made of the order. Under its lock."""
    noted = (status, paise, Instant(at_us), news.news_id(refund.order_id))
    await ask(connection, SET_REFUNDED, *_of_order(refund), *noted)


def _named(refund: Refund) -> tuple[int, WalletId, str]:
    return bucket_of(refund.wallet_id), refund.wallet_id, refund.id


def _of_order(refund: Refund) -> tuple[int, WalletId, str]:
    return bucket_of(refund.wallet_id), refund.wallet_id, refund.order_id


def _money(back: MoneyBack) -> tuple[int, int, int, int, int, str, int]:
    tax = back.tax
    return (
        *(back.amount_paise, back.gst_paise, back.fee_paise, tax.round_off_paise),
        *(back.total_paise, _encode(tax).decode(), back.credits_clawed_back),
    )


def _refund(row: Row) -> Refund:
    tax = _tax(row[13])
    return Refund(
        wallet_id=row[0],
        id=row[1],
        organization_id=row[2],
        order_id=row[3],
        payment_id=row[4],
        provider=row[5],
        gateway_refund_id=row[6],
        status=row[7],
        back=MoneyBack(row[8], tax, row[14], is_cancellation=row[10] > 0),
        reason=row[15],
        transaction_id=row[16],
        restored_by=row[17],
        credit_note_id=row[18],
        failure_message=row[19],
        answer=row[20],
        created_at_us=row[21],
        updated_at_us=row[22],
        origin=row[23],
        reckonings=row[24],
        unspent_credits=row[25],
        asked_paise=row[26],
    )
