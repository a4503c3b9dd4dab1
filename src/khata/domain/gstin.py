"""GSTIN: the number of a registered buyer or seller, checked without asking anybody.

Fifteen characters: the State's code, the holder's PAN, a number of the registration, `Z`, and a
check digit.
"""

import re

from khata.domain.states import ABROAD, STATES, current

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The PAN's fourth letter is the kind of its holder; its number is never 0000.
_PAN = r"[A-Z]{3}[ABCFGHJKLPT][A-Z](?!0000)[0-9]{4}[A-Z]"
_FORM = re.compile(rf"[0-9]{{2}}{_PAN}[1-9A-Z]Z[0-9A-Z]")
_PAN_ALONE = re.compile(_PAN)


def gstin_error(gstin: str, state_code: str | None = None) -> str | None:
    """Why this is no GSTIN, or none of that State; None when it is good."""
    if not _FORM.fullmatch(gstin):
        return "must be 15 characters: State code, PAN, registration number, Z and check digit"
    if gstin[:2] not in STATES or gstin[:2] == ABROAD:
        return f"begins with {gstin[:2]}, which is no State's code"
    if check_digit(gstin[:14]) != gstin[14]:
        return "has a wrong check digit: one of its characters was mistyped"
    if state_code is not None and state_of(gstin) != getattr(current(state_code), "code", None):
        return f"is registered in State {state_of(gstin)}, and the address is in {state_code}"
    return None


def is_pan(text: str) -> bool:
    """Whether this has the form of a PAN, the holder's number within a GSTIN."""
    return _PAN_ALONE.fullmatch(text) is not None


def state_of(gstin: str) -> str:
    """The code of the State where the holder of a good GSTIN is registered today."""
    state = current(gstin[:2])
    assert state is not None, "a good GSTIN begins with a State's code"
    return state.code


def check_digit(first_14: str) -> str:
    """The last character of a GSTIN: weights 1, 2, 1, 2, … in base 36, digits of each summed."""
    total = 0
    for place, character in enumerate(first_14):
        product = _ALPHABET.index(character) * (1 + place % 2)
        total += product // 36 + product % 36
    return _ALPHABET[-total % 36]
