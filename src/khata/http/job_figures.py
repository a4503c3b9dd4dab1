"""What Prometheus is told of the jobs: those due in the database, and what this process did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from khata.app.worker import Worker
from khata.engine.books import Unavailable
from khata.postgres.jobs import Queue

_SECOND_US = 1_000_000


class JobFigures(Collector):
    """The queue as it was measured last, and this process's own count of jobs."""

    def __init__(self, workers: Sequence[Worker], now_us: Callable[[], int]) -> None:
        self._workers = workers
        self._now_us = now_us
        self._queue: Queue | None = None

    async def measure(self) -> None:
        """Looks at the queue; while the database is away there are no figures of it."""
        try:
            self._queue = await self._workers[0].queue()
        except Unavailable:
            self._queue = None

    @override
    def collect(self) -> Iterable[Metric]:
        if self._queue is not None:
            due, oldest_us = self._queue.due, self._queue.oldest_us
            waits_us = 0 if oldest_us is None else max(self._now_us() - oldest_us, 0)
            yield GaugeMetricFamily("khata_jobs_due", "Jobs due by now, of all workers.", due)
            yield GaugeMetricFamily(
                "khata_jobs_oldest_due_seconds",
                "Since when the oldest of them is due.",
                waits_us / _SECOND_US,
            )
        ran = sum((worker.ran for worker in self._workers), Counter[str]())
        failed = sum((worker.failed for worker in self._workers), Counter[str]())
        done = (
            ("khata_jobs_ran", "Jobs that this process has done.", ran),
            ("khata_jobs_failed", "Jobs that failed in this process.", failed),
        )
        for name, meaning, counts in done:
            family = CounterMetricFamily(name, meaning, labels=("kind",))
            for kind, count in counts.items():
                family.add_metric((kind,), count)
            yield family
