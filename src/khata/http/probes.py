"""What machines ask of the server: is it alive, is it ready, what has it counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from khata.http.problems import Problem
from khata.http.routes import ANYONE, Routes

Measure = Callable[[], Awaitable[None]]
"""Looks at what Prometheus is about to be told."""

Check = Callable[[], Awaitable[str | None]]
"""Finds what is wrong, in a few words; None where all is well."""

_CHECK_SECONDS = 2.0


class Health(msgspec.Struct, frozen=True):
    status: str


def probes(
    checks: Mapping[str, Check], registry: CollectorRegistry, measures: Sequence[Measure] = ()
) -> Routes:
    """`/healthz`, `/readyz` (all checks, at most two seconds each) and `/metrics`."""
    routes = Routes("Operation")

    @routes.on("GET /healthz", scope=ANYONE)
    async def healthz() -> Health:
        """Tell that the server answers."""
        return Health("ok")

    @routes.on("GET /readyz", scope=ANYONE)
    async def readyz() -> Health:
        """Tell whether it can do its work, or 503 and what is missing."""
        found = await asyncio.gather(*map(_run, checks.values()))
        wrong = {name: fault for name, fault in zip(checks, found, strict=True) if fault}
        if wrong:
            raise Problem("UNAVAILABLE", f"Not ready: {', '.join(wrong)}.", checks=wrong)
        return Health("ready")

    @routes.on("GET /metrics", scope=ANYONE, media=(CONTENT_TYPE_LATEST,))
    async def metrics() -> Response:
        """Give Prometheus its figures."""
        await asyncio.gather(*(measure() for measure in measures))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes


async def _run(check: Check) -> str | None:
    try:
        return await asyncio.wait_for(check(), _CHECK_SECONDS)
    except TimeoutError:
        return f"no answer within {_CHECK_SECONDS:g} seconds"
    except Exception as error:  # noqa: BLE001  whatever a check meets, the server is not ready
        return type(error).__name__
