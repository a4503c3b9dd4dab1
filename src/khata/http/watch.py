"""What is seen of the requests: Prometheus figures of all, log lines of some."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, Final

import msgspec
import structlog
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry
from typing_extensions import override

from khata.http.call import Call

_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics(Collector):
    """Requests and their seconds by method, route template and status.

    Counted in plain lists and shaped for Prometheus only when it asks: its own labelled
    histograms take a lock twice per request.
    """

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, int], list[float]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method, route, status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = [0.0] * (len(_BOUNDS) + 2)
        series[bisect_left(_BOUNDS, seconds)] += 1
        series[-1] += seconds

    @override
    def collect(self) -> Iterable[Metric]:
        family = HistogramMetricFamily(
            "khata_http_request_seconds",
            "Time from a request's head to its answer's end.",
            labels=("method", "route", "status"),
        )
        for (method, route, status), series in list(self._series.items()):
            family.add_metric((method, route, str(status)), _buckets(series), series[-1])
        yield family


def _buckets(series: Sequence[float]) -> list[tuple[str, float]]:
    bounds = (*map(str, _BOUNDS), "+Inf")
    return list(zip(bounds, accumulate(series[:-1]), strict=True))


class LogPolicy(msgspec.Struct, frozen=True):
    """How many requests are logged each second: of the failed and slow, and of all others.

    A quiet server logs everything, a busy one a sample: a line costs as much as the request.
    """

    per_second: int = 10
    failed_per_second: int = 100
    slow_seconds: float = 1.0


class _Budget:
    """Says yes so many times a second, and how often it has said no since the last yes."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._second = 0
        self._left = per_second
        self.refused = 0

    def grants(self, now: float) -> bool:
        second = int(now)
        if second != self._second:
            self._second, self._left = second, self._per_second
        self._left -= 1
        self.refused += self._left < 0
        return self._left >= 0


class Watch:
    """Counts every request and logs a sample, by route template: no address, key or body."""

    def __init__(self, registry: CollectorRegistry, policy: LogPolicy) -> None:
        self._metrics = Metrics()
        self._slow_seconds = policy.slow_seconds
        self._ordinary = _Budget(policy.per_second)
        self._failed = _Budget(policy.failed_per_second)
        self._log = structlog.stdlib.get_logger("khata.http")
        registry.register(self._metrics)

    def note(self, method: str, call: Call[Any], seconds: float) -> None:
        self._metrics.observe(method, call.template, call.status, seconds)
        failed = call.status >= 500 or (seconds > self._slow_seconds and not call.is_endless)
        budget = self._failed if failed else self._ordinary
        if budget.grants(call.started):
            self._write(method, call, seconds, budget.refused)
            budget.refused = 0

    def _write(self, method: str, call: Call[Any], seconds: float, unlogged: int) -> None:
        self._log.info(
            "request",
            method=method,
            route=call.template,
            status=call.status,
            ms=round(seconds * 1000, 2),
            request_id=call.request_id.decode(),
            unlogged=unlogged,
        )

    def bug(self, call: Call[Any]) -> None:
        """Log the exception now being handled; the caller gets 500 and the request id."""
        self._log.exception("bug", route=call.template, request_id=call.request_id.decode())
