"""Refunds of money: what goes back of a purchase, in any parts, to the paisa and never more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.packs import TopUpTerms
from khata.domain.place_of_supply import Supply
from khata.domain.quotes import Quote, quote
from khata.domain.refund_money import (
    MoneyBack,
    NothingToRefund,
    OrderDisputed,
    OrderUnderReview,
    RefundNotWhole,
    RefundRefusal,
    RefundTooHigh,
    Standing,
    at_most,
    money_back,
    money_gone,
    price_of,
    refundable,
)
from khata.domain.tax import TaxLine, TaxLines, tax_lines

TERMS = TopUpTerms()
SUPPLIES = st.sampled_from(["intra", "inter", "export"])
UNUSED = Standing(gone_credits=0, unspent_bonus=500, unspent_paid=5_000)


def paid_for(asked: str | int, supply: Supply = "inter", terms: TopUpTerms = TERMS) -> TaxLines:
    made = quote(terms, asked)
    assert isinstance(made, Quote), made
    return tax_lines(made, supply)


def refunded(
    paid: TaxLines, standing: Standing = UNUSED, amount_paise: int | None = None
) -> MoneyBack:
    """A refund that is not refused."""
    back = money_back(paid, standing, amount_paise)
    assert isinstance(back, MoneyBack), back
    return back


def test_the_example_of_the_design_2000_credits_used_of_the_500_pack() -> None:
    # The bonus is drawn first, so 1,500 of the 2,000 were bought.
    standing = Standing(gone_credits=2_000, unspent_bonus=0, unspent_paid=3_500)
    back = refunded(paid_for("pro"), standing)
    assert (back.amount_paise, back.gst_paise, back.total_paise) == (30_000, 5_400, 35_400)
    assert back.credits_clawed_back == 3_500
    assert back.tax.lines == (TaxLine("credits", 30_000, igst_paise=5_400),)
    assert (back.fee_paise, back.is_cancellation) == (0, False)


@pytest.mark.parametrize("supply", ["intra", "inter", "export"])
@pytest.mark.parametrize("asked", ["starter", "growth", "pro", "scale", 15_030, 15_330])
def test_a_purchase_that_was_not_used_is_cancelled_and_the_whole_payable_goes_back(
    asked: str | int, supply: Supply
) -> None:
    paid = paid_for(asked, supply)
    back = refunded(paid, Standing(0, unspent_bonus=200, unspent_paid=1_500))
    assert back.is_cancellation
    assert back.tax == paid
    assert back.total_paise == paid.payable_paise
    assert back.credits_clawed_back == 1_700


def test_a_part_takes_the_bonus_first_and_then_what_it_bought() -> None:
    first = refunded(paid_for("pro", "intra"), UNUSED, 10_000)
    assert first.tax.lines == (TaxLine("credits", 10_000, cgst_paise=900, sgst_paise=900),)
    assert (first.total_paise, first.credits_clawed_back) == (11_800, 1_500)
    rest = refunded(paid_for("pro", "intra"), Standing(0, 0, 4_000, refunded_paise=10_000))
    assert (rest.amount_paise, rest.credits_clawed_back, rest.is_cancellation) == (
        40_000,
        4_000,
        True,
    )
    assert first.total_paise + rest.total_paise == 60_200


def test_what_a_refund_of_all_took_beyond_its_price_is_not_taken_again() -> None:
    # After 2,000 were used and all the rest refunded, the usage itself is refunded.
    standing = Standing(0, unspent_bonus=500, unspent_paid=1_500, refunded_paise=30_000)
    part = refunded(paid_for("pro"), standing, 19_000)
    assert part.credits_clawed_back == 2_000
    assert not part.is_cancellation
    assert refunded(paid_for("pro"), standing).is_cancellation


@pytest.mark.parametrize(
    ("standing", "amount", "refusal"),
    [
        (Standing(5_000, 0, 500), None, NothingToRefund()),
        (Standing(5_500, 0, 0), None, NothingToRefund()),
        (Standing(0, 0, 0, refunded_paise=50_000), 10, NothingToRefund()),
        (UNUSED, 50_010, RefundTooHigh(50_010, 50_000)),
        (Standing(2_000, 0, 3_500), 30_010, RefundTooHigh(30_010, 30_000)),
        (UNUSED, 0, RefundNotWhole(0, 10)),
        (UNUSED, -10, RefundNotWhole(-10, 10)),
        (UNUSED, 10_001, RefundNotWhole(10_001, 10)),
    ],
)
def test_refused(standing: Standing, amount: int | None, refusal: RefundRefusal) -> None:
    assert money_back(paid_for("pro"), standing, amount) == refusal


@pytest.mark.parametrize(
    ("refusal", "code", "detail"),
    [
        (NothingToRefund(), "NOTHING_TO_REFUND", "Nothing of this purchase is left to refund."),
        (
            RefundTooHigh(50_000, 30_000),
            "VALIDATION_FAILED",
            "₹300.00 of this purchase can be refunded before tax.",
        ),
        (
            RefundNotWhole(15),
            "VALIDATION_FAILED",
            "The amount must be above zero and a multiple of 10 paise, the price of one credit.",
        ),
        (
            OrderDisputed("dsp_1"),
            "ORDER_DISPUTED",
            "The payment is disputed at the bank, which decides whether its money goes back.",
        ),
        (
            OrderUnderReview("ord_1"),
            "ORDER_UNDER_REVIEW",
            "The order is under review: it is approved, or rejected and refunded whole.",
        ),
    ],
)
def test_a_refusal_says_why(refusal: RefundRefusal, code: str, detail: str) -> None:
    assert (refusal.code, refusal.detail) == (code, detail)


def test_where_the_payable_was_rounded_down_no_more_than_it_goes_back() -> None:
    paid = paid_for(15_030, "inter", TopUpTerms(fee_bps=0))
    assert paid.payable_paise == 17_700  # for 177.35
    back = refunded(paid, Standing(1, 0, 1_502))
    assert (back.amount_paise, back.gst_paise) == (15_020, 2_704)
    assert (back.tax.round_off_paise, back.total_paise) == (-24, 17_700)
    last = Standing(0, 0, 1, refunded_paise=15_020)
    assert money_back(paid, last) == NothingToRefund()


@pytest.mark.parametrize(
    ("total", "standing", "amount", "fee", "credits"),
    [
        (60_200, UNUSED, 50_000, 1_201, 5_500),
        (11_800, UNUSED, 10_000, 0, 1_500),
        (11_800, Standing(5_000, 0, 500), 10_000, 0, 500),
        (59_500, UNUSED, 50_000, 500, 5_500),
        (48_400, Standing(0, 0, 4_000, refunded_paise=10_000), 40_000, 1_201, 4_000),
        (1, UNUSED, 1, 0, 501),
    ],
)
def test_what_went_back_without_our_doing_is_split_as_if_we_had_done_it(
    total: int, standing: Standing, amount: int, fee: int, credits: int
) -> None:
    back = money_gone(paid_for("pro", "intra"), standing, total)
    assert isinstance(back, MoneyBack), back
    assert (back.amount_paise, back.fee_paise, back.credits_clawed_back) == (amount, fee, credits)
    assert back.total_paise == total
    assert abs(back.tax.round_off_paise) <= 1


@pytest.mark.parametrize(
    ("total", "refunded_paise"), [(60_201, 0), (48_401, 10_000), (1_201, 50_000), (100, 50_000)]
)
def test_no_more_went_back_than_was_paid(total: int, refunded_paise: int) -> None:
    standing = Standing(0, 0, 0, refunded_paise)
    assert money_gone(paid_for("pro"), standing, total) == NothingToRefund()


def test_a_paisa_of_rounding_is_not_given_back_beyond_what_was_paid() -> None:
    back = refunded(paid_for("pro"))
    assert at_most(back, 60_200) == back
    capped = at_most(back, 60_199)
    assert (capped.total_paise, capped.tax.round_off_paise) == (60_199, -1)
    assert capped.amount_paise == back.amount_paise


@given(
    credits=st.integers(1_500, 60_000),
    supply=SUPPLIES,
    shares=st.lists(st.integers(1, 10**7), max_size=5),
)
def test_any_money_that_went_back_is_told_to_the_paisa(
    credits: int, supply: Supply, shares: list[int]
) -> None:
    paid = paid_for(credits * 10, supply)
    refunded_paise = 0
    for total in shares:
        standing = Standing(0, 0, credits - refunded_paise // 10, refunded_paise)
        back = money_gone(paid, standing, total)
        if isinstance(back, MoneyBack):
            assert back.total_paise == total
            assert 0 < back.amount_paise <= price_of(paid) - refunded_paise
            refunded_paise += back.amount_paise


@given(
    credits=st.integers(1_500, 60_000),
    supply=SUPPLIES,
    fee_bps=st.sampled_from([0, 1, 240, 10_000]),
    rounded=st.booleans(),
    life=st.lists(st.tuples(st.integers(0, 70_000), st.integers(1, 70_000)), max_size=8),
)
def test_refunds_in_any_parts_sum_exactly_and_never_exceed_what_was_paid(
    credits: int,
    supply: Supply,
    fee_bps: int,
    rounded: bool,
    life: list[tuple[int, int]],
) -> None:
    terms = TopUpTerms(fee_bps=fee_bps, round_to_rupee=rounded)
    paid = paid_for(credits * 10, supply, terms)
    price, used, taken = price_of(paid), 0, 0
    backs: list[MoneyBack] = []
    for use, wanted in life:
        used += min(use, credits - used - taken)
        standing = Standing(used, 0, credits - used - taken, sum_of_amounts(backs))
        most = refundable(paid, standing)
        assert most == price - used * 10 - sum_of_amounts(backs)
        back = money_back(paid, standing, min(wanted * 10, most) or None)
        if isinstance(back, MoneyBack):
            backs.append(back)
            taken += back.credits_clawed_back
            assert back.total_paise > 0
            assert back.credits_clawed_back * 10 == back.amount_paise
            assert (
                back.tax.taxable_paise
                == back.amount_paise + back.tax.line("platform_fee").taxable_paise
            )
            assert min(back.tax.igst_paise, back.tax.cgst_paise, back.tax.sgst_paise) >= 0
    total = sum(back.total_paise for back in backs)
    assert total <= paid.payable_paise
    if sum_of_amounts(backs) == price:
        assert backs[-1].is_cancellation
        assert total == paid.payable_paise
        assert sum(back.gst_paise for back in backs) == paid.line("credits").tax_paise
        assert sum(back.fee_paise for back in backs) == paid.line("platform_fee").total_paise
        assert sum(back.tax.round_off_paise for back in backs) == paid.round_off_paise
    else:
        assert not any(back.is_cancellation for back in backs)


@given(st.integers(1_500, 10**6), SUPPLIES, st.lists(st.integers(1, 10**6), max_size=6))
def test_any_parts_give_back_the_same_tax_as_one(
    credits: int, supply: Supply, parts: list[int]
) -> None:
    paid = paid_for(credits * 10, supply)
    refunded_paise = tax = 0
    for part in parts:
        standing = Standing(1, 0, credits - 1 - refunded_paise // 10, refunded_paise)
        back = money_back(paid, standing, part * 10)
        if isinstance(back, MoneyBack):
            refunded_paise += back.amount_paise
            tax += back.tax.tax_paise
    if refunded_paise:
        at_once = refunded(paid, Standing(1, 0, credits - 1), refunded_paise)
        assert tax == at_once.tax.tax_paise


def sum_of_amounts(backs: list[MoneyBack]) -> int:
    return sum(back.amount_paise for back in backs)
