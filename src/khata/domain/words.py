"""Amounts in words, as India writes them on documents: lakh, crore, rupees and paise."""

from khata.domain.money import PAISE_PER_RUPEE

_CRORE, _LAKH, _THOUSAND = 10**7, 10**5, 10**3
# fmt: off
_BELOW_20 = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)
# fmt: on
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def amount_in_words(paise: int) -> str:
    """``One Hundred and Eighty Rupees and Sixty Paise Only``, for paise of zero and more."""
    rupees, rest = divmod(paise, PAISE_PER_RUPEE)
    parts: list[str] = []
    if rupees or not rest:
        parts.append(f"{in_words(rupees)} {'rupee' if rupees == 1 else 'rupees'}")
    if rest:
        parts.append(f"{in_words(rest)} {'paisa' if rest == 1 else 'paise'}")
    return _capitalised(f"{' and '.join(parts)} only")


def in_words(number: int) -> str:
    """A whole number of zero and more: ``one lakh twenty thousand four hundred and one``."""
    assert number >= 0, "a document's amounts are not negative"
    if number < 100:
        return _below_hundred(number)
    for unit, name in ((_CRORE, "crore"), (_LAKH, "lakh"), (_THOUSAND, "thousand")):
        if number >= unit:
            count, rest = divmod(number, unit)
            return f"{in_words(count)} {name}{_and_the_rest(rest)}"
    hundreds, rest = divmod(number, 100)
    return f"{_BELOW_20[hundreds]} hundred{_and_the_rest(rest)}"


def _and_the_rest(rest: int) -> str:
    if not rest:
        return ""
    return f" and {in_words(rest)}" if rest < 100 else f" {in_words(rest)}"


def _below_hundred(number: int) -> str:
    if number < 20:
        return _BELOW_20[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_BELOW_20[ones]}" if ones else "")


def _capitalised(text: str) -> str:
    return " ".join(word if word == "and" else word.title() for word in text.split())
