"""What Prometheus is told of the events: streams that are open, and how far everybody is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from khata.app.events.log import EventLog
from khata.engine.books import Unavailable
from khata.http.live import Seats


class EventFigures(Collector):
    """This process's streams, and how far readers are behind as it was measured last."""

    def __init__(self, events: EventLog, seats: Seats) -> None:
        self._events = events
        self._seats = seats
        self._behind: Mapping[str, int] = {}
        self._apart: Mapping[str, int] = {}

    async def measure(self) -> None:
        """Looks at the readers; while the database is away there are no figures of them."""
        try:
            self._behind = await self._events.readers_behind()
            apart = await self._events.readers_apart()
            self._apart = {reader: apart.get(reader, 0) for reader in self._behind}
        except Unavailable:
            self._behind, self._apart = {}, {}

    @override
    def collect(self) -> Iterable[Metric]:
        tail = self._events.tail
        yield GaugeMetricFamily("khata_live_streams", "Streams that are open.", self._seats.taken)
        yield GaugeMetricFamily(
            "khata_live_behind",
            "Events that the streams were behind at the last look.",
            tail.behind,
        )
        yield CounterMetricFamily(
            "khata_live_dropped", "How often a stream was too slow for its queue.", tail.dropped
        )
        behind = GaugeMetricFamily(
            "khata_event_reader_behind", "Events that a reader has yet to read.", labels=("reader",)
        )
        for reader, events in self._behind.items():
            behind.add_metric((reader,), events)
        yield behind
        apart = GaugeMetricFamily(
            "khata_event_reader_apart",
            "Events that a reader failed at and that are set apart.",
            labels=("reader",),
        )
        for reader, events in self._apart.items():
            apart.add_metric((reader,), events)
        yield apart
