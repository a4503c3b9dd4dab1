"""What of ours is meant by a gateway's id: the way from an event to the wallet it is about."""

from typing import NamedTuple

from khata.domain.ids import WalletId
from khata.domain.providers import ProviderName
from khata.postgres.asking import Connection, ask

INSERT_NAME = """
insert into gateway_names (provider, gateway_id, wallet_id, own_id) values ($1, $2, $3, $4)
on conflict do nothing"""

NAMED = "select wallet_id, own_id from gateway_names where provider = $1 and gateway_id = $2"


class Meant(NamedTuple):
    """A wallet, and the id of what it has there."""

    wallet_id: WalletId
    own_id: str


async def insert_name(
    connection: Connection, provider: ProviderName, gateway_id: str, meant: Meant
) -> None:
    """Notes what the gateway's id stands for; what was noted first stays."""
    await ask(connection, INSERT_NAME, provider, gateway_id, *meant)


async def meant_by(connection: Connection, provider: ProviderName, gateway_id: str) -> Meant | None:
    """What the gateway's id stands for."""
    found = await ask(connection, NAMED, provider, gateway_id)
    return Meant(*found[0]) if found else None
