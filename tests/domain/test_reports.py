"""Reports, as figures of what moved."""

from khata.domain.reports import DeferredRevenue, Period, revenue, trial_balance

MOVED = {
    ("CREDIT_PURCHASE", "deferred_revenue"): -51_017 + 900,
    ("CREDIT_PURCHASE", "gateway.simulator"): 60_200,
    ("CREDIT_PURCHASE", "gst.igst"): -9_183,
    ("CREDIT_PURCHASE", "expenses.chargebacks"): -900,
    ("USAGE_DEDUCTION", "deferred_revenue"): 500,
    ("USAGE_DEDUCTION", "income.usage.AI"): -500,
    ("REFUND", "deferred_revenue"): -200,
    ("REFUND", "income.usage.AI"): 200,
    ("EXPIRY", "deferred_revenue"): 70,
    ("EXPIRY", "income.breakage"): -70,
    ("CLAWBACK", "deferred_revenue"): 1_000,
    ("CLAWBACK", "disputed"): -1_500,
    ("CLAWBACK", "expenses.chargebacks"): 500,
    ("TRANSFER_IN", "transferred"): 40,
    ("TRANSFER_IN", "deferred_revenue"): -40,
}


def test_deferred_revenue_moves_from_opening_to_closing() -> None:
    found = revenue(Period(), 10_000, MOVED, None)
    assert found.deferred == DeferredRevenue(
        opening=10_000,
        bought=51_017,
        transferred=40,
        earned=300,
        breakage=70,
        taken_back=1_000,
        recovered=900,
        closing=58_787,
    )
    d = found.deferred
    gone = d.earned + d.breakage + d.taken_back + d.recovered
    assert d.opening + d.bought + d.transferred - gone == d.closing
    assert [(line.account, line.paise) for line in found.income] == [
        ("income.breakage", 70),
        ("income.usage.AI", 300),
    ]
    assert [(line.account, line.paise) for line in found.expenses] == [
        ("expenses.chargebacks", -400)
    ]


def test_what_the_lots_say_otherwise_is_told() -> None:
    assert revenue(Period(), 10_000, MOVED, 58_787).agrees
    assert not revenue(Period(), 10_000, MOVED, 58_788).agrees
    assert revenue(Period(), 10_000, MOVED, None).agrees


def test_a_trial_balance_has_each_account_on_its_side() -> None:
    found = trial_balance(Period(), {"bank": 5, "disputed": 0, "gateway.x": -5}, {"available": 1})
    rupees, credits = found.units
    assert [(line.account, line.debit, line.credit) for line in rupees.accounts] == [
        ("bank", 5, 0),
        ("gateway.x", 0, 5),
    ]
    assert (rupees.debit, rupees.credit) == (5, 5)
    assert (credits.debit, credits.credit, found.is_balanced) == (1, 0, False)
