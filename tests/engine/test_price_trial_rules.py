"""What becomes of each kind of usage under other prices, and when a wallet runs dry."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from khata.domain.commands import (
    CaptureHold,
    Command,
    Consume,
    GrantCredits,
    OpenHold,
    Recorded,
    RefundUsage,
    ReleaseHold,
)
from khata.domain.ids import HoldId, TransactionId
from khata.domain.ledger import Transaction
from khata.domain.price_trial import PriceTrial, trial_rules
from khata.domain.pricing import Price
from khata.domain.rules import Rules
from khata.domain.wallet import NEVER_US, Charge
from khata.engine.price_trial import Tried, WalletTrial
from khata.testing import NEW_YEAR_US, decided, empty_book, price_list, rules, wallet_id
from past import book_after

HOUR_US = 3_600_000_000
ACME = wallet_id("acme")
TOKENS = Price("TOKENS", "AI", 3, per=1000)
SUMMARY = Price("SUMMARY", "AI", 15)
RULES: Rules = rules(price_list(TOKENS, SUMMARY))


class Told:
    """Hours of a wallet's life, one command an hour unless said otherwise."""

    def __init__(self) -> None:
        self.book = empty_book()
        self.ledger: list[Transaction] = []
        self.hour = 0

    def do(self, command: Command, hour: int | None = None) -> Transaction:
        self.hour = self.hour + 1 if hour is None else hour
        decision = decided(self.book, command, hours(self.hour), RULES)
        assert isinstance(decision.outcome, Recorded), decision.outcome
        self.book = decision.book
        self.ledger += decision.transactions
        own = decision.outcome.transaction
        if own.type in ("USAGE_DEDUCTION", "HOLD_CAPTURE"):
            charge = decided_charge(own)
            self.book = replace(self.book, charges={**self.book.charges, own.id: charge})
        return own

    def granted(self, credits: int, until: int | None = None) -> Transaction:
        expires_at_us = NEVER_US if until is None else hours(until)
        return self.do(
            GrantCredits(
                wallet_id=ACME, kind="bonus", credits=credits, note="", expires_at_us=expires_at_us
            )
        )

    def used(self, feature: str, quantity: int = 1, hour: int | None = None) -> Transaction:
        return self.do(Consume(wallet_id=ACME, feature=feature, quantity=quantity), hour)

    def held(self, feature: str, quantity: int | None = None, credits: int | None = None) -> HoldId:
        asked = OpenHold(wallet_id=ACME, feature=feature, quantity=quantity, credits=credits)
        hold = self.do(replace(asked, ttl_seconds=86_400)).facts.hold
        assert hold is not None
        return hold.id

    def captured(
        self, hold: HoldId, quantity: int | None = None, credits: int | None = None
    ) -> Transaction:
        asked = CaptureHold(wallet_id=ACME, hold_id=hold, quantity=quantity, credits=credits)
        return self.do(replace(asked, over_capture="if_available"))

    def refunded(self, charge: TransactionId, credits: int | None = None) -> Transaction:
        return self.do(
            RefundUsage(wallet_id=ACME, transaction_id=charge, credits=credits, reason="")
        )

    def tried(self, *prices: Price, first_hour: int = 0) -> PriceTrial:
        from_us = hours(first_hour)
        before = [t for t in self.ledger if t.at_us < from_us]
        period = self.ledger[len(before) :]
        proposed = {price.feature: price for price in prices}
        trial = WalletTrial(
            book_after(self.book.wallet, before),
            trial_rules(proposed, RULES.prices.versions, from_us),
            from_us,
            frozenset(TransactionId(t.source_id or "") for t in period if t.type == "REFUND"),
        )
        for t in period:
            trial.take(t)
        tried = Tried(proposed, named=10)
        tried.add(trial)
        return tried.report(from_us, hours(self.hour + 1))


def decided_charge(t: Transaction) -> Charge:
    return Charge(t.id, t.account_change, 0, t.draws, t.feature, t.category, t.member_id)


def hours(hour: int) -> int:
    return NEW_YEAR_US + hour * HOUR_US


def costs(trial: PriceTrial) -> dict[str, tuple[int, int]]:
    return {each.feature: (each.actual_credits, each.proposed_credits) for each in trial.features}


def dry_hour(trial: PriceTrial) -> int | None:
    (wallet,) = trial.wallets
    dry = wallet.runs_dry_at_us
    return None if dry is None else (dry - NEW_YEAR_US) // HOUR_US


def test_a_charge_costs_what_is_proposed() -> None:
    told = Told()
    told.granted(100)
    told.used("SUMMARY")
    told.used("SUMMARY", 2)
    trial = told.tried(replace(SUMMARY, credits=20))
    assert costs(trial) == {"SUMMARY": (45, 60)}
    (feature,) = trial.features
    assert (feature.count, feature.quantity, feature.is_priced) == (2, 3, True)
    assert (trial.actual_credits, trial.proposed_credits) == (45, 60)
    assert dry_hour(trial) is None


def test_a_metered_feature_carries_its_remainder_from_the_periods_start() -> None:
    """250 tokens were used before: 3/4 of a credit is carried into the period."""
    told = Told()
    told.granted(100)
    told.used("TOKENS", 250)
    told.used("TOKENS", 100)
    told.used("TOKENS", 900)
    assert costs(told.tried(TOKENS, first_hour=3)) == {"TOKENS": (3, 3)}
    # 3/4 + 1000 tokens at 4 a thousand.
    dearer = told.tried(replace(TOKENS, credits=4), first_hour=3)
    assert costs(dearer) == {"TOKENS": (3, 4)}
    # A third of a credit a token leaves thirds of fourths behind, and nothing is rounded.
    finer = told.tried(replace(TOKENS, credits=1, per=3), first_hour=3)
    assert costs(finer) == {"TOKENS": (3, 334)}


def test_a_feature_that_is_priced_no_more_costs_nothing() -> None:
    told = Told()
    told.granted(100)
    told.used("SUMMARY")
    hold = told.held("SUMMARY", quantity=1)
    told.captured(hold, quantity=1)
    told.used("USE", 5)
    trial = told.tried(Price("USE", "API", 1))
    assert costs(trial) == {"SUMMARY": (30, 0), "USE": (5, 5)}
    assert {each.feature: each.is_priced for each in trial.features} == {
        "SUMMARY": False,
        "USE": True,
    }
    assert {each.feature: each.count for each in trial.features} == {"SUMMARY": 2, "USE": 1}


def test_a_feature_that_is_new_was_not_used() -> None:
    told = Told()
    told.granted(100)
    told.used("USE")
    assert costs(told.tried(Price("USE", "API", 1), Price("VIDEO", "AI", 90))) == {"USE": (1, 1)}


@pytest.mark.parametrize(
    ("held", "captured", "proposed"),
    [
        ({"quantity": 2}, {"quantity": 2}, 40),
        ({"quantity": 2}, {"quantity": 1}, 20),
        # What was named in credits is these credits.
        ({"quantity": 2}, {"credits": 17}, 17),
        ({"credits": 30}, {"credits": 30}, 30),
        # More than was held, which is taken beyond the hold.
        ({"credits": 30}, {"quantity": 2}, 40),
    ],
)
def test_a_hold_is_captured_at_what_is_proposed(
    held: dict[str, int], captured: dict[str, int], proposed: int
) -> None:
    told = Told()
    told.granted(100)
    charge = told.captured(told.held("SUMMARY", **held), **captured)
    trial = told.tried(replace(SUMMARY, credits=20))
    assert costs(trial) == {"SUMMARY": (charge.account_change, proposed)}


def test_a_hold_from_before_the_period_keeps_its_prices() -> None:
    told = Told()
    told.granted(100)
    before, free = told.held("SUMMARY", quantity=1), told.held("SUMMARY", quantity=1)
    told.captured(before, quantity=1)
    told.do(ReleaseHold(wallet_id=ACME, hold_id=free))
    told.used("SUMMARY")
    trial = told.tried(replace(SUMMARY, credits=20), first_hour=4)
    assert costs(trial) == {"SUMMARY": (30, 35)}
    assert dry_hour(trial) is None


@pytest.mark.parametrize(
    ("refunds", "left"),
    [
        # Of 15 at 20: the whole for the whole, a share for a share, to the nearest credit.
        ([None], 0),
        ([15], 0),
        ([5], 13),
        ([5, 5], 7),
        ([5, 5, 5], 0),
        ([1, 1, 1], 16),
    ],
)
def test_a_refund_gives_back_its_share(refunds: Sequence[int | None], left: int) -> None:
    told = Told()
    told.granted(100)
    charge = told.used("SUMMARY")
    for credits in refunds:
        refund = told.refunded(charge.id, credits)
        known = told.book.charges[charge.id]
        assert known.refunded >= refund.available_change
    (actual, proposed) = costs(told.tried(replace(SUMMARY, credits=20)))["SUMMARY"]
    assert proposed == left
    assert actual == 15 - told.book.charges[charge.id].refunded


def test_a_refund_of_an_earlier_charge_gives_back_what_it_gave_back() -> None:
    told = Told()
    told.granted(20)
    charge = told.used("SUMMARY")
    told.refunded(charge.id, 6)
    told.used("USE", 11)
    trial = told.tried(Price("USE", "API", 1), replace(SUMMARY, credits=90), first_hour=3)
    assert costs(trial) == {"SUMMARY": (-6, -6), "USE": (11, 11)}
    assert dry_hour(trial) is None


def test_who_runs_dry_does_so_at_the_first_call_that_was_not_covered() -> None:
    told = Told()
    told.granted(60)
    for _ in range(3):
        told.used("SUMMARY")
    trial = told.tried(replace(SUMMARY, credits=25))
    assert dry_hour(trial) == 4
    # The rest of the usage is priced all the same.
    assert costs(trial) == {"SUMMARY": (45, 75)}
    assert trial.runs_dry_count == trial.wallet_count == 1
    assert dry_hour(told.tried(replace(SUMMARY, credits=20))) is None


def test_what_comes_in_comes_when_it_came() -> None:
    told = Told()
    told.granted(30)
    told.used("SUMMARY")
    told.granted(30)
    told.used("SUMMARY")
    assert dry_hour(told.tried(replace(SUMMARY, credits=30))) is None
    assert dry_hour(told.tried(replace(SUMMARY, credits=31))) == 2


def test_a_refund_comes_too_late_for_a_call_before_it() -> None:
    told = Told()
    told.granted(31)
    charge = told.used("SUMMARY")
    told.used("USE")
    told.refunded(charge.id)
    told.used("SUMMARY")
    assert dry_hour(told.tried(replace(SUMMARY, credits=30), Price("USE", "API", 1))) is None
    assert dry_hour(told.tried(replace(SUMMARY, credits=31), Price("USE", "API", 1))) == 3


def test_credits_that_cheaper_prices_would_have_left_expire() -> None:
    """The first lot was used up before it expired; here half of it is not, and is no more there."""
    told = Told()
    told.granted(30, until=5)
    told.granted(20)
    told.used("SUMMARY", 2)
    told.used("SUMMARY", 1, hour=6)
    cheaper = told.tried(replace(SUMMARY, credits=10))
    assert costs(cheaper) == {"SUMMARY": (45, 30)}
    assert dry_hour(cheaper) is None
    # Of the 22 that are left at the fifth hour none is there for the 25 of the seventh.
    told.used("USE", 5)
    late = told.tried(replace(SUMMARY, credits=4), Price("USE", "API", 5))
    assert dry_hour(late) == 7


def test_what_expired_and_would_have_been_used_does_not_expire() -> None:
    told = Told()
    told.granted(30, until=4)
    told.used("SUMMARY")
    told.hour = 4
    told.granted(10)
    told.used("USE", 10)
    trial = told.tried(replace(SUMMARY, credits=30), Price("USE", "API", 1))
    assert dry_hour(trial) is None


def test_a_hold_that_could_not_be_taken_is_where_it_runs_dry() -> None:
    told = Told()
    told.granted(30)
    told.captured(told.held("SUMMARY", quantity=2), quantity=1)
    trial = told.tried(replace(SUMMARY, credits=16))
    assert dry_hour(trial) == 2
    assert costs(trial) == {"SUMMARY": (15, 16)}
