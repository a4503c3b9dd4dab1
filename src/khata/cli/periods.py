"""From when until when a report or an export goes, as it is typed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from khata.cli.failures import WronglyUsed

if TYPE_CHECKING:
    from khata.domain.reports import Period

From = Annotated[
    str | None,
    typer.Option(
        "--from",
        envvar="KHATA_FROM",
        metavar="TIME",
        help="A day in India (2026-11-01) or a time (RFC 3339) from which on it counts.",
        show_default=False,
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to",
        envvar="KHATA_TO",
        metavar="TIME",
        help="The day or time before which it counts.",
        show_default="now",
    ),
]
Organization = Annotated[
    str | None,
    typer.Option(
        "--organization",
        envvar="KHATA_ORGANIZATION",
        metavar="ID",
        help="Only this organization's books.",
        show_default=False,
    ),
]


def period_of(since: str | None, until: str | None, organization_id: str | None = None) -> Period:
    """The period that was typed. Raises `WronglyUsed`."""
    from khata.domain.reports import Period

    from_us, to_us = moment("--from", since), moment("--to", until)
    if from_us is not None and to_us is not None and to_us < from_us:
        raise WronglyUsed("--to lies before --from.")
    return Period(from_us, to_us, organization_id)


def moment(option: str, typed: str | None) -> int | None:
    """The time that was typed for an option. Raises `WronglyUsed`."""
    from khata.domain.chart import india_day_start_us
    from khata.domain.times import microseconds

    if typed is None:
        return None
    try:
        if len(typed) == len("2026-11-01"):
            return india_day_start_us((date.fromisoformat(typed) - date(1970, 1, 1)).days)
        return microseconds(typed)
    except ValueError as error:
        raise WronglyUsed(
            f"{option} {typed}: write a day as 2026-11-01 or a time as 2026-11-01T00:00:00Z."
        ) from error
