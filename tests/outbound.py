"""Webhooks out on a database of their own, with a clock that is turned by hand."""

from contextlib import suppress
from itertools import count

from desk import Clock
from khata.app.sealing import Sealer
from khata.app.webhooks.endpoints import Endpoints, EndpointWish
from khata.app.webhooks.line import Line
from khata.app.webhooks.sender import Sender
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.web_address import ReachRules
from khata.engine.books import Unavailable
from khata.postgres.asking import Row, ask_pool, borrowed
from khata.postgres.connect import Pool
from khata.postgres.deliveries import NewDelivery, add_deliveries
from khata.postgres.delivery_lanes import add_to_lanes
from khata.postgres.organizations import insert_default_organization
from khata.postgres.webhook_endpoints import Endpoint
from receiver import Receiver

ORGANIZATION = OrganizationId("org_01K9Z3NDEKTSV4RRFFQ69G5FAV")
SOMEBODY = Actor("key_1", "192.0.2.1")
AT_HOME = ReachRules(allow_private=True)
TYPES = ("wallet.updated", "transaction.created", "alert.raised")
SEALER = Sealer([b"k" * 32])


class Outbound:
    """Endpoints, what is put before them, and a sender. Positions and ids are counted."""

    def __init__(self, pool: Pool, clock: Clock, line: Line | None = None) -> None:
        self.pool = pool
        self.clock = clock
        self.endpoints = Endpoints(pool, SEALER, AT_HOME, TYPES, clock)
        self.line = line or Line(AT_HOME, whole_seconds=60.0)
        self.sender = self.new_sender()
        self._numbers = count(1)

    def new_sender(self, pool: Pool | None = None, of_one_endpoint: int = 4) -> Sender:
        return Sender(pool or self.pool, self.line, SEALER, self.clock, of_one_endpoint)

    async def open(self) -> None:
        async with borrowed(self.pool) as connection:
            await insert_default_organization(connection, ORGANIZATION, "One", self.clock())

    async def endpoint(
        self, receiver: Receiver, *event_types: str, of: OrganizationId | None = None
    ) -> tuple[Endpoint, str]:
        wish = EndpointWish(url=receiver.url, event_types=event_types)
        return await self.endpoints.create(of, wish, SOMEBODY)

    async def put(self, endpoint: Endpoint, wallet: str = "acme", body: str = "{}") -> str:
        """The id of the event of a new delivery in the wallet's lane."""
        number = next(self._numbers)
        event_id = f"evt_{number}"
        new = NewDelivery(
            id=f"dlv_{number:026}",
            endpoint_id=endpoint.id,
            organization_id=endpoint.organization_id,
            wallet_id=WalletId(wallet),
            lane=wallet,
            position=number,
            part=0,
            event_id=event_id,
            event_type="wallet.updated",
            body=body,
        )
        lane = (endpoint.id, wallet, endpoint.organization_id)
        async with borrowed(self.pool) as connection, connection.transaction():
            await add_deliveries(connection, [new], self.clock())
            await add_to_lanes(connection, [lane], self.clock())
        return event_id

    async def asked(self, statement: str, *parameters: object) -> list[Row]:
        return await ask_pool(self.pool, statement, *parameters)

    async def states(self) -> dict[str, str]:
        """The state of each delivery by its event."""
        rows = await self.asked("select event_id, state from webhook_deliveries order by position")
        return dict(rows)

    async def attempts(self) -> list[Row]:
        """The number, status, error and answer of each."""
        return await self.asked(
            "select number, status, error, response from webhook_attempts"
            " order by delivery_id, number"
        )

    async def lanes(self) -> list[str]:
        rows = await self.asked("select lane from webhook_lanes order by lane")
        return [lane for (lane,) in rows]

    async def found(self, endpoint: Endpoint) -> Endpoint:
        found = await self.endpoints.find(endpoint.id)
        assert found is not None
        return found

    async def emptied(self, sender: Sender | None = None) -> None:
        """Sends until nothing is due."""
        while (await self.sender.due()).lanes:
            with suppress(Unavailable):  # two met crosswise; who gave way looks again
                await (sender or self.sender).send_once()
