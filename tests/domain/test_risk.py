"""The risk of a top-up: four decided rules, all others in shadow, and what follows of a score."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from khata.domain.risk import DEFAULT_POLICY, Decision, RiskAssessment, RiskPolicy, assess
from khata.domain.risk_facts import Attempts, QuickSpend, RiskFacts
from khata.domain.risk_rules import RULES, Mode

HOUR, DAY = 3_600, 86_400

# Somebody in India whom every rule knows and none minds.
HARMLESS = RiskFacts(
    amount_paise=50_000,
    payment_method="upi",
    ip_country="IN",
    countries_2h=frozenset({"IN"}),
    ip_is_hosting=False,
    texts={"the idempotency key": "order-00001", "the buyer's name": "O'Brien"},
    email_is_disposable=False,
    billing_country="IN",
    card_country="IN",
    card_is_international=False,
    account_age_seconds=90 * DAY,
    median_paise_90_days=50_000,
    captured_payments=2,
    captured_payments_older_than_30_days=2,
    earlier_disputes=0,
    account=Attempts(),
    address=Attempts(),
    cards_24h=1,
    accounts_of_instrument_24h=1,
    small_cards_1h=0,
    quick_spend=QuickSpend(100, 5_000, 300, key_is_new=True),
)


def rupees(amount: int) -> RiskFacts:
    return replace(HARMLESS, amount_paise=amount * 100)


def every_rule(mode: Mode) -> Mapping[str, Mode]:
    return {rule.id: mode for rule in RULES}


ALL_COUNT = RiskPolicy(modes=every_rule("counting"))


def hits(assessment: RiskAssessment) -> dict[str, int]:
    found = (reason for reason in assessment.reasons if reason.state != "abstained")
    return {reason.rule: reason.weight for reason in found}


def abstained(assessment: RiskAssessment) -> dict[str, str]:
    found = (reason for reason in assessment.reasons if reason.state == "abstained")
    return {reason.rule: reason.said for reason in found}


@pytest.mark.parametrize(
    ("facts", "score", "decision"),
    [
        (rupees(500), 0, "allow"),
        (rupees(10_000), 0, "allow"),
        (replace(rupees(10_000), amount_paise=1_000_001), 45, "allow"),
        (rupees(10_001), 45, "allow"),
        (replace(rupees(500), ip_country="AE"), 30, "allow"),
        (replace(rupees(10_001), ip_country="AE"), 75, "block"),
        (replace(rupees(500), texts={"the key": "x' OR '1'='1"}), 60, "block"),
        (replace(rupees(2_000), payment_method="wallet"), 0, "allow"),
        (replace(rupees(2_001), payment_method="wallet"), 25, "allow"),
        (replace(rupees(2_001), payment_method="wallet", ip_country="AE"), 55, "block"),
        (replace(rupees(10_001), payment_method="wallet"), 70, "block"),
        (
            replace(
                rupees(10_001),
                payment_method="wallet",
                ip_country="AE",
                texts={"the note": "'; DROP TABLE wallets"},
            ),
            100,
            "block",
        ),
    ],
)
def test_the_four_decided_rules(facts: RiskFacts, score: int, decision: Decision) -> None:
    assessment = assess(facts)
    assert (assessment.score, assessment.decision) == (score, decision)
    assert sum(reason.weight for reason in assessment.counted) >= score


@pytest.mark.parametrize(
    ("rule", "weight", "changes"),
    [
        ("R4", 15, {"amount_paise": 250_001}),
        ("R4", None, {"amount_paise": 250_000}),
        ("R4", None, {"amount_paise": 200_000, "median_paise_90_days": 20_000}),
        ("R4", 15, {"amount_paise": 200_001, "median_paise_90_days": 20_000}),
        ("R5", 10, {"account_age_seconds": DAY - 1}),
        ("R5", None, {"account_age_seconds": DAY}),
        ("R5", 10, {"account_age_seconds": HOUR - 1, "amount_paise": 200_000}),
        ("R5", 20, {"account_age_seconds": HOUR - 1, "amount_paise": 200_001}),
        ("R5", 10, {"account_age_seconds": HOUR, "amount_paise": 200_001}),
        ("R6", 15, {"captured_payments": 0, "amount_paise": 500_001}),
        ("R6", None, {"captured_payments": 0, "amount_paise": 500_000}),
        ("R6", None, {"captured_payments": 1, "amount_paise": 500_001}),
        ("R7", 20, {"account": Attempts(in_10_minutes=6)}),
        ("R7", None, {"account": Attempts(in_10_minutes=5, in_1_hour=10)}),
        ("R7", 35, {"account": Attempts(in_10_minutes=6, in_1_hour=11)}),
        ("R8", 40, {"cards_24h": 4}),
        ("R8", None, {"cards_24h": 3}),
        ("R9", 40, {"accounts_of_instrument_24h": 4}),
        ("R9", None, {"accounts_of_instrument_24h": 3}),
        ("R10", 20, {"address": Attempts(in_10_minutes=11, accounts_10_minutes=3)}),
        ("R10", 40, {"address": Attempts(in_10_minutes=11, accounts_10_minutes=4)}),
        ("R10", None, {"address": Attempts(in_10_minutes=10, accounts_10_minutes=9)}),
        ("R11", 30, {"account": Attempts(ended_1h=8, failed_1h=5)}),
        ("R11", 30, {"address": Attempts(ended_1h=8, failed_1h=5)}),
        ("R11", None, {"account": Attempts(ended_1h=4, failed_1h=4)}),
        ("R11", None, {"account": Attempts(ended_1h=10, failed_1h=6)}),
        ("R12", 50, {"small_cards_1h": 3}),
        ("R12", None, {"small_cards_1h": 2}),
        ("R13", 20, {"card_country": "US", "card_is_international": True}),
        ("R14", 10, {"ip_country": "AE", "countries_2h": frozenset({"AE"}), "card_country": "AE"}),
        ("R14", None, {"ip_country": "AE", "billing_country": "AE", "card_country": "AE"}),
        ("R14", None, {"ip_country": "AE", "card_is_international": True, "card_country": "AE"}),
        ("R15", 20, {"ip_is_hosting": True}),
        ("R16", 20, {"email_is_disposable": True}),
        ("R17", 25, {"countries_2h": frozenset({"IN", "AE"})}),
        ("R18", 50, {"earlier_disputes": 1}),
        ("R19", 25, {"quick_spend": QuickSpend(801, 1_000, 600, key_is_new=True)}),
        ("R19", None, {"quick_spend": QuickSpend(800, 1_000, 600, key_is_new=True)}),
        ("R19", None, {"quick_spend": QuickSpend(801, 1_000, 601, key_is_new=True)}),
        ("R19", None, {"quick_spend": QuickSpend(801, 1_000, 600, key_is_new=False)}),
        ("A1", -15, {"captured_payments_older_than_30_days": 3}),
        ("A1", None, {"captured_payments_older_than_30_days": 3, "earlier_disputes": 1}),
    ],
)
def test_the_rules_in_shadow(rule: str, weight: int | None, changes: dict[str, object]) -> None:
    facts = replace(HARMLESS, **changes)
    assessment = assess(facts)
    found = {reason.rule: reason for reason in assessment.reasons}
    assert hits(assessment).get(rule) == weight
    if weight is not None:
        assert (found[rule].state, found[rule].counted) == ("shadow_hit", False)
        assert found[rule].sentence.startswith(f"{rule} shadow, would be {weight:+d}: ")
    assert assessment.score == (30 if facts.ip_country == "AE" else 0)
    counting = RiskPolicy(modes={**every_rule("off"), rule: "counting"})
    assert assess(facts, counting).score == max(weight or 0, 0)


def test_somebody_harmless_gives_no_reason_at_all() -> None:
    assert assess(HARMLESS, ALL_COUNT) == RiskAssessment(0, "allow", ())


def test_a_rule_that_cannot_tell_abstains_and_says_why() -> None:
    unknown = RiskFacts(amount_paise=50_000, payment_method="upi")
    assessment = assess(unknown, ALL_COUNT)
    assert (assessment.score, assessment.decision) == (0, "allow")
    assert hits(assessment) == {}
    said = abstained(assessment)
    assert set(said) == {rule.id for rule in RULES} - {"R1", "R3", "R3b"}
    assert said["R2"] == said["R17"] == "no GeoIP file"
    carded = replace(unknown, card_country="US", card_is_international=False, billing_country="IN")
    said = abstained(assess(carded))
    assert said["R13"] == said["R14"] == "no GeoIP file"
    lost = replace(unknown, no_country="the address is in no network of the file")
    (reason,) = (reason for reason in assess(lost).reasons if reason.rule == "R2")
    assert reason.sentence == "R2 abstained: the address is in no network of the file"
    assert (reason.weight, reason.counted) == (0, False)


def test_a_reason_names_the_text_and_what_is_in_it() -> None:
    facts = replace(HARMLESS, texts={"the idempotency key": "a", "the note": "1; DROP TABLE x"})
    (reason,) = assess(facts).reasons
    assert reason.sentence == ("R3 +60: the note looks like an SQL injection: a second statement")


def test_a_recharge_is_not_asked_what_only_a_person_at_the_keyboard_can_answer() -> None:
    facts = replace(
        rupees(10_001),
        moment="recharge",
        ip_country="AE",
        countries_2h=frozenset({"AE", "IN"}),
        account=Attempts(in_1_hour=11, ended_1h=11, failed_1h=11),
        account_age_seconds=5,
        captured_payments=0,
        ip_is_hosting=True,
        email_is_disposable=True,
    )
    assessment = assess(facts, ALL_COUNT)
    skipped = {"R2", "R5", "R6", "R7", "R13", "R14", "R15", "R16", "R17"}
    assert set(abstained(assessment)) == skipped
    assert hits(assessment) == {"R1": 45, "R4": 15, "R11": 30}


def test_trust_takes_off_but_never_from_what_is_not_forgiven() -> None:
    trusted = replace(HARMLESS, captured_payments_older_than_30_days=3)
    counting = RiskPolicy(modes={"A1": "counting", "R12": "counting", "R18": "counting"})
    assert assess(trusted, counting).score == 0
    assert assess(replace(trusted, amount_paise=1_000_001), counting).score == 30
    attack = replace(trusted, texts={"the key": "' or 1=1"})
    assert assess(attack, counting).score == 60
    assert assess(replace(attack, amount_paise=1_000_001), counting).score == 90
    assert assess(replace(trusted, small_cards_1h=3), counting).score == 50
    assert assess(replace(trusted, earlier_disputes=1), counting).score == 50


@pytest.mark.parametrize(
    ("weight", "decision"), [(39, "allow"), (40, "review"), (49, "review"), (50, "block")]
)
def test_the_band_of_review(weight: int, decision: Decision) -> None:
    policy = RiskPolicy(review_at=40, weights={"R1": (weight,)})
    assert assess(rupees(10_001), policy).decision == decision


def test_there_is_no_review_unless_it_is_asked_for() -> None:
    policy = replace(DEFAULT_POLICY, weights={"R1": (49,)})
    assert assess(rupees(10_001), policy).decision == "allow"


def test_a_rule_that_is_off_is_not_even_asked() -> None:
    unknown = RiskFacts(amount_paise=1_000_001, payment_method="wallet")
    assert assess(unknown, RiskPolicy(modes=every_rule("off"))) == RiskAssessment(0, "allow", ())


def test_a_decided_rule_can_be_watched_only() -> None:
    watched = assess(rupees(10_001), RiskPolicy(modes={"R1": "shadow"}))
    assert (watched.score, hits(watched)["R1"]) == (0, 45)


def test_a_score_stays_within_0_and_100() -> None:
    worst = replace(
        rupees(10_001), ip_country="AE", earlier_disputes=2, small_cards_1h=9, cards_24h=9
    )
    assert assess(worst, ALL_COUNT).score == 100
    assert assess(replace(HARMLESS, captured_payments_older_than_30_days=9), ALL_COUNT).score == 0


def test_four_rules_count_by_default_and_ids_are_unique() -> None:
    assert [rule.id for rule in RULES if rule.mode == "counting"] == ["R1", "R2", "R3", "R3b"]
    assert len({rule.id for rule in RULES}) == len(RULES)
