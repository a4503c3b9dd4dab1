"""A purchase under dispute: locked, unlocked, clawed back, and the debt that may be left."""

from khata.testing import tell

BOUGHT = """
wallet  acme
buy     100 + 20 bonus for ₹10 as pay-1
"""


def test_a_clawback_of_the_unspent_takes_the_bonus_first() -> None:
    tell(
        BOUGHT
        + """
        consume  10                 -> 10 pay-1 bonus
        clawback pay-1 15           -> 10 pay-1 bonus, 5 pay-1, available 95
        clawback pay-1 96           -> INSUFFICIENT_CREDITS  required 96, available 95
        clawback pay-1              -> 95 pay-1, available 0
        """
    )


def test_credits_that_come_back_after_the_whole_was_clawed_back_are_not_clawed_back_again() -> None:
    tell(
        BOUGHT
        + """
        consume  70 as work         -> 20 pay-1 bonus, 50 pay-1
        clawback pay-1 whole        -> 50 pay-1, available -70, debt 70
        refund   work               -> 50 back to pay-1, 20 back to pay-1 bonus, available 0
        clawback pay-1 whole        -> nothing, available 0, debt 70
        clawback pay-1              -> nothing, available 0, debt 70
        """
    )


def test_credits_given_away_and_back_are_clawed_back_once() -> None:
    tell(
        """
        wallet  acme
        wallet  zen
        grant   paid 100
        give     30 to zen
        give     30 on zen to acme
        clawback paid whole         -> 70 paid, 30 paid, available 0, debt 0
        """
    )
