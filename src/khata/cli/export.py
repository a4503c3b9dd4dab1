"""`khata export`: the books as a file for plain-text accounting or a spreadsheet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from khata.cli.failures import WronglyUsed
from khata.cli.options import Data, DatabaseUrl
from khata.cli.periods import From, Organization, To, period_of

if TYPE_CHECKING:
    from typing import BinaryIO

    from khata.config import Settings
    from khata.domain.plain_text import Form
    from khata.domain.reports import Period


def export(
    form: Annotated[
        Literal["beancount", "hledger", "csv"],
        typer.Option("--format", envvar="KHATA_FORMAT", help="What is to read it."),
    ],
    since: From = None,
    until: To = None,
    wallet: Annotated[
        str | None,
        typer.Option(
            "--wallet",
            envvar="KHATA_WALLET",
            metavar="ID",
            help="Only this wallet's entries.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            envvar="KHATA_OUTPUT",
            metavar="FILE",
            help="Where to write it.",
            show_default="standard output",
        ),
    ] = None,
    organization: Organization = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export the books: every entry in both units, in the order of time.

    With --from they begin with opening balances; they end with assertions of what all accounts
    stand at. `bean-check FILE` and `hledger -f FILE check -s ordereddates` accept them. A CSV has a
    row a leg, and no balances.
    """
    from msgspec.structs import replace

    from khata.cli.opened import run, settings_of
    from khata.domain.plain_text import FORMS

    period = replace(period_of(since, until, organization), wallet_id=wallet)
    settings = settings_of(data=data, database_url=database_url)
    if output is None:
        run(_written(settings, FORMS[form], period, sys.stdout.buffer))
        return
    try:
        with output.open("wb") as file:
            run(_written(settings, FORMS[form], period, file))
    except OSError as error:
        raise WronglyUsed(f"{output} can't be written: {error.strerror}.") from error


async def _written(settings: Settings, form: Form, period: Period, file: BinaryIO) -> None:
    from khata.cli.opened import briefly

    async with briefly(settings) as khata:
        async for piece in khata.exports.document(form, period):
            file.write(piece)
    file.flush()
