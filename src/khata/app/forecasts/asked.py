"""What the worker asks its program of statistics, and what that answers: a line of JSON each."""

from msgspec import Struct

from khata.domain.forecast import Forecast


class AskedForecast(Struct, frozen=True):
    """A wallet's whole days until yesterday, and today's number."""

    day: int
    history: list[int]


class AnsweredForecast(Struct, frozen=True):
    """The forecast, or the kind of error there was instead."""

    forecast: Forecast | None = None
    error: str | None = None
