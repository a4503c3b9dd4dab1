"""The tax lines: the table of the design to the paisa, and what holds for every amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.packs import TopUpTerms
from khata.domain.place_of_supply import PlaceOfSupply, Supply, is_zero_rated, place_of_supply
from khata.domain.quotes import Quote, quote
from khata.domain.tax import TaxLine, tax_lines

TERMS = TopUpTerms()
KARNATAKA = "29"
SUPPLIES = st.sampled_from(["intra", "inter", "export"])


def quoted(terms: TopUpTerms, asked: str | int, *, zero_rated: bool = False) -> Quote:
    made = quote(terms, asked, zero_rated=zero_rated)
    assert isinstance(made, Quote), made
    return made


@pytest.mark.parametrize(
    ("amount", "taxable", "igst", "half", "payable", "round_offs"),
    [
        (15_000, 15_305, 2_755, 1_377, 18_100, (40, 41)),
        (30_000, 30_610, 5_510, 2_755, 36_100, (-20, -20)),
        (50_000, 51_017, 9_183, 4_592, 60_200, (0, -1)),
        (100_000, 102_034, 18_366, 9_183, 120_400, (0, 0)),
        (500_000, 510_169, 91_830, 45_915, 602_000, (1, 1)),
    ],
)
def test_the_table(
    amount: int, taxable: int, igst: int, half: int, payable: int, round_offs: tuple[int, int]
) -> None:
    made = quoted(TERMS, amount)
    inter, intra = tax_lines(made, "inter"), tax_lines(made, "intra")
    assert (inter.taxable_paise, intra.taxable_paise) == (taxable, taxable)
    assert (inter.igst_paise, inter.cgst_paise, inter.sgst_paise) == (igst, 0, 0)
    assert (intra.igst_paise, intra.cgst_paise, intra.sgst_paise) == (0, half, half)
    assert (inter.round_off_paise, intra.round_off_paise) == round_offs
    assert (inter.payable_paise, intra.payable_paise) == (payable, payable)


def test_each_line_has_its_own_tax() -> None:
    lines = tax_lines(quoted(TERMS, "pro"), "inter")
    assert lines.lines == (
        TaxLine("credits", 50_000, igst_paise=9_000),
        TaxLine("platform_fee", 1_017, igst_paise=183),
    )
    assert lines.line("platform_fee").total_paise == 1_200


@pytest.mark.parametrize(
    ("zero_rated", "taxes", "payable"), [(False, [9_000, 183], 60_200), (True, [0, 0], 51_000)]
)
def test_an_export_pays_integrated_tax_or_none(
    zero_rated: bool, taxes: list[int], payable: int
) -> None:
    lines = tax_lines(quoted(TERMS, "pro", zero_rated=zero_rated), "export")
    assert [line.igst_paise for line in lines.lines] == taxes
    assert lines.tax_paise == sum(taxes)
    assert lines.payable_paise == payable


def test_without_a_fee_there_is_no_line_for_it() -> None:
    lines = tax_lines(quoted(TopUpTerms(fee_bps=0), "pro"), "intra")
    assert [line.item for line in lines.lines] == ["credits"]
    assert lines.line("platform_fee") == TaxLine("platform_fee", 0)


@given(st.integers(1_500, 10**8), SUPPLIES, st.booleans(), st.booleans())
def test_the_lines_sum_to_the_payable_and_the_round_off_is_small(
    credits: int, supply: Supply, rounded: bool, zero_rated: bool
) -> None:
    made = quoted(TopUpTerms(round_to_rupee=rounded), credits * 10, zero_rated=zero_rated)
    lines = tax_lines(made, supply)
    taxes = lines.igst_paise + lines.cgst_paise + lines.sgst_paise
    assert lines.taxable_paise + taxes + lines.round_off_paise == made.payable_paise
    assert abs(lines.round_off_paise) <= 2 + (50 if rounded else 0)
    assert lines.cgst_paise == lines.sgst_paise


@pytest.mark.parametrize(
    ("buyer", "place"),
    [
        ({}, PlaceOfSupply("intra", "29", assumed=True)),
        ({"country": "IN"}, PlaceOfSupply("intra", "29", assumed=True)),
        ({"country": "IN", "state_code": "29"}, PlaceOfSupply("intra", "29")),
        ({"state_code": "07"}, PlaceOfSupply("inter", "07")),
        ({"gstin": "27AAPFU0939F1ZV"}, PlaceOfSupply("inter", "27")),
        # the registration counts, wherever the address is
        ({"gstin": "29AAGCB7383J1Z4", "state_code": "07"}, PlaceOfSupply("intra", "29")),
        ({"country": "US"}, PlaceOfSupply("export", "96")),
        ({"country": "US", "state_code": "29"}, PlaceOfSupply("export", "96")),
        ({"state_code": "28"}, PlaceOfSupply("inter", "37")),
    ],
)
def test_place_of_supply(buyer: dict[str, str], place: PlaceOfSupply) -> None:
    assert place_of_supply(KARNATAKA, **buyer) == place


def test_only_an_export_under_a_letter_of_undertaking_is_zero_rated() -> None:
    abroad, home = PlaceOfSupply("export", "96"), PlaceOfSupply("inter", "07")
    assert is_zero_rated(abroad, "AD290326000001X")
    assert not is_zero_rated(abroad, None)
    assert not is_zero_rated(abroad, "")
    assert not is_zero_rated(home, "AD290326000001X")
