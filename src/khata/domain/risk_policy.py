"""How an operator chooses which rules of risk count, in a line such as `R5=counting, R8=off`.

A mode may be followed by weights, one for each grade of the rule: `R5=counting:10/30`.
"""

import re
from collections.abc import Mapping

from khata.domain.risk_rules import RULES, Mode, Rule

MOST = 100

_MODES: Mapping[str, Mode] = {"counting": "counting", "shadow": "shadow", "off": "off"}
_RULES = {rule.id: rule for rule in RULES}


_FIGURES = re.compile(r"-?[0-9]{1,3}(/-?[0-9]{1,3})*")


class NoChoice(ValueError):
    """A part of the text names no rule, no mode, or weights that are not the rule's."""


class ChosenRules:
    """The modes and weights of the rules that were named; all others keep their own."""

    __slots__ = ("modes", "weights")

    def __init__(self, modes: Mapping[str, Mode], weights: Mapping[str, tuple[int, ...]]) -> None:
        self.modes = modes
        self.weights = weights

    @classmethod
    def named(cls, text: str) -> "ChosenRules":
        """The choice that a text names. Raises `NoChoice`."""
        modes: dict[str, Mode] = {}
        weights: dict[str, tuple[int, ...]] = {}
        for choice in text.split(","):
            name, _, said = choice.strip().partition("=")
            mode, _, figures = said.partition(":")
            if name not in _RULES or mode not in _MODES or name in modes:
                raise NoChoice(choice)
            modes[name] = _MODES[mode]
            if figures:
                weights[name] = _weights(_RULES[name], figures)
        return cls(modes, weights)


def _weights(rule: Rule, figures: str) -> tuple[int, ...]:
    """Weights in the direction of the rule's own: what takes off never adds."""
    if not _FIGURES.fullmatch(figures):
        raise NoChoice(figures)
    given = tuple(int(figure) for figure in figures.split("/"))
    sign = 1 if rule.weights[0] > 0 else -1
    fits = len(given) == len(rule.weights)
    if not fits or not all(0 <= weight * sign <= MOST for weight in given):
        raise NoChoice(figures)
    return given
