"""Payments: attempts to pay an order, as a gateway told of them."""

import msgspec
from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.providers import ProviderName
from khata.domain.risk import RiskAssessment
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

_FIELDS = (
    "wallet_id, id, organization_id, order_id, provider, gateway_payment_id, state, amount_paise,"
    " currency, method, fee_paise, tax_paise, instrument, country, failure_code, transaction_id,"
    " created_at, updated_at"
)

# A payment moves forward only, but for one that failed and was authorized late. What was captured
# stays so whatever an older event says; its fee may become known later.
NOTE_PAYMENT = f"""
insert into payments as p (bucket, {_FIELDS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
on conflict (bucket, provider, gateway_payment_id) do update set
  state = case when p.state in ('captured', 'refunded', 'quarantined') then p.state
               when p.state = 'authorized' and excluded.state = 'created' then p.state
               else excluded.state end,
  fee_paise = coalesce(excluded.fee_paise, p.fee_paise),
  tax_paise = coalesce(excluded.tax_paise, p.tax_paise),
  instrument = coalesce(excluded.instrument, p.instrument),
  country = coalesce(excluded.country, p.country),
  failure_code = excluded.failure_code, updated_at = excluded.updated_at
returning {_FIELDS}"""

PAYMENT = f"select {_FIELDS} from payments where bucket = $1 and wallet_id = $2 and id = $3"

# Scored once, so that its purchase is the same wish however often it is told of.
KEEP_RISK = """
update payments set risk = coalesce(risk, $4) where bucket = $1 and wallet_id = $2 and id = $3
returning risk"""

QUARANTINE_PAYMENT = """
update payments set state = 'quarantined', updated_at = $4
where bucket = $1 and wallet_id = $2 and id = $3 and transaction_id is null"""


class Payment(Struct, frozen=True, kw_only=True):
    """A payment as it stands. `transaction_id` is the purchase that it led to."""

    wallet_id: WalletId
    id: str
    organization_id: OrganizationId
    order_id: str
    provider: ProviderName
    gateway_payment_id: str
    state: str
    amount_paise: int
    currency: str
    method: str
    created_at_us: int
    updated_at_us: int
    fee_paise: int | None = None
    tax_paise: int | None = None
    instrument: str | None = None
    country: str | None = None
    failure_code: str | None = None
    transaction_id: str | None = None


_encode = msgspec.json.Encoder().encode
_risk = msgspec.json.Decoder(RiskAssessment).decode


async def note_payment(connection: Connection, payment: Payment) -> Payment:
    """The payment as it stands now; its id is the one under which it was noted first."""
    p = payment
    noted = await ask(
        connection,
        NOTE_PAYMENT,
        bucket_of(p.wallet_id),
        *(p.wallet_id, p.id, p.organization_id, p.order_id, p.provider, p.gateway_payment_id),
        *(p.state, p.amount_paise, p.currency, p.method, p.fee_paise, p.tax_paise, p.instrument),
        *(p.country, p.failure_code, p.transaction_id),
        *(Instant(p.created_at_us), Instant(p.updated_at_us)),
    )
    return _payment(noted[0])


async def payment(connection: Connection, wallet_id: WalletId, payment_id: str) -> Payment | None:
    """One payment of that wallet."""
    rows = await ask(connection, PAYMENT, bucket_of(wallet_id), wallet_id, payment_id)
    return _payment(rows[0]) if rows else None


async def keep_risk(
    connection: Connection, payment: Payment, risk: RiskAssessment
) -> RiskAssessment:
    """The payment's own risk as it was found first: this, unless there was one."""
    named = (bucket_of(payment.wallet_id), payment.wallet_id, payment.id)
    found = await ask(connection, KEEP_RISK, *named, _encode(risk).decode())
    return _risk(found[0][0])


async def quarantine_payment(connection: Connection, payment: Payment, at_us: int) -> None:
    """Sets the payment apart: money came, and no credits go out for it until a person looks."""
    named = (bucket_of(payment.wallet_id), payment.wallet_id, payment.id)
    await ask(connection, QUARANTINE_PAYMENT, *named, Instant(at_us))


def _payment(row: Row) -> Payment:
    return Payment(
        wallet_id=row[0],
        id=row[1],
        organization_id=row[2],
        order_id=row[3],
        provider=row[4],
        gateway_payment_id=row[5],
        state=row[6],
        amount_paise=row[7],
        currency=row[8],
        method=row[9],
        fee_paise=row[10],
        tax_paise=row[11],
        instrument=row[12],
        country=row[13],
        failure_code=row[14],
        transaction_id=row[15],
        created_at_us=row[16],
        updated_at_us=row[17],
    )
