"""Orders of credits: made, moved on, found and listed. Their credits come through the engine."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.orders import TRANSITIONS, OrderEvent, OrderStatus
from khata.domain.parties import Buyer
from khata.domain.place_of_supply import PlaceOfSupply
from khata.domain.providers import PaymentMethod, ProviderName
from khata.domain.quotes import Quote
from khata.domain.risk import RiskAssessment
from khata.domain.tax import TaxLines
from khata.postgres import news
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant, int2s, texts

_FIELDS = (
    "wallet_id, id, organization_id, status, provider, payment_method, recharge_number, tax, buyer,"
    " risk, gateway_order_id, checkout, payment_id, transaction_id, invoice_id, failure_code,"
    " failure_message, refunded_paise, address, answer, created_at, updated_at, expires_at,"
    " currency, pack_id, amount_paise, gst_paise, platform_fee_paise, round_off_paise,"
    " payable_paise, base_credits, bonus_credits"
)

INSERT_ORDER = f"""
with added as (
  insert into orders (bucket, {_FIELDS})
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33)
  returning *)
insert into news ({news.COLUMNS})
select bucket, $34, organization_id, wallet_id, 'order.updated', id, updated_at from added"""

ORDER = f"select {_FIELDS} from orders where bucket = $1 and wallet_id = $2 and id = $3"

ORDER_BY_ID = f"select {_FIELDS} from orders where bucket = $1 and id = $2"

ORDERS = f"""
select {_FIELDS} from orders
where bucket = $1 and wallet_id = $2 and id < $3 and ($4::text is null or status = $4)
  and ($5::text is null or payment_id = $5)
order by id desc limit $6"""

LAST_BUYER = """
select buyer from orders
where bucket = $1 and wallet_id = $2 and transaction_id is not null
order by id desc limit 1"""

SET_GATEWAY_ORDER = f"""
with noted as (
  update orders set gateway_order_id = coalesce(gateway_order_id, $4),
    checkout = coalesce(checkout, $5), updated_at = $6
  where bucket = $1 and wallet_id = $2 and id = $3
  returning *),
told as (
  insert into news ({news.COLUMNS})
  select bucket, $7, organization_id, wallet_id, 'order.updated', id, updated_at from noted)
select {_FIELDS} from noted"""

KEEP_ANSWER = """
update orders set answer = $4
where bucket = $1 and wallet_id = $2 and id = $3 and answer is null
returning 1"""

# From one of these statuses only, so that what came in between stays.
MOVE_ORDER = f"""
with moved as (
  update orders set status = $5, failure_code = $6, failure_message = $7, updated_at = $8
  where bucket = $1 and wallet_id = $2 and id = $3 and status = any($4)
  returning *),
told as (
  insert into news ({news.COLUMNS})
  select bucket, $9, organization_id, wallet_id, 'order.updated', id, updated_at from moved)
select {_FIELDS} from moved"""

SET_INVOICE = f"""
with noted as (
  update orders set invoice_id = $4, updated_at = $5
  where bucket = $1 and wallet_id = $2 and id = $3
  returning *)
insert into news ({news.COLUMNS})
select bucket, $6, organization_id, wallet_id, 'order.updated', id, updated_at from noted"""

PENDING_CREDITS = """
select asked.wallet_id, (
  select coalesce(sum(base_credits + bonus_credits), 0)::bigint from orders o
  where o.bucket = asked.bucket and o.wallet_id = asked.wallet_id and status = 'processing')
from unnest($1::smallint[], $2::text[]) as asked (bucket, wallet_id)"""


class OrderFilter(NamedTuple):
    """Which orders: in a status, or the one that a payment paid."""

    status: OrderStatus | None = None
    payment_id: str | None = None


class Recipient(Struct, frozen=True):
    """Who buys, and where the sale counts as made, as fixed when the order was placed."""

    buyer: Buyer
    place: PlaceOfSupply


class Order(Struct, frozen=True, kw_only=True):
    """An order as it stands."""

    wallet_id: WalletId
    id: str
    organization_id: OrganizationId
    status: OrderStatus
    provider: ProviderName
    payment_method: PaymentMethod
    quote: Quote
    tax: TaxLines
    recipient: Recipient
    risk: RiskAssessment
    created_at_us: int
    updated_at_us: int
    expires_at_us: int
    currency: str = "INR"
    recharge_number: int | None = None
    gateway_order_id: str | None = None
    checkout: Mapping[str, str | int | None] | None = None
    payment_id: str | None = None
    transaction_id: str | None = None
    invoice_id: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    refunded_paise: int = 0
    address: str | None = None
    answer: str | None = None


_encode = msgspec.json.Encoder().encode
_tax = msgspec.json.Decoder(TaxLines).decode
_recipient = msgspec.json.Decoder(Recipient).decode
_risk = msgspec.json.Decoder(RiskAssessment).decode
_checkout = msgspec.json.Decoder(dict[str, str | int | None]).decode


async def insert_order(connection: Connection, order: Order) -> None:
    """Adds a new order, and tells of it."""
    o, q = order, order.quote
    await ask(
        connection,
        INSERT_ORDER,
        bucket_of(o.wallet_id),
        *(o.wallet_id, o.id, o.organization_id, o.status, o.provider, o.payment_method),
        *(o.recharge_number, _json(o.tax), _json(o.recipient), _json(o.risk), o.gateway_order_id),
        *(None if o.checkout is None else _json(o.checkout), o.payment_id, o.transaction_id),
        *(o.invoice_id, o.failure_code, o.failure_message, o.refunded_paise, o.address, o.answer),
        *(Instant(o.created_at_us), Instant(o.updated_at_us), Instant(o.expires_at_us)),
        *(o.currency, q.pack_id, q.amount_paise, q.gst_paise, q.platform_fee_paise),
        *(q.round_off_paise, q.payable_paise, q.base_credits, q.bonus_credits),
        news.news_id(o.id),
    )


async def order(connection: Connection, wallet_id: WalletId, order_id: str) -> Order | None:
    """One order of that wallet."""
    return _first(await ask(connection, ORDER, bucket_of(wallet_id), wallet_id, order_id))


async def order_by_id(connection: Connection, order_id: str) -> Order | None:
    """The order of that id, whosever it is."""
    return _first(await ask(connection, ORDER_BY_ID, bucket_of(order_id), order_id))


async def orders(
    connection: Connection,
    wallet_id: WalletId,
    chosen: OrderFilter,
    limit: int,
    before: str | None,
) -> list[Order]:
    """Up to `limit` of the wallet's orders with ids below `before`, newest first."""
    asked = (bucket_of(wallet_id), wallet_id, before or "p", *chosen, limit)
    return [_order(row) for row in await ask(connection, ORDERS, *asked)]


async def last_buyer(connection: Connection, wallet_id: WalletId) -> Buyer | None:
    """Who paid the wallet's last order."""
    found = await ask(connection, LAST_BUYER, bucket_of(wallet_id), wallet_id)
    return _recipient(found[0][0]).buyer if found else None


async def set_gateway_order(
    connection: Connection,
    order: Order,
    gateway_order_id: str,
    checkout: Mapping[str, str | int | None],
    at_us: int,
) -> Order:
    """The order with what the gateway made for it; what was noted first stays."""
    noted = (gateway_order_id, _json(checkout), Instant(at_us), news.news_id(order.id))
    found = _first(await ask(connection, SET_GATEWAY_ORDER, *_named(order), *noted))
    assert found is not None, f"{order.id} is missing"
    return found


async def keep_answer(connection: Connection, order: Order, answer: str) -> bool:
    """Keeps the answer to the order's request; false where there is one already, which stays."""
    return bool(await ask(connection, KEEP_ANSWER, *_named(order), answer))


async def move_order(
    connection: Connection,
    order: Order,
    event: OrderEvent,
    at_us: int,
    *,
    failure: tuple[str, str] | None = None,
) -> Order | None:
    """The order after an event; none where the event changes nothing any more."""
    target = TRANSITIONS[order.status].get(event)
    if target is None:
        return None
    start = [status for status, moves in TRANSITIONS.items() if moves.get(event) == target]
    code, message = failure or (None, None)
    moved = (start, target, code, message, Instant(at_us), news.news_id(order.id))
    return _first(await ask(connection, MOVE_ORDER, *_named(order), *moved))


async def set_invoice(connection: Connection, order: Order, invoice_id: str, at_us: int) -> None:
    """Notes the order's invoice."""
    noted = (invoice_id, Instant(at_us), news.news_id(order.id))
    await ask(connection, SET_INVOICE, *_named(order), *noted)


async def pending_credits(
    connection: Connection, wallet_ids: Sequence[WalletId]
) -> dict[WalletId, int]:
    """The credits of those wallets' orders whose payment is under way."""
    named = int2s([bucket_of(each) for each in wallet_ids]), texts(wallet_ids)
    return dict(await ask(connection, PENDING_CREDITS, *named))


def _named(order: Order) -> tuple[int, WalletId, str]:
    return bucket_of(order.wallet_id), order.wallet_id, order.id


def _json(value: object) -> str:
    return _encode(value).decode()


def _first(rows: Sequence[Row]) -> Order | None:
    return _order(rows[0]) if rows else None


def _order(row: Row) -> Order:
    tax = _tax(row[7])
    return Order(
        wallet_id=row[0],
        id=row[1],
        organization_id=row[2],
        status=row[3],
        provider=row[4],
        payment_method=row[5],
        recharge_number=row[6],
        tax=tax,
        recipient=_recipient(row[8]),
        risk=_risk(row[9]),
        gateway_order_id=row[10],
        checkout=None if row[11] is None else _checkout(row[11]),
        payment_id=row[12],
        transaction_id=row[13],
        invoice_id=row[14],
        failure_code=row[15],
        failure_message=row[16],
        refunded_paise=row[17],
        address=row[18],
        answer=row[19],
        created_at_us=row[20],
        updated_at_us=row[21],
        expires_at_us=row[22],
        currency=row[23],
        quote=Quote(
            pack_id=row[24],
            amount_paise=row[25],
            gst_paise=row[26],
            platform_fee_paise=row[27],
            round_off_paise=row[28],
            payable_paise=row[29],
            base_credits=row[30],
            bonus_credits=row[31],
            gst_bps=tax.gst_bps,
        ),
    )
