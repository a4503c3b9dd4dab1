"""Webhooks out, opened: who sets them, who puts in, who sends."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing

from msgspec import Struct

from khata.app.events.log import EventLog
from khata.app.events.reader import Reader
from khata.app.events.told import TYPES
from khata.app.sealing import Sealer
from khata.app.webhooks.endpoints import Endpoints
from khata.app.webhooks.fan_out import FanOut
from khata.app.webhooks.line import Line
from khata.app.webhooks.log import DeliveryLog
from khata.app.webhooks.sender import Sender
from khata.domain.web_address import ReachRules
from khata.postgres.connect import Pool, sender_pool


class Webhooks(Struct, frozen=True):
    """What people set and look at, and the two that run beside requests: what puts events into
    lanes, and what sends from them."""

    endpoints: Endpoints
    log: DeliveryLog
    reader: Reader
    sender: Sender


@asynccontextmanager
async def open_webhooks(
    dsn: str,
    registries: Pool,
    events: EventLog,
    sealer: Sealer,
    rules: ReachRules,
    now_us: Callable[[], int],
) -> AsyncGenerator[Webhooks]:
    """Webhooks, which send on connections of their own that requests need not wait for."""
    with closing(Line(rules)) as line:
        async with sender_pool(dsn) as pool:
            sender = Sender(pool, line, sealer, now_us)
            yield Webhooks(
                Endpoints(registries, sealer, rules, TYPES, now_us),
                DeliveryLog(registries, now_us, sender.wake),
                events.reader("webhooks", FanOut(now_us, sender.wake)),
                sender,
            )
