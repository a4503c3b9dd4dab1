"""What is seen of the calls to gateways: a log line, and figures for whoever wants them.

Neither ever has a key, a token, an address or a name of a payer in it: of a call only its name, its
outcome, its time and the gateway's own error words are told.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import structlog

from khata.payments.gateway import GatewayRefused, GatewayUnavailable

OnCall = Callable[[str, str, float], None]

_log = structlog.get_logger()


def nobody_watches(name: str, outcome: str, seconds: float) -> None:
    """The hook where nobody asked for figures."""


class CallWatch:
    """Times each call to one gateway, and says how it went: `ok`, `refused` or `unavailable`."""

    def __init__(self, provider: str, on_call: OnCall = nobody_watches) -> None:
        self._provider = provider
        self._on_call = on_call

    @contextmanager
    def watched(self, name: str) -> Generator[None]:
        """Watches what is done within, a call of that name."""
        started = time.perf_counter()
        outcome = "unavailable"
        try:
            yield
            outcome = "ok"
        except GatewayRefused as refused:
            outcome = "refused"
            self._refused(name, refused)
            raise
        except GatewayUnavailable as away:
            _log.warning(
                "gateway_unavailable", provider=self._provider, call=name, reason=str(away)
            )
            raise
        finally:
            self._on_call(name, outcome, time.perf_counter() - started)

    def _refused(self, name: str, refused: GatewayRefused) -> None:
        _log.info(
            "gateway_refused",
            provider=self._provider,
            call=name,
            status=refused.place.status,
            code=refused.code,
            reason=refused.reason,
            field=refused.field,
        )
