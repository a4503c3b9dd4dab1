"""Money as it is written: lakhs and crores."""

import pytest

from khata.domain.money import grouped, in_rupees


@pytest.mark.parametrize(
    ("paise", "written"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (-1, "-0.01"),
        (18_100, "181.00"),
        (100_000, "1,000.00"),
        (12_040_000, "1,20,400.00"),
        (10**9, "1,00,00,000.00"),
        (123_456_789_012, "1,23,45,67,890.12"),
    ],
)
def test_rupees_are_grouped_by_lakhs(paise: int, written: str) -> None:
    assert in_rupees(paise) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "0"), (999, "999"), (5_500, "5,500"), (32_000, "32,000"), (10**7, "1,00,00,000")],
)
def test_credits_are_grouped_by_lakhs(number: int, written: str) -> None:
    assert grouped(number) == written
