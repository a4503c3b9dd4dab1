"""Rupees beside the credits: what each transaction books in INR, to the paisa."""

import json

import pytest
from msgspec.structs import replace

from khata.domain.commands import (
    Clawback,
    Command,
    Consume,
    Decision,
    GrantCredits,
    LockPurchase,
    Purchase,
    Recorded,
    RefundUsage,
    Transfer,
    UnlockPurchase,
)
from khata.domain.inr import DisputeMoney, Leg, RefundMoney, deferred_paise, legs_of
from khata.domain.ledger import NO_FACTS, Transaction, unearned_paise
from khata.domain.pricing import Price
from khata.domain.wallet import Book, Charge
from khata.testing import NEW_YEAR_US, SECOND_US, decided, empty_book, price_list, rules

AI = rules(price_list(Price("AI_SUMMARY", "AI", 15)))

# The 500 pack, bought in another State: 500.00 and a fee of 10.17, 91.83 of tax, 602.00 to pay.
PACK = Purchase(
    wallet_id=empty_book().wallet.id,
    idempotency_key="payment-1",
    credits=5_000,
    bonus_credits=500,
    price_paise=50_000,
    payment_id="pay-1",
    order_id="ord-1",
    gateway="simulator",
    payable_paise=60_200,
    fee_paise=1_017,
    igst_paise=9_183,
)
DISPUTE = DisputeMoney("disp-1", "simulator", 60_200)


def booked(book: Book, command: Command, at_us: int = NEW_YEAR_US) -> Decision:
    """The decision, carried out, by the prices of these tests."""
    decision = decided(book, command, at_us, AI)
    assert isinstance(decision.outcome, Recorded), decision.outcome
    return decision


def legs(decision: Decision) -> list[tuple[str, int]]:
    """The legs of all that a decision recorded, those of nothing left out."""
    return [(leg.account, leg.paise) for t in decision.transactions for leg in legs_of(t)]


def deferred(*ledger: Transaction) -> int:
    """What these transactions leave on deferred revenue, as a positive figure."""
    return -sum(deferred_paise(legs_of(t)) for t in ledger)


def spent(book: Book, summaries: int) -> Book:
    """The book after that many summaries of 15 credits."""
    usage = Consume(wallet_id=book.wallet.id, feature="AI_SUMMARY", quantity=summaries)
    return booked(book, usage).book


def test_a_purchase_defers_its_price_and_fee_and_owes_the_tax() -> None:
    bought = booked(empty_book(), PACK)
    assert legs(bought) == [
        ("gateway.simulator", 60_200),
        ("deferred_revenue", -51_017),
        ("gst.igst", -9_183),
    ]
    assert sum(map(unearned_paise, bought.book.lots)) == 51_017
    assert [t.facts.order_id for t in bought.transactions] == ["ord-1", "ord-1"]


def test_a_purchase_within_the_state_owes_two_taxes_and_rounds_off() -> None:
    within = replace(PACK, igst_paise=0, cgst_paise=4_592, sgst_paise=4_592, round_off_paise=-1)
    assert legs(booked(empty_book(), within)) == [
        ("gateway.simulator", 60_200),
        ("deferred_revenue", -51_017),
        ("gst.cgst", -4_592),
        ("gst.sgst", -4_592),
        ("expenses.round_off", 1),
    ]


def test_a_fee_that_is_not_deferred_is_earned_at_once() -> None:
    bought = booked(empty_book(), replace(PACK, fee_deferred=False))
    assert ("deferred_revenue", -50_000) in legs(bought)
    assert ("income.platform_fee", -1_017) in legs(bought)
    assert sum(lot.cost_paise for lot in bought.book.lots) == 50_000


def test_what_is_paid_is_what_it_is_paid_for() -> None:
    with pytest.raises(AssertionError, match="what is paid"):
        decided(empty_book(), replace(PACK, payable_paise=60_201))


def test_a_purchase_without_a_gateway_was_paid_offline() -> None:
    command = Purchase(
        wallet_id=empty_book().wallet.id,
        idempotency_key="key-1",
        credits=100,
        price_paise=1_000,
        payment_id="pay-1",
    )
    assert legs(booked(empty_book(), command)) == [
        ("gateway.offline", 1_000),
        ("deferred_revenue", -1_000),
    ]


def test_rows_from_before_there_were_legs_imply_them_by_the_cost_of_their_lots() -> None:
    bought = booked(empty_book(), replace(PACK, fee_paise=0, igst_paise=0, payable_paise=None))
    old = [replace(t, facts=replace(t.facts, money=())) for t in bought.transactions]
    paid, bonus = (lot.cost_paise for t in old for lot in t.facts.grants)
    assert [legs_of(t) for t in old] == [
        (Leg("gateway.offline", paid), Leg("deferred_revenue", -paid)),
        (Leg("gateway.offline", bonus), Leg("deferred_revenue", -bonus)),
    ]
    assert paid + bonus == 50_000


def test_use_earns_the_lots_share_by_category() -> None:
    book = booked(empty_book(), PACK).book
    used = booked(book, Consume(wallet_id=PACK.wallet_id, feature="AI_SUMMARY"))
    # 15 of 5,500 credits for 510.17, from the bonus: a share of 46.38 for its 500.
    assert legs(used) == [("deferred_revenue", 139), ("income.usage.AI", -139)]


def test_a_refund_of_usage_defers_again() -> None:
    book = booked(empty_book(), PACK).book
    used = booked(book, Consume(wallet_id=PACK.wallet_id, feature="AI_SUMMARY"))
    (t,) = used.transactions
    charge = Charge(t.id, 15, 0, t.draws, t.feature, t.category, None)
    book = replace(used.book, charges={t.id: charge})
    back = RefundUsage(wallet_id=book.wallet.id, transaction_id=t.id, reason="", credits=15)
    assert legs(booked(book, back)) == [("deferred_revenue", -139), ("income.usage.AI", 139)]


def test_what_expires_is_breakage() -> None:
    expiring = replace(PACK, expires_at_us=NEW_YEAR_US + SECOND_US)
    book = booked(empty_book(), expiring).book
    later = NEW_YEAR_US + 2 * SECOND_US
    gift = GrantCredits(wallet_id=book.wallet.id, kind="bonus", credits=1, note="")
    assert sorted(legs(booked(book, gift, later))) == [
        ("deferred_revenue", 4_638),
        ("deferred_revenue", 46_379),
        ("income.breakage", -46_379),
        ("income.breakage", -4_638),
    ]


def test_a_gift_takes_its_deferred_share_along() -> None:
    giver = booked(empty_book(), PACK).book
    receiver = empty_book("zen")
    command = Transfer(
        wallet_id=giver.wallet.id, to_wallet_id=receiver.wallet.id, credits=1_000, note=""
    )
    given = decided(giver, command, NEW_YEAR_US, AI, receiver)
    out, into = given.transactions
    share = out.recognized_paise
    assert legs_of(out) == (Leg("deferred_revenue", share), Leg("transferred", -share))
    assert legs_of(into) == (Leg("transferred", share), Leg("deferred_revenue", -share))
    assert given.counterpart is not None
    assert sum(map(unearned_paise, given.counterpart.lots)) == share


def test_credits_without_a_price_book_no_money() -> None:
    gift = GrantCredits(wallet_id=PACK.wallet_id, kind="promo", credits=50, note="")
    granted = booked(empty_book(), gift)
    assert legs(granted) == []
    used = booked(granted.book, Consume(wallet_id=PACK.wallet_id, feature="AI_SUMMARY"))
    assert legs(used) == []
    assert used.transactions[0].facts is NO_FACTS


def test_a_refund_of_money_gives_the_tax_back_and_earns_what_it_keeps() -> None:
    # 2,000 credits are used, the bonus first: of 500.00 then 300.00 can go back, with its tax.
    book = spent(booked(empty_book(), PACK).book, 133)
    refund = RefundMoney("rfnd-1", 35_400, igst_paise=5_400)
    command = Clawback(wallet_id=book.wallet.id, payment_id="pay-1", reach="unspent", refund=refund)
    taken = booked(book, command)
    (t,) = taken.transactions
    assert legs(taken) == [
        ("deferred_revenue", t.recognized_paise),
        ("income.usage.REFUNDS", 30_000 - t.recognized_paise),
        ("gst.igst", 5_400),
        ("refunds_payable", -35_400),
    ]
    assert (t.facts.refund_id, taken.book.accounts.available) == ("rfnd-1", 0)
    assert deferred(t) == -sum(map(unearned_paise, book.lots))


def test_an_unused_purchase_goes_back_whole_with_its_fee() -> None:
    book = booked(empty_book(), PACK).book
    refund = RefundMoney("rfnd-1", 60_200, igst_paise=9_183)
    command = Clawback(wallet_id=book.wallet.id, payment_id="pay-1", reach="unspent", refund=refund)
    assert legs(booked(book, command)) == [
        ("deferred_revenue", 51_017),
        ("gst.igst", 9_183),
        ("refunds_payable", -60_200),
    ]


def test_a_fee_that_was_earned_at_once_is_given_back_as_such() -> None:
    book = booked(empty_book(), replace(PACK, fee_deferred=False)).book
    refund = RefundMoney("rfnd-1", 60_200, igst_paise=9_183, fee_paise=1_017)
    command = Clawback(wallet_id=book.wallet.id, payment_id="pay-1", reach="unspent", refund=refund)
    assert ("income.platform_fee", 1_017) in legs(booked(book, command))


def test_a_refund_is_refused_when_less_is_unspent_than_was_reckoned_with() -> None:
    book = booked(empty_book(), PACK).book
    command = Clawback(
        wallet_id=book.wallet.id,
        payment_id="pay-1",
        reach="unspent",
        credits=1_500,
        reckoned_credits=5_500,
        refund=RefundMoney("rfnd-1", 11_800, igst_paise=1_800),
    )
    assert isinstance(decided(book, command).outcome, Recorded)
    refused = decided(spent(book, 1), command).outcome
    assert getattr(refused, "required", None) == 5_500


def test_money_is_refunded_although_nothing_is_left_of_the_credits() -> None:
    book = spent(booked(empty_book(), replace(PACK, credits=100, bonus_credits=50)).book, 10)
    refund = RefundMoney("rfnd-1", 11_800, igst_paise=1_800)
    command = Clawback(wallet_id=book.wallet.id, payment_id="pay-1", reach="unspent", refund=refund)
    assert legs(booked(book, command)) == [
        ("income.usage.REFUNDS", 10_000),
        ("gst.igst", 1_800),
        ("refunds_payable", -11_800),
    ]


def test_a_dispute_that_is_won_leaves_nothing_behind() -> None:
    book = booked(empty_book(), PACK).book
    opened = booked(
        book, LockPurchase(wallet_id=book.wallet.id, payment_id="pay-1", dispute=DISPUTE)
    )
    assert legs(opened) == [("disputed", 60_200), ("gateway.simulator", -60_200)]
    again = booked(opened.book, LockPurchase(wallet_id=book.wallet.id, payment_id="pay-1"))
    assert (legs(again), again.transactions[0].draws) == ([], ())
    won = booked(
        again.book, UnlockPurchase(wallet_id=book.wallet.id, payment_id="pay-1", dispute=DISPUTE)
    )
    assert legs(won) == [("disputed", -60_200), ("gateway.simulator", 60_200)]
    assert won.book.accounts.available == 5_500


def test_a_dispute_that_is_lost_costs_what_was_earned_already() -> None:
    book = spent(booked(empty_book(), PACK).book, 100)
    left = sum(map(unearned_paise, book.lots))
    command = Clawback(wallet_id=book.wallet.id, payment_id="pay-1", reach="whole", dispute=DISPUTE)
    lost = booked(book, command)
    assert legs(lost) == [
        ("deferred_revenue", left),
        ("expenses.chargebacks", 60_200 - left),
        ("disputed", -60_200),
    ]
    assert lost.book.accounts.debt == 1_500


def test_a_lot_that_pays_a_debt_recovers_the_loss() -> None:
    book = spent(booked(empty_book(), replace(PACK, bonus_credits=0)).book, 100)
    whole = Clawback(wallet_id=book.wallet.id, payment_id="pay-1", reach="whole", dispute=DISPUTE)
    book = booked(book, whole).book
    again = replace(PACK, payment_id="pay-2", idempotency_key="payment-2", bonus_credits=0)
    paid = booked(book, again)
    # 1,500 of 5,000 credits for 510.17 are gone at once.
    assert legs(paid)[-2:] == [("deferred_revenue", 15_305), ("expenses.chargebacks", -15_305)]
    assert sum(map(unearned_paise, paid.book.lots)) == 51_017 - 15_305


def test_a_clawback_of_which_no_money_is_told_went_back_as_it_came() -> None:
    book = booked(empty_book(), PACK).book
    command = Clawback(wallet_id=book.wallet.id, payment_id="pay-1", reach="unspent")
    assert legs(booked(book, command)) == [
        ("deferred_revenue", 51_017),
        ("gateway.offline", -51_017),
    ]


def test_credits_under_review_come_locked() -> None:
    bought = booked(empty_book(), replace(PACK, under_review=True))
    assert [t.type for t in bought.transactions] == ["CREDIT_PURCHASE", "BONUS_CREDIT", "LOCK"]
    accounts = bought.book.accounts
    assert (accounts.available, accounts.locked) == (0, 5_500)
    released = UnlockPurchase(wallet_id=PACK.wallet_id, payment_id="pay-1")
    assert booked(bought.book, released).book.accounts.available == 5_500


def test_a_debt_is_paid_before_what_is_left_is_locked_for_review() -> None:
    book = spent(booked(empty_book(), replace(PACK, bonus_credits=0)).book, 100)
    whole = Clawback(wallet_id=book.wallet.id, payment_id="pay-1", reach="whole")
    book = booked(book, whole).book
    again = replace(PACK, payment_id="pay-2", idempotency_key="payment-2", under_review=True)
    accounts = booked(book, again).book.accounts
    assert (accounts.debt, accounts.available, accounts.locked) == (0, 0, 4_000)


def test_facts_without_money_are_written_as_before() -> None:
    gift = GrantCredits(wallet_id=PACK.wallet_id, kind="promo", credits=50, note="hi")
    (t,) = booked(empty_book(), gift).transactions
    assert t.facts_text is not None
    assert list(json.loads(t.facts_text)) == ["grants", "note"]
