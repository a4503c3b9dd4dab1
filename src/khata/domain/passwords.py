"""Passwords: what one must be. Length is what counts; nobody is told which characters to use."""

import unicodedata
from typing import Final

LEAST_CHARACTERS: Final = 10
MOST_CHARACTERS: Final = 256


def normalized(password: str) -> str:
    """The password in the one form that all keyboards' ways of writing it lead to."""
    return unicodedata.normalize("NFKC", password)


def password_fault(password: str, email: str) -> str | None:
    """What is wrong with a password for the user of that e-mail; None where nothing is."""
    normal = normalized(password)
    if len(normal) < LEAST_CHARACTERS:
        return f"must have {LEAST_CHARACTERS} characters or more"
    if len(normal) > MOST_CHARACTERS:
        return f"must have {MOST_CHARACTERS} characters at most"
    if normal.casefold() == email.casefold():
        return "must not be the e-mail"
    return None
