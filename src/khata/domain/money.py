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


def in_rupees(paise: int) -> str:
    """Paise as people in India write rupees: ``12040000`` is ``1,20,400.00``."""
    rupees, rest = divmod(abs(paise), PAISE_PER_RUPEE)
    sign = "-" if paise < 0 else ""
    return f"{sign}{grouped(rupees)}.{rest:02}"


def grouped(number: int) -> str:
    """A whole number of zero and more in lakhs and crores: ``12040000`` is ``1,20,40,000``."""
    digits = str(number)
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail])
