"""The program of statistics: `python -m khata.app.forecasts.child` answers line by line.

It is a program of its own so that its 150 MB and its long computations are not the worker's, and so
that it can be ended. It ends by itself when nobody writes to it any more.
"""

import os
import sys

import msgspec

from khata.app.forecasts.asked import AnsweredForecast, AskedForecast
from khata.app.forecasts.methods import simulated
from khata.domain.forecast import days_ahead, drawn_up

# Whoever is charged comes first.
_NICENESS = 10

_asked = msgspec.json.Decoder(AskedForecast).decode
_encoded = msgspec.json.Encoder().encode


def answered(line: bytes) -> AnsweredForecast:
    """The answer to one line."""
    try:
        asked = _asked(line)
        ahead = days_ahead(asked.day)
        courses = simulated(asked.history, ahead.end - ahead.day)
        return AnsweredForecast(drawn_up(asked.day, len(asked.history), courses))
    except Exception as error:  # noqa: BLE001 - it goes to the worker, whose job is tried again
        return AnsweredForecast(error=type(error).__name__)


def main() -> None:
    """Answers until the end of its input."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(_encoded(answered(line)) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
