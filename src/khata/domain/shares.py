"""Parts of a whole in percent and means, exactly: no share is lost to rounding."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from khata.domain.money import half_up

_TENTHS = 1000


def percentages(amounts: Sequence[int]) -> list[Decimal]:
    """Each amount's percentage of them all, to a tenth; together exactly 100.

    What is left over by rounding down goes to those that lost most by it. An amount below zero is
    no part of the whole; of nothing there are no parts.
    """
    parts = [max(amount, 0) for amount in amounts]
    whole = sum(parts)
    if not whole:
        return [Decimal("0.0") for _ in parts]
    tenths = [part * _TENTHS // whole for part in parts]
    lost = sorted(range(len(parts)), key=lambda place: -(parts[place] * _TENTHS % whole))
    for place in lost[: _TENTHS - sum(tenths)]:
        tenths[place] += 1
    return [Decimal(tenth).scaleb(-1) for tenth in tenths]


def rounded(exact: Fraction) -> int:
    """The nearest whole number, a half upwards."""
    return half_up(exact.numerator, exact.denominator)
