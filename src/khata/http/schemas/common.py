"""What many bodies and answers share: amounts with their limits, times, names, pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from khata.app.shown.common import MetadataShown, Time, metadata_shown
from khata.domain.money import MAX_CREDITS_PER_COMMAND, MAX_QUANTITY
from khata.http.problems import Problem

__all__ = [
    "AnyId",
    "CountedPage",
    "Credits",
    "Cursor",
    "FeatureCode",
    "Instant",
    "Limit",
    "MemberId",
    "MetadataShown",
    "Name",
    "Note",
    "Page",
    "Quantity",
    "SignedCredits",
    "Time",
    "TtlSeconds",
    "demand_credits",
    "demand_quantity",
    "demand_signed_credits",
    "metadata_shown",
    "metadata_text",
    "microseconds_of",
]

T = TypeVar("T")

# Documented here and demanded by the functions below, so that an amount out of range has a code
# of its own.
Credits = Annotated[int, Meta(extra_json_schema={"minimum": 1, "maximum": MAX_CREDITS_PER_COMMAND})]
SignedCredits = Annotated[
    int,
    Meta(
        extra_json_schema={
            "minimum": -MAX_CREDITS_PER_COMMAND,
            "maximum": MAX_CREDITS_PER_COMMAND,
            "not": {"const": 0},
        }
    ),
]
Quantity = Annotated[int, Meta(extra_json_schema={"minimum": 1, "maximum": MAX_QUANTITY})]

FeatureCode = Annotated[str, Meta(min_length=1, max_length=64)]
MemberId = Annotated[str, Meta(min_length=1, max_length=120)]
Note = Annotated[str, Meta(min_length=1, max_length=500)]
AnyId = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
TtlSeconds = Annotated[int, Meta(ge=1, le=86_400)]

Instant = Annotated[datetime, Meta(tz=True)]
Limit = Annotated[int, Meta(ge=1, le=200)]
Cursor = Annotated[str, Meta(max_length=200)]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Page(Struct, Generic[T], frozen=True):
    """Some of a list; `next_cursor` asks for what follows, null at the end."""

    data: Sequence[T]
    next_cursor: str | None


class CountedPage(Struct, Generic[T], frozen=True):
    """Some of a list; with `count=true` also how many there are, capped where it says so."""

    data: Sequence[T]
    next_cursor: str | None
    count: int | UnsetType = UNSET
    count_is_capped: bool | UnsetType = UNSET


def microseconds_of(at: Instant) -> int:
    """Microseconds since 1970 of a time with its zone."""
    return (at - _EPOCH) // _MICROSECOND


def metadata_text(metadata: dict[str, object] | None) -> str | None:
    """The caller's metadata as it is stored and hashed: JSON with sorted keys."""
    return None if metadata is None else msgspec.json.encode(metadata, order="sorted").decode()


def demand_credits(credits: int) -> None:
    """422 unless so many credits can be asked for at once."""
    if not 1 <= credits <= MAX_CREDITS_PER_COMMAND:
        raise _out_of_range("INVALID_CREDIT_AMOUNT", "credits", 1, MAX_CREDITS_PER_COMMAND)


def demand_signed_credits(credits: int) -> None:
    """422 unless so many credits can be given or, below zero, taken back at once."""
    most = MAX_CREDITS_PER_COMMAND
    if credits == 0 or not -most <= credits <= most:
        raise _out_of_range("INVALID_CREDIT_AMOUNT", "credits", -most, most, " and not 0")


def demand_quantity(quantity: int) -> None:
    """422 unless so much can be metered at once."""
    if not 1 <= quantity <= MAX_QUANTITY:
        raise _out_of_range("INVALID_QUANTITY", "quantity", 1, MAX_QUANTITY)


def _out_of_range(code: str, field: str, least: int, most: int, besides: str = "") -> Problem:
    message = f"must be from {least} to {most}{besides}"
    errors = [{"field": field, "message": message}]
    return Problem(code, f"{field}: {message}", errors=errors, minimum=least, maximum=most)
