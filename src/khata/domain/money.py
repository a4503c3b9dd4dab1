"""Whole numbers only: credits, paise, and the one place where the official rate stands."""

CREDITS_PER_RUPEE = 10
PAISE_PER_RUPEE = 100
PAISE_PER_CREDIT = PAISE_PER_RUPEE // CREDITS_PER_RUPEE

MAX_CREDITS_PER_COMMAND = 10**12
MAX_WALLET_CREDITS = 10**15
MAX_QUANTITY = 10**12


def half_up(numerator: int, denominator: int) -> int:
    """The quotient rounded to a whole number, halves up (for values of zero and more)."""
    return (2 * numerator + denominator) // (2 * denominator)
