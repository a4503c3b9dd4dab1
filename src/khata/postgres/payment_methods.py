"""Payment methods: the mandates by which wallets recharge themselves."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.providers import ProviderName
from khata.domain.recharge import Method, MethodState
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

Checkout = Mapping[str, str | int | None]
MethodKind = Literal["upi", "card"]

_FIELDS = (
    "wallet_id, id, organization_id, provider, kind, label, state, is_instant, max_amount_paise,"
    " customer_id, mandate_id, mandate_order_id, checkout, created_at, removed_at"
)

INSERT_METHOD = f"""
insert into payment_methods (bucket, {_FIELDS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"""

METHOD = f"""
select {_FIELDS} from payment_methods where bucket = $1 and wallet_id = $2 and id = $3"""

METHODS = f"""
select {_FIELDS} from payment_methods
where bucket = $1 and wallet_id = $2 and removed_at is null
order by id desc limit 100"""

# One that was removed stays as it was then, whatever an event tells that was read before.
SAVE_METHOD = """
update payment_methods set label = $4, state = $5, is_instant = $6, max_amount_paise = $7,
  customer_id = $8, mandate_id = $9, mandate_order_id = $10, checkout = $11, removed_at = $12
where bucket = $1 and wallet_id = $2 and id = $3 and removed_at is null"""


class PaymentMethod(Struct, frozen=True, kw_only=True):
    """A mandate as it stands. Of what it charges only the label for people is known here."""

    wallet_id: WalletId
    id: str
    organization_id: OrganizationId
    provider: ProviderName
    kind: MethodKind
    label: str
    state: MethodState
    is_instant: bool
    created_at_us: int
    max_amount_paise: int | None = None
    customer_id: str | None = None
    mandate_id: str | None = None
    mandate_order_id: str | None = None
    checkout: Checkout | None = None
    removed_at_us: int | None = None


_encode = msgspec.json.Encoder().encode
_checkout = msgspec.json.Decoder(dict[str, str | int | None]).decode


async def insert_method(connection: Connection, method: PaymentMethod) -> None:
    """Adds a payment method."""
    m = method
    await ask(
        connection,
        INSERT_METHOD,
        *(bucket_of(m.wallet_id), m.wallet_id, m.id, m.organization_id, m.provider, m.kind),
        *(m.label, m.state, m.is_instant, m.max_amount_paise, m.customer_id, m.mandate_id),
        *(m.mandate_order_id, _json(m.checkout), Instant(m.created_at_us), None),
    )


async def payment_method(
    connection: Connection, wallet_id: WalletId, method_id: str
) -> PaymentMethod | None:
    """One payment method of the wallet, a removed one too."""
    found = await ask(connection, METHOD, bucket_of(wallet_id), wallet_id, method_id)
    return _method(found[0]) if found else None


async def payment_methods(connection: Connection, wallet_id: WalletId) -> list[PaymentMethod]:
    """The wallet's payment methods, newest first."""
    found = await ask(connection, METHODS, bucket_of(wallet_id), wallet_id)
    return [_method(row) for row in found]


async def method_of(
    connection: Connection, wallet_id: WalletId, method_id: str | None
) -> Method | None:
    """The payment method as far as a recharge cares; none where it was removed."""
    found = method_id and await payment_method(connection, wallet_id, method_id)
    if not found or found.removed_at_us is not None:
        return None
    return Method(
        id=found.id,
        kind=found.kind,
        state=found.state,
        is_instant=found.is_instant,
        max_amount_paise=found.max_amount_paise,
    )


async def save_method(connection: Connection, method: PaymentMethod) -> None:
    """Keeps the payment method as it stands now, unless it was removed meanwhile."""
    m, removed_us = method, method.removed_at_us
    await ask(
        connection,
        SAVE_METHOD,
        *(bucket_of(m.wallet_id), m.wallet_id, m.id, m.label, m.state, m.is_instant),
        *(m.max_amount_paise, m.customer_id, m.mandate_id, m.mandate_order_id),
        *(_json(m.checkout), None if removed_us is None else Instant(removed_us)),
    )


def _json(checkout: Checkout | None) -> str | None:
    return None if checkout is None else _encode(checkout).decode()


def _method(row: Row) -> PaymentMethod:
    return PaymentMethod(
        wallet_id=row[0],
        id=row[1],
        organization_id=row[2],
        provider=row[3],
        kind=row[4],
        label=row[5],
        state=row[6],
        is_instant=row[7],
        max_amount_paise=row[8],
        customer_id=row[9],
        mandate_id=row[10],
        mandate_order_id=row[11],
        checkout=None if row[12] is None else _checkout(row[12]),
        created_at_us=row[13],
        removed_at_us=row[14],
    )
