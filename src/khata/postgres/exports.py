"""What is exported of the ledger and the journal of money, in the order of time."""

from collections.abc import AsyncIterator

import msgspec

from khata.domain.inr import Leg
from khata.domain.ledger import Transaction
from khata.domain.reports import Period
from khata.postgres import rows
from khata.postgres.asking import Connection, streamed_on
from khata.postgres.reports import IN_PERIOD, of_period
from khata.postgres.rows import TRANSACTION_COLUMNS

EXPORTED_TRANSACTIONS = f"""
select {TRANSACTION_COLUMNS} from transactions {IN_PERIOD}
order by at, bucket, wallet_id, sequence"""

EXPORTED_MONEY = f"""
select at, id, wallet_id, kind, source_id, legs from money_journal {IN_PERIOD}
order by at, bucket, wallet_id, id"""

# A wallet's last transaction tells where its pockets stood.
STANDINGS = f"""
select distinct on (bucket, wallet_id) wallet_id, available_after, reserved_after, locked_after
from transactions {IN_PERIOD}
order by bucket, wallet_id, sequence desc"""

ORIGINS = f"""
select wallet_id, account, sum(account_change)::bigint
from transactions {IN_PERIOD} and account is not null
group by bucket, wallet_id, account order by bucket, wallet_id, account"""

_legs = msgspec.json.Decoder(tuple[Leg, ...]).decode


class Money(msgspec.Struct, frozen=True):
    """A row of the journal of money."""

    at_us: int
    id: str
    wallet_id: str
    kind: str
    source_id: str
    legs: tuple[Leg, ...]


async def exported_transactions(
    connection: Connection, period: Period
) -> AsyncIterator[Transaction]:
    """The transactions of a period, of all wallets by time."""
    async for row in streamed_on(
        connection, EXPORTED_TRANSACTIONS, of_period(period), "khata_transactions"
    ):
        yield rows.transaction(row)


async def exported_money(connection: Connection, period: Period) -> AsyncIterator[Money]:
    """The rows of the journal of a period, by time."""
    async for row in streamed_on(connection, EXPORTED_MONEY, of_period(period), "khata_money"):
        at_us, id_, wallet_id, kind, source_id, legs = row
        yield Money(at_us, id_, wallet_id, kind, source_id, _legs(legs))


async def standings(
    connection: Connection, period: Period
) -> AsyncIterator[tuple[str, int, int, int]]:
    """Each wallet that has a transaction, with its available, reserved and locked credits."""
    async for row in streamed_on(connection, STANDINGS, of_period(period), "khata_standings"):
        wallet_id, available, reserved, locked = row
        yield wallet_id, available, reserved, locked


async def origins(connection: Connection, period: Period) -> AsyncIterator[tuple[str, str, int]]:
    """What each wallet's counter-accounts stand at, wallet by wallet in the same order."""
    async for row in streamed_on(connection, ORIGINS, of_period(period), "khata_origins"):
        wallet_id, account, credits = row
        yield wallet_id, account, credits
