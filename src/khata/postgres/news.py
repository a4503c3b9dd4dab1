"""News: what happened beside the ledger, told in the transaction in which it happened.

The relay moves it among the events. What changes its rows by one statement tells of it in that very
statement, so that it is told if and only if it happened, whether or not there is a transaction
around it.
"""

from typing import Final, Literal

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.engine.ids import UlidMint
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

NewsKind = Literal[
    "alert.raised",
    "alert.acknowledged",
    "alert.resolved",
    "order.updated",
    "webhook_endpoint.disabled",
]

COLUMNS: Final = "bucket, id, organization_id, wallet_id, kind, subject, at"

INSERT_NEWS = f"insert into news ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7)"


class News(Struct, frozen=True, kw_only=True):
    """What happened, and to what: `subject` is its id. None of a wallet where it concerns all."""

    organization_id: OrganizationId
    wallet_id: WalletId | None
    kind: NewsKind
    subject: str
    at_us: int


_mint = UlidMint()


def news_id(subject: str) -> str:
    """A new event's id, in the bucket of what it is about."""
    return "evt_" + _mint.in_bucket(bucket_of(subject))


async def tell(connection: Connection, news: News) -> None:
    """Tells it. In a transaction, which is the one in which it happened."""
    n = news
    named = (bucket_of(n.subject), news_id(n.subject), n.organization_id, n.wallet_id)
    await ask(connection, INSERT_NEWS, *named, n.kind, n.subject, Instant(n.at_us))
