"""Quotes: what a top-up costs and brings, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.domain.packs import DEFAULT_PACKS, Pack, TopUpTerms
from khata.domain.quotes import (
    AboveMaximum,
    AmountNotWhole,
    BelowMinimum,
    Quote,
    QuoteRefusal,
    UnknownPack,
    quote,
)

TERMS = TopUpTerms()


def quoted(asked: str | int, terms: TopUpTerms = TERMS, *, zero_rated: bool = False) -> Quote:
    """A quote that is not refused."""
    made = quote(terms, asked, zero_rated=zero_rated)
    assert isinstance(made, Quote), made
    return made


@pytest.mark.parametrize(
    ("pack_id", "base", "bonus", "gst_fee_round_off", "payable"),
    [
        ("starter", 1_500, 0, (2_700, 360, 40), 18_100),
        ("growth", 3_000, 200, (5_400, 720, -20), 36_100),
        ("pro", 5_000, 500, (9_000, 1_200, 0), 60_200),
        ("scale", 10_000, 2_000, (18_000, 2_400, 0), 120_400),
        ("enterprise", 25_000, 7_000, (45_000, 6_000, 0), 301_000),
    ],
)
def test_the_packs(
    pack_id: str, base: int, bonus: int, gst_fee_round_off: tuple[int, int, int], payable: int
) -> None:
    made = quoted(pack_id)
    assert made == Quote(base * 10, pack_id, base, bonus, *gst_fee_round_off, payable, 1_800)
    assert made.total_credits == base + bonus


def test_an_amount_equal_to_a_packs_is_that_pack_and_any_other_earns_the_base_rate() -> None:
    for pack in DEFAULT_PACKS:
        assert quoted(pack.price_paise) == quoted(pack.id)
    free = quoted(500_000)
    assert (free.pack_id, free.bonus_credits, free.total_credits) == (None, 0, 50_000)
    assert (free.gst_paise, free.platform_fee_paise, free.payable_paise) == (
        90_000,
        12_000,
        602_000,
    )


def test_without_rounding_the_payable_is_to_the_paisa() -> None:
    made = quoted("starter", TopUpTerms(round_to_rupee=False))
    assert (made.round_off_paise, made.payable_paise) == (0, 18_060)


def test_a_zero_rated_export_pays_no_tax_neither_on_the_price_nor_inside_the_fee() -> None:
    made = quoted("pro", zero_rated=True)
    assert (made.gst_paise, made.platform_fee_paise, made.round_off_paise) == (0, 1_017, -17)
    assert (made.payable_paise, made.gst_bps, made.total_credits) == (51_000, 0, 5_500)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (14_990, BelowMinimum(14_990, 15_000)),
        (0, BelowMinimum(0, 15_000)),
        (-50_000, BelowMinimum(-50_000, 15_000)),
        (15_001, AmountNotWhole(15_001, 10)),
        (10**9 + 10, AboveMaximum(10**9 + 10, 10**9)),
        (10**30, AboveMaximum(10**30, 10**9)),
        ("", UnknownPack("")),
        ("Pro", UnknownPack("Pro")),
    ],
)
def test_refused(asked: str | int, refusal: QuoteRefusal) -> None:
    assert quote(TERMS, asked) == refusal


@pytest.mark.parametrize(
    ("refusal", "code", "field", "detail"),
    [
        (
            BelowMinimum(10_000, 15_000),
            "MINIMUM_ADD_FUNDS_REQUIRED",
            None,
            "Add ₹150.00 or more; this is ₹100.00.",
        ),
        (UnknownPack("big"), "VALIDATION_FAILED", "pack_id", "There is no pack big."),
        (
            AmountNotWhole(15_001),
            "VALIDATION_FAILED",
            "amount",
            "The amount must be a multiple of 10 paise, the price of one credit.",
        ),
        (
            AboveMaximum(10**10, 10**9),
            "VALIDATION_FAILED",
            "amount",
            "Add ₹1,00,00,000.00 or less.",
        ),
    ],
)
def test_a_refusal_says_what_to_do_and_names_the_field(
    refusal: QuoteRefusal, code: str, field: str | None, detail: str
) -> None:
    assert (refusal.code, getattr(refusal, "field", None)) == (code, field)
    assert refusal.detail == detail


@given(st.integers(1_500, 10**8), st.integers(0, 10_000), st.integers(0, 10_000))
def test_what_is_payable_is_the_sum_of_what_is_shown(
    credits: int, gst_bps: int, fee_bps: int
) -> None:
    made = quoted(credits * 10, TopUpTerms(gst_bps=gst_bps, fee_bps=fee_bps))
    shown = made.amount_paise + made.gst_paise + made.platform_fee_paise + made.round_off_paise
    assert made.payable_paise == shown
    assert made.payable_paise % 100 == 0
    assert abs(made.round_off_paise) <= 50
    assert made.base_credits == credits


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"minimum_paise": 0}, "minimum"),
        ({"minimum_paise": 20_000}, "pack starter"),
        ({"maximum_paise": 10_000}, "minimum"),
        ({"maximum_paise": 200_000}, "pack enterprise"),
        ({"gst_bps": -1}, "rate"),
        ({"fee_bps": 10_001}, "rate"),
        ({"credits_valid_days": 0}, "valid"),
        ({"packs": (Pack("a", "A", 15_000), Pack("a", "B", 16_000))}, "same id"),
        ({"packs": (Pack("a", "A", 15_000), Pack("b", "B", 15_000))}, "same price"),
        ({"packs": (Pack("a", "A", 15_005),)}, "whole number of credits"),
        ({"packs": (Pack("a", "A", 15_000, -1),)}, "bonus"),
    ],
)
def test_terms_that_contradict_themselves_are_refused(
    terms: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(TERMS, **terms)
