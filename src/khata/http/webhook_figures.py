"""What Prometheus is told of webhooks: what is due in the database, and what this process sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from khata.app.webhooks.sender import Sender
from khata.engine.books import Unavailable
from khata.postgres.delivery_lanes import LanesDue

_SECOND_US = 1_000_000


class WebhookFigures(Collector):
    """What was due when it was measured last, and this process's own count of attempts."""

    def __init__(self, sender: Sender, now_us: Callable[[], int]) -> None:
        self._sender = sender
        self._now_us = now_us
        self._due: LanesDue | None = None

    async def measure(self) -> None:
        """Looks at what is due; while the database is away there are no figures of it."""
        try:
            self._due = await self._sender.due()
        except Unavailable:
            self._due = None

    @override
    def collect(self) -> Iterable[Metric]:
        if self._due is not None:
            oldest_us = self._due.oldest_us
            waits_us = 0 if oldest_us is None else max(self._now_us() - oldest_us, 0)
            yield GaugeMetricFamily(
                "khata_webhook_lanes_due",
                "Wallets of endpoints for which a webhook is due by now, of all senders.",
                self._due.lanes,
            )
            yield GaugeMetricFamily(
                "khata_webhook_oldest_due_seconds",
                "Since when the oldest of them is due.",
                waits_us / _SECOND_US,
            )
        family = CounterMetricFamily(
            "khata_webhook_attempts",
            "Webhooks that this process has sent, by what became of them.",
            labels=("outcome",),
        )
        for verdict, count in self._sender.counts.items():
            family.add_metric((verdict,), count)
        yield family
