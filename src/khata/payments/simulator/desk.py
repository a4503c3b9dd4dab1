"""What every operation of the simulator works with: memory, time, ids, faults, and events."""

import asyncio
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import msgspec

from khata.payments.simulator.clock import Clock, RealClock
from khata.payments.simulator.documents import Doc, shown
from khata.payments.simulator.faults import Faults
from khata.payments.simulator.ids import chance, numbered_id
from khata.payments.simulator.machines import move
from khata.payments.simulator.settings import SimulatorSettings
from khata.payments.simulator.spoilt import spoilt
from khata.payments.simulator.store import Range, Store

_UNTIMED: Final = frozenset({"order.notification.delivered", "order.notification.failed"})


class Desk:
    """One simulated company. Operations on it never wait, so each is whole by itself."""

    def __init__(self, settings: SimulatorSettings, clock: Clock) -> None:
        self.settings = settings
        self.store = Store(settings.path)
        self.clock = clock
        self.wake = asyncio.Event()
        """Set when there may be something to deliver."""
        self._moment: int | None = None
        self._events: list[Doc] = []
        with self.store.transaction():
            self._seed = self._seed_of_file()
            self.account_id = str(self.store.fact("account", "")) or self._new_account()
        if isinstance(clock, RealClock):
            clock.ahead = int(self.store.fact("ahead", 0))
        self.faults = Faults(self._chance)

    def now(self) -> int:
        """The time; while something happens by itself, the time at which it does."""
        return self.clock.now() if self._moment is None else self._moment

    def advance(self, seconds: int) -> None:
        """Turns the clock, for good where the file is kept."""
        self.clock.advance(seconds)
        self.wake.set()
        self.store.set_fact("ahead", int(self.store.fact("ahead", 0)) + seconds)

    @contextmanager
    def at(self, moment: int) -> Generator[None]:
        """Within, it is that time."""
        self._moment = moment
        try:
            yield
        finally:
            self._moment = None

    def new_id(self, prefix: str) -> str:
        return numbered_id(self._seed, prefix, self.store.count_on("ids"))

    def is_delayed(self, *docs: Doc) -> bool:
        """Whether mandates take their lawful time, for all or by a note on one of the entities."""
        for doc in docs:
            if wish := dict(doc.get("notes") or {}).get("rbi_delay"):
                return str(wish).lower() in {"true", "1", "yes"}
        return bool(self.store.fact("rbi_delay", self.settings.rbi_delay))

    def put(self, doc: Doc) -> None:
        self.store.put(doc)

    def move(self, doc: Doc, to: str) -> None:
        """Takes the entity to that state and keeps it."""
        move(doc, to)
        self.store.put(doc)

    def emit(self, name: str, **entities: Doc) -> None:
        """Tells the endpoints, when the operation is whole, how these entities are now."""
        told = {key: {"entity": self.told(name, doc)} for key, doc in entities.items()}
        payload: Doc = {key.replace("_", "."): entity for key, entity in told.items()}
        body: Doc = {
            "entity": "event",
            "account_id": self.account_id,
            "event": name,
            "contains": list(payload),
            "payload": payload,
        }
        (payload if name in _UNTIMED else body)["created_at"] = self.now()
        self._events.append(
            {
                "entity": "event",
                "id": self.new_id("evt").removeprefix("evt_"),
                "event": name,
                "created_at": self.now(),
                "body": msgspec.json.encode(body).decode(),
            }
        )

    def told(self, where: str, doc: Doc) -> Doc:
        """The entity as the wire has it, or as a fault has it told there."""
        return spoilt(self.faults, where, shown(doc), self._another_order)

    def emitted(self) -> list[Doc]:
        """The events since this was last asked."""
        events, self._events = self._events, []
        return events

    def reset(self) -> None:
        """Forgets everything but the seed it was given and who it is."""
        self.store.clear()
        self.faults.clear()
        self._events.clear()
        self._seed = self._seed_of_file()
        self.account_id = self._new_account()

    def close(self) -> None:
        self.store.close()

    def _seed_of_file(self) -> str:
        if self.settings.seed is not None:
            return str(self.settings.seed)
        seed = str(self.store.fact("seed", "")) or secrets.token_hex(16)
        self.store.set_fact("seed", seed)
        return seed

    def _new_account(self) -> str:
        account = self.new_id("acc")
        self.store.set_fact("account", account)
        return account

    def _another_order(self, order_id: str) -> str:
        latest = (order["id"] for order in self.store.page("order", Range(count=2)))
        others = [other for other in latest if other != order_id]
        return str(others[0]) if others else self.new_id("order")

    def _chance(self) -> float:
        return chance(self._seed, self.store.count_on("chances"))
