"""The risk of a top-up: a score of 0 to 100 out of rules, and whether it may go on.

Scored before the order reaches a gateway, and again when the payment has shown its card. The same
facts under the same policy always give the same assessment, and it is stored whole: what counted,
what was only watched, and what could not be told.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from khata.domain.risk_facts import RiskFacts
from khata.domain.risk_rules import RULES, Abstains, Finding, Hit, Mode, Rule

Decision = Literal["allow", "review", "block"]
ReasonState = Literal["hit", "shadow_hit", "abstained"]

HIGHEST_SCORE = 100
# A trusted account gets nothing off what these add.
_NEVER_FORGIVEN = frozenset({"R3", "R12", "R18"})


class RiskPolicy(Struct, frozen=True):
    """What the operator decides: from which scores on, and which rules count with which weight.

    A rule that is not named keeps its own mode and weights. Where `review_at` is no lower than
    `block_at` there is nothing between going on and being blocked.
    """

    block_at: int = 50
    review_at: int = 50
    modes: Mapping[str, Mode] = {}
    weights: Mapping[str, tuple[int, ...]] = {}


class Reason(Struct, frozen=True):
    """What one rule had to say. `weight` is what it adds where it counts; 0 where it abstained."""

    rule: str
    title: str
    weight: int
    counted: bool
    state: ReasonState
    said: str

    @property
    def sentence(self) -> str:
        """The reason in a line, such as `R1 +45: the amount is over ₹10,000`."""
        if self.state == "abstained":
            return f"{self.rule} abstained: {self.said}"
        weight = f"{self.weight:+d}" if self.counted else f"shadow, would be {self.weight:+d}"
        return f"{self.rule} {weight}: {self.said}"


class RiskAssessment(Struct, frozen=True):
    """The score, what follows from it, and every reason that a rule gave, in the rules' order."""

    score: int
    decision: Decision
    reasons: tuple[Reason, ...] = ()

    @property
    def counted(self) -> tuple[Reason, ...]:
        """The reasons that made the score."""
        return tuple(reason for reason in self.reasons if reason.counted)


DEFAULT_POLICY = RiskPolicy()


def assess(facts: RiskFacts, policy: RiskPolicy = DEFAULT_POLICY) -> RiskAssessment:
    """What the rules make of these facts. A rule that is off is not even asked."""
    asked = (_reason(rule, facts, policy) for rule in RULES if _mode(rule, policy) != "off")
    reasons = tuple(reason for reason in asked if reason is not None)
    score = _score(reason for reason in reasons if reason.counted)
    return RiskAssessment(score, _decision(score, policy), reasons)


def _reason(rule: Rule, facts: RiskFacts, policy: RiskPolicy) -> Reason | None:
    match _finding(rule, facts):
        case None:
            return None
        case Abstains(said):
            return Reason(rule.id, rule.title, 0, False, "abstained", said)
        case Hit(said, grade):
            weight = policy.weights.get(rule.id, rule.weights)[grade]
            counts = _mode(rule, policy) == "counting"
            state: ReasonState = "hit" if counts else "shadow_hit"
            return Reason(rule.id, rule.title, weight, counts, state, said)


def _finding(rule: Rule, facts: RiskFacts) -> Finding:
    if facts.moment == "recharge" and not rule.looks_at_recharges:
        return Abstains("nobody is there when a mandate pays")
    return rule.find(facts)


def _mode(rule: Rule, policy: RiskPolicy) -> Mode:
    return policy.modes.get(rule.id, rule.mode)


def _score(counted: Iterable[Reason]) -> int:
    total = unforgiven = 0
    for reason in counted:
        total += reason.weight
        unforgiven += reason.weight if reason.rule in _NEVER_FORGIVEN else 0
    return min(max(total, unforgiven, 0), HIGHEST_SCORE)


def _decision(score: int, policy: RiskPolicy) -> Decision:
    if score >= policy.block_at:
        return "block"
    return "review" if score >= policy.review_at else "allow"
