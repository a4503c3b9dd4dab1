"""Times as people and documents write them: RFC 3339, UTC, to the microsecond."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def rfc3339(at_us: int) -> str:
    """Microseconds since 1970 as ``2026-11-22T17:33:54.266631Z``."""
    second, rest = divmod(at_us, 1_000_000)
    return f"{_to_the_second(second)}.{rest:06}Z"


@lru_cache(maxsize=1024)
def _to_the_second(at_s: int) -> str:
    return (_EPOCH + timedelta(seconds=at_s)).isoformat().removesuffix("+00:00")


def microseconds(text: str) -> int:
    """The microseconds since 1970 of an RFC 3339 time. Raises `ValueError` for anything else."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return (at - _EPOCH) // _MICROSECOND
