"""The sender: takes what waits to its receivers, in order, at least once, and notes what came.

Any number of processes may send. Each leases lanes, the wallet's events for one endpoint in their
order, so that no two are at the same one; and of each endpoint and organization so many at once, so
that slow receivers hold up no other organization's. No transaction is open while a receiver is
waited for. Whoever is killed between sending and noting leaves a lease that ends, and the event is
sent once more, with the same id.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Final
from zlib import crc32

import structlog
from msgspec import Struct

from khata import __version__
from khata.app.leasing import LeaseLoop
from khata.app.sealing import Sealer, Unsealable
from khata.app.webhooks import health
from khata.app.webhooks.health import Failure
from khata.app.webhooks.line import Line, LineAnswer, NoAnswer
from khata.app.webhooks.signing import Sealed, signing
from khata.domain.delivery_plan import (
    CHANCES,
    Verdict,
    next_try_us,
    rest_us,
    retry_after_us,
    verdict_on,
)
from khata.domain.ids import OrganizationId
from khata.domain.standard_webhooks import (
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    signatures,
)
from khata.engine.books import Unavailable
from khata.postgres import deliveries as store
from khata.postgres import delivery_lanes as lanes
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.deliveries import Attempt, Due, Ending
from khata.postgres.delivery_lanes import LanesDue, LanesWanted, LeasedLane
from khata.postgres.webhook_endpoints import has_moved

AT_ONCE: Final = 64
OF_ONE_ENDPOINT: Final = 4
OF_ONE_ORGANIZATION: Final = AT_ONCE // 4
LEASE_SECONDS: Final = 60
# A lane is left after so long, with time enough for one more attempt before its lease ends.
LANE_SECONDS: Final = 30.0
IN_A_ROW: Final = 100
POLL_SECONDS: Final = 0.5
TEST_EVENT: Final = "webhook_endpoint.test"
_SECOND_US = 1_000_000

_log = structlog.get_logger()


class _Tried(Struct, frozen=True):
    """What came of an attempt, and when the receiver wants to be asked again."""

    attempt: Attempt
    verdict: Verdict
    retry_after_us: int | None


class Sender:
    """Sends what is due. `counts` are this process's attempts, by what became of them."""

    def __init__(
        self,
        pool: Pool,
        line: Line,
        sealer: Sealer,
        now_us: Callable[[], int],
        of_one_endpoint: int = OF_ONE_ENDPOINT,
    ) -> None:
        self._pool = pool
        self._line = line
        self._sealer = sealer
        self._now_us = now_us
        self._of_one_endpoint = of_one_endpoint
        self._loop = LeaseLoop("Sender.run", self._leased, self._carry_out, AT_ONCE, POLL_SECONDS)
        self._under_way: Counter[OrganizationId] = Counter()
        self.counts: Counter[Verdict] = Counter()

    def wake(self) -> None:
        """Makes it look at once: something is due in this process."""
        self._loop.wake()

    async def send_once(self) -> int:
        """Sends from the lanes that are due by now, all at once; how many lanes it were.

        Raises `Unavailable` where the lanes can't be asked for.
        """
        return await self._loop.once()

    async def run(self) -> None:
        """Sends until it is cancelled, and then gives back what it was at."""
        await self._loop.run()

    async def due(self) -> LanesDue:
        """What is due by now, whoever will send it. Raises `Unavailable`."""
        async with borrowed(self._pool) as connection:
            return await lanes.lanes_due(connection, self._now_us())

    async def _leased(self, limit: int) -> list[LeasedLane]:
        now_us = self._now_us()
        until_us = now_us + LEASE_SECONDS * _SECOND_US
        wanted = LanesWanted(
            lanes=limit,
            of_one_endpoint=self._of_one_endpoint,
            of_one_organization=OF_ONE_ORGANIZATION,
            under_way=self._under_way,
        )
        async with borrowed(self._pool) as connection:
            return await lanes.claim_lanes(connection, now_us, until_us, wanted)

    async def _carry_out(self, lane: LeasedLane) -> None:
        self._under_way[lane.organization_id] += 1
        try:
            await self._carried_out(lane)
        finally:
            self._under_way -= Counter([lane.organization_id])  # and who has none is forgotten

    async def _carried_out(self, lane: LeasedLane) -> None:
        try:
            next_at_us = await self._sent_in_order(lane)
        except asyncio.CancelledError:
            await self._leave(lane, self._now_us())
            raise
        except Unavailable as error:  # the lease will end by itself
            _log.warning("deliveries_put_off", endpoint=lane.endpoint_id, reason=str(error))
        except Exception:  # noqa: BLE001 - whatever it was, the lane is tried again after its lease
            _log.exception("deliveries_failed", endpoint=lane.endpoint_id)
        else:
            await self._leave(lane, next_at_us)

    async def _leave(self, lane: LeasedLane, next_at_us: int | None) -> None:
        async with borrowed(self._pool) as connection:
            await lanes.leave_lane(connection, lane, next_at_us, self._now_us())

    async def _sent_in_order(self, lane: LeasedLane) -> int | None:
        """Sends what is due in the lane, up to the first failure; when there is more to send."""
        began = time.monotonic()
        for _ in range(IN_A_ROW):
            async with borrowed(self._pool) as connection:
                due = await store.first_of_lane(connection, lane.endpoint_id, lane.lane)
            if due is None:
                return None
            now_us = self._now_us()
            if not due.is_enabled or due.next_at_us > now_us:
                return max(due.next_at_us, now_us)
            ending = await self._sent(due)
            if ending.state != "delivered":
                return ending.next_at_us or self._now_us()
            if time.monotonic() - began > LANE_SECONDS:
                break
        return self._now_us()

    async def _sent(self, due: Due) -> Ending:
        """Sends it once and notes what came of it."""
        tried = await self._tried(due)
        self.counts[tried.verdict] += 1
        async with borrowed(self._pool) as connection, connection.transaction():
            ending = await self._ending(connection, due, tried)
            if await store.note_attempt(connection, due, tried.attempt, ending):
                await self._note_health(connection, due, tried, ending)
        return ending

    async def _tried(self, due: Due) -> _Tried:
        at_us, began = self._now_us(), time.perf_counter()
        body, signature, answer, error = due.body.encode(), "", None, None
        try:
            signature = signatures(
                self._secrets(due, at_us), due.event_id, at_us // _SECOND_US, body
            )
            answer = await self._line.post(due.url, _headers(due, at_us, signature), body)
        except (NoAnswer, Unsealable) as reason:
            error = str(reason)
        attempt = Attempt(
            number=due.attempts + 1,
            at_us=at_us,
            latency_ms=round((time.perf_counter() - began) * 1000),
            status=None if answer is None else answer.status,
            error=error,
            response=None if answer is None else _readable(answer),
            signature=signature,
        )
        retry_after = None if answer is None else answer.retry_after
        return _Tried(
            attempt, verdict_on(attempt.status), retry_after_us(retry_after, self._now_us())
        )

    async def _ending(self, connection: Connection, due: Due, tried: _Tried) -> Ending:
        """What the attempt leads to: where the endpoint has moved, to another at its new URL."""
        ending = _ending(due, tried, self._now_us())
        if ending.state == "delivered" or due.event_type == TEST_EVENT:
            return ending
        if await has_moved(connection, due.endpoint_id, due.url):
            return Ending("pending", self._now_us())
        return ending

    def _secrets(self, due: Due, at_us: int) -> list[str]:
        """The secret, and while it is being changed also those before."""
        sealed = Sealed(due.sealed_secret, due.sealed_old_secret, due.old_secret_until_us)
        return signing(self._sealer, due.endpoint_id, sealed, at_us)

    async def _note_health(
        self, connection: Connection, due: Due, tried: _Tried, ending: Ending
    ) -> None:
        """How the endpoint is doing: people are alerted of it, or it is given up."""
        now_us = self._now_us()
        if tried.verdict == "accepted":
            await health.recovered(connection, due, now_us)
        elif due.event_type != TEST_EVENT:  # else somebody tries something out
            rest = rest_us(tried.verdict, due.failures + 1, now_us, tried.retry_after_us)
            failure = Failure(tried.verdict, now_us, rest, is_dead=ending.state == "failed")
            await health.failed(connection, due, failure)


def _headers(due: Due, at_us: int, signature: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Khata-Webhooks/{__version__}",
        ID_HEADER: due.event_id,
        TIMESTAMP_HEADER: str(at_us // _SECOND_US),
        SIGNATURE_HEADER: signature,
    }


def _ending(due: Due, tried: _Tried, now_us: int) -> Ending:
    if tried.verdict == "accepted":
        return Ending("delivered", None)
    if tried.verdict == "gone" or due.event_type == TEST_EVENT:
        return Ending("failed", None)
    chance = crc32(f"{due.id} {due.tries}".encode()) % CHANCES
    next_us = next_try_us(due.tries + 1, now_us, tried.retry_after_us, chance)
    return Ending("failed" if next_us is None else "pending", next_us)


def _readable(answer: LineAnswer) -> str:
    """The beginning of the answer as text that PostgreSQL can keep."""
    return answer.beginning.decode(errors="replace").replace("\x00", "\ufffd")
