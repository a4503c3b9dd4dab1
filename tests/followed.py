"""What tests of live streams at a running product begin with."""

from collections.abc import Callable

from listening import Event, Stream
from served import Api, Product

Open = Callable[..., Stream]


def of(wallet_id: str) -> str:
    return f"/v1/wallets/{wallet_id}/events"


def relay(product: Product) -> None:
    """Lets all that happened be told."""
    while product.run(product.khata.events.relay.relay_once()):
        pass


def told(product: Product, api: Api, wallet_id: str, charges: int) -> None:
    """So many charges in one event."""
    for _ in range(charges):
        api.consume(wallet_id, "EMAIL_SEND")
    relay(product)


def kinds(events: list[Event]) -> list[str]:
    return [event.type for event in events]
