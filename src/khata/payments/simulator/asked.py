"""A request as the simulator sees it, and what is read out of one: strictly, as the vendor does."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, cast

from msgspec import Struct

from khata.payments.simulator.documents import MAX_NOTE, MAX_NOTES, Doc
from khata.payments.simulator.failures import Failure, GatewayError, invalid
from khata.payments.simulator.store import Range

Fields: TypeAlias = "Mapping[str, Fields | None]"

MAX_LISTED: Final = 100
MAX_RECEIPT: Final = 40
_MAX_AMOUNT: Final = 10**12


class Ask(Struct, frozen=True, kw_only=True):
    """A request: what its path names, what follows the question mark, its body and headers."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Doc
    headers: Mapping[str, str]


def fields(*names: str, **nested: Fields) -> Fields:
    """The fields a body may have: by name, or with the fields within."""
    return {**dict.fromkeys(names), **nested}


def refuse_others(body: Doc, allowed: Fields) -> None:
    """Refuses a body with a field that the endpoint does not know."""
    for name, value in body.items():
        if name not in allowed:
            text = f"{name} is/are not required and should not be sent"
            failure = Failure("extra_field_sent", text, source="business", step="NA")
            raise GatewayError(text, failure=failure, field=name)
        if within := allowed[name]:
            if not isinstance(value, dict):
                raise invalid(name, f"The {name} must be an object.")
            refuse_others(cast("Doc", value), within)


def text_in(body: Doc, field: str, longest: int = 255) -> str:
    """A text that must be there."""
    value = optional_text_in(body, field, longest)
    if not value:
        raise invalid(field, f"The {field} field is required.")
    return value


def optional_text_in(body: Doc, field: str, longest: int = 255) -> str | None:
    value: Any = body.get(field)
    if value is not None and not isinstance(value, str):
        raise invalid(field, f"The {field} must be a string.")
    if value and len(value) > longest:
        raise invalid(field, f"The {field} may not be greater than {longest} characters.")
    return value


def integer_in(body: Doc, field: str, least: int = 0, most: int = _MAX_AMOUNT) -> int:
    """A whole number that must be there and within bounds."""
    if field not in body:
        raise invalid(field, f"The {field} field is required.")
    value: Any = body[field]
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(field, f"The {field} must be an integer.")
    if value < least:
        raise invalid(field, f"The {field} must be at least {least}.")
    if value > most:
        raise invalid(field, f"The {field} may not be greater than {most}.")
    return value


def rupees_in(body: Doc, least: int = 100) -> int:
    """The body's amount in paise; its currency must be there too and be INR."""
    amount = integer_in(body, "amount", least)
    if text_in(body, "currency") != "INR":
        raise invalid("currency", "Currency is not supported.")
    return amount


def truth_in(body: Doc, field: str) -> bool | None:
    """True or false in any of the forms that the vendor takes, or nothing."""
    value: Any = body.get(field)
    if value in {None, ""}:
        return None
    if str(value).lower() not in {"true", "false", "1", "0"}:
        raise invalid(field, f"The {field} must be true or false.")
    return str(value).lower() in {"true", "1"}


def choice_in(body: Doc, field: str, choices: tuple[str, ...], default: str) -> str:
    value: Any = body.get(field, default)
    if value not in choices:
        raise invalid(field, f"The {field} must be one of {', '.join(choices)}.")
    return str(value)


def notes_in(body: Doc) -> Doc:
    """The body's notes: at most fifteen, none longer than 256 characters."""
    notes: Any = body.get("notes") or {}
    if not isinstance(notes, dict):
        raise invalid("notes", "The notes must be an object.")
    kept = {str(key): value for key, value in cast("Doc", notes).items()}
    if len(kept) > MAX_NOTES:
        raise invalid("notes", f"Number of fields in notes should be at most {MAX_NOTES}.")
    if any(len(str(note)) > MAX_NOTE for note in kept.values()):
        raise invalid("notes", f"A note may not be greater than {MAX_NOTE} characters.")
    return kept


def range_in(query: Mapping[str, str]) -> Range:
    """Which part of a list the query asks for."""
    return Range(
        count=_number(query, "count", 10, 1, MAX_LISTED),
        skip=_number(query, "skip", 0, 0, 2**31),
        since=_number(query, "from", 0, 0, 2**40),
        until=_number(query, "to", 2**40, 0, 2**40),
    )


def number_in(query: Mapping[str, str], field: str, least: int, most: int) -> int:
    """A whole number in the query that must be there."""
    if field not in query:
        raise invalid(field, f"The {field} field is required.")
    return _number(query, field, least, least, most)


def _number(query: Mapping[str, str], field: str, default: int, least: int, most: int) -> int:
    text = query.get(field)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise invalid(field, f"The {field} must be an integer from {least} to {most}.")
    return int(text)
