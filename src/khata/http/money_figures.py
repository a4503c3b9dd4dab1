"""What Prometheus is told of money on its way: calls to gateways, and events from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from khata.app.topups.topups import TopUps
from khata.engine.books import Unavailable
from khata.postgres.inbox import Waiting

_SECOND_US = 1_000_000


class MoneyFigures(Collector):
    """The inbox as it was measured last, and this process's own counts."""

    def __init__(self, topups: TopUps, now_us: Callable[[], int]) -> None:
        self._topups = topups
        self._now_us = now_us
        self._waiting: Waiting | None = None

    async def measure(self) -> None:
        """Looks at the inbox; while the database is away there are no figures of it."""
        try:
            self._waiting = await self._topups.inbox.waiting()
        except Unavailable:
            self._waiting = None

    @override
    def collect(self) -> Iterable[Metric]:
        if self._waiting is not None:
            yield from self._of_inbox(self._waiting)
        calls = CounterMetricFamily(
            "khata_gateway_calls",
            "Calls of this process to gateways.",
            labels=("provider", "call", "outcome"),
        )
        for labels, count in self._topups.calls.calls.items():
            calls.add_metric(labels, count)
        yield calls
        seconds = CounterMetricFamily(
            "khata_gateway_seconds", "What those calls took.", labels=("provider",)
        )
        for provider, took in self._topups.calls.seconds.items():
            seconds.add_metric((provider,), took)
        yield seconds
        events = CounterMetricFamily(
            "khata_gateway_events",
            "Events that this process read or refused, by what became of them.",
            labels=("provider", "outcome"),
        )
        for labels, count in self._topups.inbox.counts.items():
            events.add_metric(labels, count)
        yield events

    def _of_inbox(self, waiting: Waiting) -> Iterable[Metric]:
        since_us = waiting.oldest_us
        waits_us = 0 if since_us is None else max(self._now_us() - since_us, 0)
        yield GaugeMetricFamily(
            "khata_inbox_waiting", "Events of gateways that wait.", waiting.events
        )
        yield GaugeMetricFamily(
            "khata_inbox_oldest_seconds", "Since when the oldest waits.", waits_us / _SECOND_US
        )
        yield GaugeMetricFamily(
            "khata_inbox_quarantined", "Events set apart for a person.", waiting.quarantined
        )
