"""Disputes: payers' complaints at the bank, as a gateway told of them and as they are booked."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from khata.domain.dispute_states import BOOKED_TRANSITIONS, OPEN_DISPUTE, Booked, DisputeState
from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.providers import ProviderName
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

_FIELDS = (
    "wallet_id, id, organization_id, order_id, payment_id, provider, gateway_dispute_id, state,"
    " booked, locks, amount_paise, currency, reason, respond_by, created_at, updated_at"
)

INSERT_DISPUTE = f"""
insert into disputes (bucket, {_FIELDS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
on conflict (bucket, provider, gateway_dispute_id) do nothing"""

DISPUTE = f"select {_FIELDS} from disputes where bucket = $1 and wallet_id = $2 and id = $3"

DISPUTES_OF_PAYMENT = f"""
select {_FIELDS} from disputes where bucket = $1 and wallet_id = $2 and payment_id = $3
order by id"""

DISPUTES = f"""
select {_FIELDS} from disputes where bucket = $1 and wallet_id = $2 and id < $3
order by id desc limit $4"""

# From the state that was looked at only, so that what came in between stays.
SET_DISPUTE_STATE = """
update disputes set state = $5, reason = coalesce($6, reason),
  respond_by = coalesce($7, respond_by), updated_at = $8
where bucket = $1 and wallet_id = $2 and id = $3 and state = $4"""

# Noted before the credits are locked, so that whoever unlocks them knows of every lock: in another
# state than that for which they are to be locked there are no more.
COUNT_LOCK = """
update disputes set locks = $4, updated_at = $6
where bucket = $1 and wallet_id = $2 and id = $3 and locks = $4 - 1 and state = any($5)"""

SET_BOOKED = """
update disputes set booked = $5, updated_at = $6
where bucket = $1 and wallet_id = $2 and id = $3 and booked = any($4)
returning 1"""


class Dispute(Struct, frozen=True, kw_only=True):
    """A dispute as it stands: as the gateway tells it (`state`), and what the ledger has of it.

    `locks` is how often its credits were locked, or are about to be.
    """

    wallet_id: WalletId
    id: str
    organization_id: OrganizationId
    order_id: str
    payment_id: str
    provider: ProviderName
    gateway_dispute_id: str
    state: DisputeState
    amount_paise: int
    currency: str
    created_at_us: int
    updated_at_us: int
    booked: Booked = "nothing"
    locks: int = 0
    reason: str | None = None
    respond_by_us: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether the bank has not decided yet."""
        return self.state in OPEN_DISPUTE


async def insert_dispute(connection: Connection, dispute: Dispute) -> None:
    """Adds a dispute, unless the gateway told of it before."""
    d = dispute
    await ask(
        connection,
        INSERT_DISPUTE,
        bucket_of(d.wallet_id),
        *(d.wallet_id, d.id, d.organization_id, d.order_id, d.payment_id, d.provider),
        *(d.gateway_dispute_id, d.state, d.booked, d.locks, d.amount_paise, d.currency, d.reason),
        *(_instant(d.respond_by_us), Instant(d.created_at_us), Instant(d.updated_at_us)),
    )


async def dispute(connection: Connection, wallet_id: WalletId, dispute_id: str) -> Dispute | None:
    """One dispute of that wallet."""
    found = await ask(connection, DISPUTE, bucket_of(wallet_id), wallet_id, dispute_id)
    return _dispute(found[0]) if found else None


async def disputes_of_payment(
    connection: Connection, wallet_id: WalletId, payment_id: str
) -> Sequence[Dispute]:
    """All disputes of the payment, oldest first."""
    asked = (bucket_of(wallet_id), wallet_id, payment_id)
    return [_dispute(row) for row in await ask(connection, DISPUTES_OF_PAYMENT, *asked)]


async def disputes(
    connection: Connection, wallet_id: WalletId, limit: int, before: str | None
) -> list[Dispute]:
    """Up to `limit` of the wallet's disputes with ids below `before`, newest first."""
    asked = (bucket_of(wallet_id), wallet_id, before or "e", limit)
    return [_dispute(row) for row in await ask(connection, DISPUTES, *asked)]


async def set_state(
    connection: Connection,
    dispute: Dispute,
    state: DisputeState,
    at_us: int,
    *,
    reason: str | None = None,
    respond_by_us: int | None = None,
) -> None:
    """Moves the dispute on, unless it was moved meanwhile."""
    told = (state, reason, _instant(respond_by_us), Instant(at_us))
    await ask(connection, SET_DISPUTE_STATE, *_named(dispute), dispute.state, *told)


async def count_lock(
    connection: Connection,
    dispute: Dispute,
    number: int,
    states: Collection[DisputeState],
    at_us: int,
) -> None:
    """Notes that its credits are about to be locked for the `number`-th time, in these states."""
    noted = (number, list(states), Instant(at_us))
    await ask(connection, COUNT_LOCK, *_named(dispute), *noted)


async def set_booked(connection: Connection, dispute: Dispute, booked: Booked, at_us: int) -> bool:
    """Notes what the ledger has of the dispute; whether that is new."""
    start = [own for own, moves in BOOKED_TRANSITIONS.items() if booked in moves and own != booked]
    noted = (start, booked, Instant(at_us))
    return bool(await ask(connection, SET_BOOKED, *_named(dispute), *noted))


def _named(dispute: Dispute) -> tuple[int, WalletId, str]:
    return bucket_of(dispute.wallet_id), dispute.wallet_id, dispute.id


def _instant(at_us: int | None) -> Instant | None:
    return None if at_us is None else Instant(at_us)


def _dispute(row: Row) -> Dispute:
    return Dispute(
        wallet_id=row[0],
        id=row[1],
        organization_id=row[2],
        order_id=row[3],
        payment_id=row[4],
        provider=row[5],
        gateway_dispute_id=row[6],
        state=row[7],
        booked=row[8],
        locks=row[9],
        amount_paise=row[10],
        currency=row[11],
        reason=row[12],
        respond_by_us=row[13],
        created_at_us=row[14],
        updated_at_us=row[15],
    )
