"""Events of gateways: believed on their raw bytes, kept once, answered at once, worked on later."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256

import msgspec
import structlog

from khata.app.topups.captures import Quarantine
from khata.app.topups.gateways import Gateways
from khata.domain.orders import SECOND_US
from khata.engine.books import Unavailable
from khata.engine.ids import UlidMint
from khata.payments.gateway import (
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    NotGenuine,
    ProviderName,
)
from khata.postgres import inbox as store
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.inbox import KeptEvent, NewEvent, Rejected, Waiting

_log = structlog.get_logger()

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(GatewayEvent).decode

_LEASE_US = 60 * SECOND_US
_AT_ONCE = 100
# So often is looked for what an event names, within a quarter of a minute, before it is set apart.
_PATIENCE = 4
_POLL_SECONDS = 1.0
_LONGEST_PAUSE_US = 600 * SECOND_US
# Anybody can send what is not genuine. So much of it is noted a minute, and the rest counted.
MOST_NOTED = 100
_MINUTE_US = 60 * SECOND_US

# What an event leads to: nothing more to do, or the reason why it is set apart; None where this
# reader has nothing to do with it.
Reading = Callable[[ProviderName, GatewayEvent], Awaitable[Quarantine | bool]]


class _TooEarly(Exception):
    """The event names what we do not know yet."""


class Inbox:
    """Receives events, and has them read by those whom they concern.

    `counts` are this process's, by gateway and by what became of an event.
    """

    def __init__(
        self,
        pool: Pool,
        gateways: Gateways,
        readings: Sequence[Reading],
        now_us: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._gateways = gateways
        self._readings = list(readings)
        self._now_us = now_us
        self._mint = UlidMint()
        self._noted: Counter[int] = Counter()
        self.arrived = asyncio.Event()
        self.counts: Counter[tuple[str, str]] = Counter()

    def ask_first(self, reading: Reading) -> None:
        """Has this reading see each event before those that are there already."""
        self._readings.insert(0, reading)

    async def receive(
        self, provider: str, headers: Mapping[str, str], body: bytes, address: str | None
    ) -> bool:
        """Keeps a genuine event, which may have come before. Whether there is such a gateway.

        Raises `NotGenuine`, after the attempt was noted without its body, unless there are many.
        """
        gateway = self._gateways.known(provider)
        if gateway is None:
            return False
        now_us = self._now_us()
        try:
            event = gateway.verified_event(headers, body, now_us)
        except NotGenuine as error:
            self.counts[gateway.name, "rejected"] += 1
            await self._note_rejected(gateway.name, body, address, str(error))
            raise
        new = NewEvent(
            provider=gateway.name,
            event_id=event.id,
            type=event.type,
            body=body,
            event=_encode(event).decode(),
        )
        async with borrowed(self._pool) as connection:
            await store.insert_event(connection, new, now_us)
        self.arrived.set()
        return True

    async def run(self) -> None:
        """Works on what arrives, at once where it arrives here, until it is cancelled."""
        while True:
            try:
                while await self.work_once() == _AT_ONCE:
                    pass
            except Unavailable as error:
                _log.warning("events_put_off", reason=str(error))
            except Exception:  # noqa: BLE001 - whatever it was, it looks again
                _log.exception("step_failed", step="Inbox.run")
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self.arrived.wait()

    async def waiting(self) -> Waiting:
        """How many events wait, and how many are set apart. Raises `Unavailable`."""
        async with borrowed(self._pool) as connection:
            return await store.waiting_events(connection)

    async def work_once(self) -> int:
        """Has the waiting events read; how many they were. Raises `Unavailable`."""
        self.arrived.clear()
        now_us = self._now_us()
        async with borrowed(self._pool) as connection:
            waiting = await store.lease_events(connection, now_us, now_us + _LEASE_US, _AT_ONCE)
        for event in waiting:
            await self._read(event)
        return len(waiting)

    async def _read(self, kept: KeptEvent) -> None:
        try:
            state, note = await self._outcome(kept)
        except (GatewayUnavailable, GatewayRefused, Unavailable, _TooEarly) as error:
            await self._put_off(kept, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it holds up its own event only
            _log.exception("event_failed", provider=kept.provider, event_id=kept.event_id)
            await self._put_off(kept, error)
        else:
            self.counts[kept.provider, state] += 1
            async with borrowed(self._pool) as connection:
                await store.end_event(connection, kept, state, note)

    async def _outcome(self, kept: KeptEvent) -> tuple[str, str | None]:
        event = _decode(kept.event)
        for reading in self._readings:
            match await reading(kept.provider, event):
                case Quarantine(reason, is_unknown=True) if kept.attempts < _PATIENCE:
                    raise _TooEarly(reason)
                case Quarantine(reason):
                    _log.error(
                        "event_quarantined",
                        provider=kept.provider,
                        event_id=kept.event_id,
                        event_type=event.type,
                        reason=reason,
                    )
                    return "quarantined", reason
                case True:
                    return "done", None
                case _:
                    pass
        return "ignored", None

    async def _put_off(self, kept: KeptEvent, error: Exception) -> None:
        pause_us = min(SECOND_US << min(kept.attempts, 20), _LONGEST_PAUSE_US)
        note = f"{type(error).__name__}: tried {kept.attempts} times"
        async with borrowed(self._pool) as connection:
            await store.put_off_event(connection, kept, self._now_us() + pause_us, note)

    async def _note_rejected(
        self, provider: ProviderName, body: bytes, address: str | None, reason: str
    ) -> None:
        now_us = self._now_us()
        minute = now_us // _MINUTE_US
        self._noted = Counter({minute: self._noted[minute] + 1})
        if self._noted[minute] > MOST_NOTED:
            return
        _log.warning("event_rejected", provider=provider, reason=reason, address=address)
        rejected = Rejected(
            provider=provider,
            id="rej_" + self._mint.anywhere(),
            address=address,
            reason=reason,
            body_sha256=sha256(body).digest(),
            received_at_us=now_us,
        )
        async with borrowed(self._pool) as connection:
            await store.insert_rejected(connection, rejected)
