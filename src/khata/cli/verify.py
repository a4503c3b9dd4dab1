"""`khata verify`: the books, replayed from their own rows, against all that is stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from khata.cli.failures import Failed, WronglyUsed
from khata.cli.options import Data, DatabaseUrl, Json

if TYPE_CHECKING:
    from khata.config import Settings
    from khata.domain.difference import Difference
    from khata.engine.verify import Checked

_SHOWN = 50


def verify(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[STATEMENT]",
            help="A statement (JSON) to check offline; without one the whole database is checked.",
            show_default=False,
        ),
    ] = None,
    signed_by: Annotated[
        str | None,
        typer.Option(
            "--signed-by",
            envvar="KHATA_SIGNED_BY",
            metavar="KEY",
            help="The id of the signing key that you trust, for a statement.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            envvar="KHATA_WORKERS",
            min=1,
            max=64,
            help="How many processes share the work.",
            show_default="one a processor",
        ),
    ] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Replay the ledger from its rows and compare: balances, lots, holds, chain, caps, rollups.

    It only reads, and runs beside a serving Khata. With a file it checks a statement, with no
    server at all. Ends with 1 and names the exact row when anything differs.
    """
    from khata.cli.opened import settings_of

    if file is None:
        found = _database(settings_of(data=data, database_url=database_url), workers, as_json)
    else:
        found = _statement(file, signed_by, as_json)
    if found:
        raise typer.Exit(1)


def _database(settings: Settings, workers: int | None, as_json: bool) -> int:
    from time import monotonic

    started = monotonic()
    checked = _audited(settings, workers, quiet=as_json)
    if as_json:
        _print_json(_counts(checked), checked.differences, checked.difference_count)
    else:
        _print_checked(checked, monotonic() - started)
    return checked.difference_count


def _audited(settings: Settings, workers: int | None, *, quiet: bool) -> Checked:
    import psycopg

    from khata.cli.opened import database_of
    from khata.cli.output import progress_bar
    from khata.postgres.audit import Progress, audit
    from khata.postgres.cluster import major_of
    from khata.postgres.crew import AuditFailed
    from khata.postgres.server import open_server

    if settings.database_url is None and major_of(settings.data / "postgres") is None:
        raise Failed(f"There are no books in {settings.data}; --data names another folder.")
    with open_server(database_of(settings)) as server, progress_bar(quiet=quiet) as shown:
        bar = shown.add_task("transactions", total=None)

        def advance(now: Progress) -> None:
            shown.update(bar, completed=now.transactions, total=now.expected_transactions)

        try:
            return audit(server.owner_dsn, workers=workers, progress=advance)
        except AuditFailed as failed:
            raise Failed(str(failed)) from failed
        except psycopg.errors.UndefinedTable as missing:
            raise Failed(
                "This database holds no books yet; `khata migrate` makes them."
            ) from missing


def _counts(checked: Checked) -> dict[str, int]:
    return {
        "wallets": checked.wallets,
        "transactions": checked.transactions,
        "grants": checked.grants,
        "holds": checked.holds,
        "meters": checked.meters,
        "cap_counters": checked.cap_counters,
        "budget_counters": checked.budget_counters,
        "rollups": checked.rollups,
        "money_journal": checked.journal,
    }


def _print_checked(checked: Checked, seconds: float) -> None:
    from khata.cli.output import console, say, table
    from khata.engine.verify import BALANCED

    rows = [(name.replace("_", " "), count) for name, count in _counts(checked).items()]
    console.print(table(("checked", "rows"), rows, numbers=("rows",)))
    sums = [
        (name.replace("issued_", "issued."), sum_)
        for name, sum_ in zip(BALANCED, checked.credits, strict=True)
    ]
    sums.append(("all accounts", sum(checked.credits)))
    console.print(table(("account", "credits"), sums, numbers=("credits",)))
    if checked.paise:
        console.print(table(("account", "INR"), _rupees(checked), numbers=("INR",)))
    say(
        f"Replayed in {seconds:.1f} s: hash chains and sequences, balances and counter-accounts,"
        " lots and draws, holds, metered remainders, daily caps, hourly usage, sums per unit,"
        " and deferred revenue against what the lots have not earned."
    )
    _print_differences(checked.differences, checked.difference_count)


def _rupees(checked: Checked) -> list[tuple[str, str]]:
    from khata.domain.money import in_rupees

    rows = [(account, in_rupees(paise)) for account, paise in sorted(checked.paise.items())]
    return [*rows, ("all accounts", in_rupees(sum(checked.paise.values())))]


def _print_differences(differences: Sequence[Difference], count: int) -> None:
    from khata.cli.output import say

    if not count:
        say("The books are right: nothing differs.", "bold green")
        return
    say(f"The books are wrong: {count:,} differences.", "bold red")
    for difference in differences[:_SHOWN]:
        say(f"  {difference.sentence}")
    if count > _SHOWN:
        say(f"  … and {count - _SHOWN:,} more; --json has the first 1,000.")


def _statement(file: Path, signed_by: str | None, as_json: bool) -> int:
    from khata.cli.output import say
    from khata.engine.statements import NotAStatement, verify_statement

    try:
        report = verify_statement(file.read_bytes(), signed_by)
    except OSError as error:
        raise WronglyUsed(f"{file} can't be read: {error.strerror}.") from error
    except NotAStatement as error:
        raise WronglyUsed(f"{file} is no statement of Khata: {error}") from error
    counts = {"wallet_id": report.wallet_id, "transactions": report.transactions}
    signature = {"signed_by": report.signed_by, "signed_at": report.signed_at}
    if as_json:
        _print_json({**counts, **signature}, report.differences, len(report.differences))
        return len(report.differences)
    say(
        f"{report.wallet_id}: {report.transactions:,} transactions, sequence"
        f" {report.first_sequence} to {report.last_sequence}."
    )
    say("Checked: every hash, the chain, the sums, and the signed checkpoint.")
    if report.signed_by:
        say(f"Signed by the key {report.signed_by} at {report.signed_at}.")
        if signed_by is None:
            say("Compare that key's id with the one you trust, or name it: --signed-by.")
    _print_differences(report.differences, len(report.differences))
    return len(report.differences)


def _print_json(facts: dict[str, Any], differences: Sequence[Difference], count: int) -> None:
    from khata.cli.output import print_json

    print_json({**facts, "difference_count": count, "differences": differences})
