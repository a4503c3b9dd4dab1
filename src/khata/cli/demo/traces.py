"""Seeded traces in the shape of the real ones.

Real traces are two hours of requests to services of large language models (Azure LLM inference
trace 2023, Patel et al., "Splitwise", ISCA 2024, CC-BY 4.0). What is kept of them here is three
rows of quantiles for each: of the seconds between requests, of the tokens in and of the tokens
out, and the rank correlation of in and out. A seeded trace draws each number by inverse transform
(a uniform number, looked up between two quantiles) and ties in and out together by a Gaussian
copula with that correlation. So sizes and gaps have the real ones' distributions; one gap says
nothing about the next, which in real traffic it does. No real request is in it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import erf, sqrt
from random import Random

from msgspec import Struct

START = datetime(2023, 11, 16, 18, 15, tzinfo=UTC)
HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"


class Shape(Struct, frozen=True):
    """One service: how many requests an hour, and its quantiles at `AT`."""

    requests: int
    gap_ms: tuple[float, ...]
    context: tuple[float, ...]
    generated: tuple[float, ...]
    correlation: float


# The quantiles are of these shares.
AT = (
    0,
    0.01,
    0.025,
    0.05,
    0.1,
    0.15,
    0.2,
    0.25,
    0.3,
    0.35,
    0.4,
    0.45,
    0.5,
    0.55,
    0.6,
    0.65,
    0.7,
    0.75,
    0.8,
    0.85,
    0.9,
    0.95,
    0.975,
    0.99,
    0.995,
    0.999,
    1,
)

SHAPES = {
    "code": Shape(
        requests=8819,
        gap_ms=(
            0,
            0,
            0.1,
            0.1,
            0.2,
            0.9,
            1.2,
            2.1,
            3.3,
            5.3,
            15.1,
            38.2,
            63.8,
            89.6,
            95,
            97.9,
            100.1,
            104,
            160.1,
            198.8,
            272.9,
            400.8,
            674.1,
            2205.1,
            9978.3,
            79232.5,
            217169,
        ),
        context=(
            3,
            17,
            44,
            75,
            147,
            232,
            385.6,
            578,
            770,
            938.6,
            1075,
            1261.1,
            1469,
            1690,
            1909,
            2163.7,
            2433,
            2744.5,
            3192.4,
            3920.2,
            5187.6,
            7303.3,
            7435,
            7436,
            7436,
            7437,
            7437,
        ),
        generated=(
            6,
            6,
            6,
            6,
            7,
            7,
            8,
            9,
            9,
            10,
            11,
            12,
            13,
            14,
            16,
            18,
            20,
            24,
            29,
            39,
            55,
            90,
            145,
            251.5,
            359.4,
            825.3,
            1899,
        ),
        correlation=-0.022,
    ),
    "conv": Shape(
        requests=19366,
        gap_ms=(
            0,
            0.5,
            1.8,
            6.3,
            16.1,
            26.4,
            36.5,
            48.3,
            60.7,
            73.5,
            87.3,
            101.9,
            118.4,
            137.6,
            158.7,
            183.2,
            213.6,
            246.7,
            288.8,
            345.9,
            420.7,
            565.2,
            705,
            889.7,
            1034.2,
            1411.2,
            4314.6,
        ),
        context=(
            2,
            29,
            120,
            181,
            207,
            372,
            387,
            396,
            403,
            414,
            703,
            984,
            1020,
            1045,
            1071,
            1097,
            1130,
            1189,
            1315,
            1876.2,
            2734.5,
            4083,
            4092,
            4142,
            4831,
            6179.1,
            14050,
        ),
        generated=(
            7,
            16,
            28,
            41,
            54,
            67,
            77,
            85,
            91,
            96,
            103,
            113,
            129,
            151,
            177,
            217,
            384,
            395,
            400,
            411,
            424,
            451,
            522,
            601,
            643.2,
            954,
            1000,
        ),
        correlation=0.076,
    ),
}


def trace_lines(kind: str, rows: int | None, seed: str) -> Iterator[str]:
    """The lines of a CSV file, its header first."""
    shape = SHAPES[kind]
    random = Random(f"{seed}:{kind}")
    at = START
    yield HEADER
    for _ in range(rows or shape.requests):
        at += timedelta(milliseconds=_drawn(shape.gap_ms, random.random()))
        context, generated = _pair(shape, random)
        yield f"{_written(at, random)},{context},{generated}\r\n"


def _pair(shape: Shape, random: Random) -> tuple[int, int]:
    first = random.gauss(0.0, 1.0)
    r = shape.correlation
    second = r * first + sqrt(1 - r * r) * random.gauss(0.0, 1.0)
    context = _drawn(shape.context, _normal(first))
    generated = _drawn(shape.generated, _normal(second))
    return round(context), round(generated)


def _drawn(quantiles: Sequence[float], uniform: float) -> float:
    place = min(bisect_right(AT, uniform), len(AT) - 1) - 1
    share = (uniform - AT[place]) / (AT[place + 1] - AT[place])
    low, high = quantiles[place], quantiles[place + 1]
    return low + share * (high - low)


def _normal(z: float) -> float:
    return (1 + erf(z / sqrt(2))) / 2


def _written(at: datetime, random: Random) -> str:
    # The real ones count in ticks of 100 ns.
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") + str(random.randrange(10))
