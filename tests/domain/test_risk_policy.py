"""Which rules count, as an operator says it."""

import pytest

from khata.domain.risk_policy import ChosenRules, NoChoice


def test_rules_are_chosen_by_name() -> None:
    chosen = ChosenRules.named("R5=counting, R8=off,R10=counting:30/60 , A1=counting:-20,R1=shadow")
    assert chosen.modes == {
        "R5": "counting",
        "R8": "off",
        "R10": "counting",
        "A1": "counting",
        "R1": "shadow",
    }
    assert chosen.weights == {"R10": (30, 60), "A1": (-20,)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "R5",
        "R5=",
        "R5=on",
        "R99=counting",
        "r5=counting",
        "R5=counting,R5=off",
        "R5=counting,",
        "R5=counting:10",
        "R5=counting:10/20/30",
        "R5=counting:ten/20",
        "R8=counting:101",
        "R8=counting:-1",
        "A1=counting:15",
        "R8=counting:4.5",
    ],
)
def test_what_names_no_choice(text: str) -> None:
    with pytest.raises(NoChoice):
        ChosenRules.named(text)
