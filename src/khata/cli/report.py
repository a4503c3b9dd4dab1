"""`khata report`: what the ledger sums to, for finance people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from khata.cli.options import Data, DatabaseUrl, Json
from khata.cli.periods import From, Organization, To, period_of

if TYPE_CHECKING:
    from khata.app.reports import Reports
    from khata.config import Settings
    from khata.domain.reports import Asked, Liability, Revenue, TrialBalance

T = TypeVar("T")

app = typer.Typer(
    help="Sum up the ledger: trial balance, revenue, liability.", no_args_is_help=True
)


@app.command("trial-balance")
def trial_balance(
    since: From = None,
    until: To = None,
    organization: Organization = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Show all accounts of both units: debits equal credits. Ends with 1 where they do not.

    With --from it shows what moved since, otherwise what all accounts stand at.
    """
    from khata.cli.opened import settings_of

    period = period_of(since, until, organization)
    settings = settings_of(data=data, database_url=database_url)
    report = _reported(settings, lambda reports: reports.trial_balance(period))
    _shown(report, as_json, _print_balance)
    if not report.is_balanced:
        raise typer.Exit(1)


@app.command()
def revenue(
    since: From = None,
    until: To = None,
    organization: Organization = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Show income by category, breakage, and how deferred revenue moved.

    Up to now it is held against what the lots have not earned; ends with 1 where they differ.
    """
    from khata.cli.opened import settings_of

    period = period_of(since, until, organization)
    settings = settings_of(data=data, database_url=database_url)
    report = _reported(settings, lambda reports: reports.revenue(period))
    _shown(report, as_json, _print_revenue)
    if not report.agrees:
        raise typer.Exit(1)


@app.command()
def liability(
    limit: Annotated[
        int,
        typer.Option(
            "--limit", envvar="KHATA_LIMIT", min=1, help="How many wallets to name, largest first."
        ),
    ] = 20,
    organization: Organization = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Show what customers hold now: credits by kind and wallet, their deferred price, debts.

    Ends with 1 where the lots and the ledger differ.
    """
    from khata.cli.opened import settings_of

    settings = settings_of(data=data, database_url=database_url)
    report = _reported(settings, lambda reports: reports.liability(organization, limit))
    _shown(report, as_json, _print_liability)
    if not report.agrees:
        raise typer.Exit(1)


def _reported(settings: Settings, ask: Callable[[Reports], Awaitable[T]]) -> T:
    from khata.cli.opened import briefly, run

    async def asked() -> T:
        async with briefly(settings) as khata:
            return await ask(khata.reports)

    return run(asked())


def _shown(report: T, as_json: bool, show: Callable[[T], None]) -> None:
    from khata.cli.output import print_json

    if as_json:
        print_json(report)
    else:
        show(report)


def _print_balance(report: TrialBalance) -> None:
    from khata.cli.output import console, say, table

    for unit in (unit for unit in report.units if unit.accounts):
        written = _rupees if unit.unit == "INR" else _credits
        rows = [(line.account, written(line.debit), written(line.credit)) for line in unit.accounts]
        total = ("total", written(unit.debit), written(unit.credit))
        columns = (f"account ({unit.unit})", "debit", "credit")
        console.print(table(columns, [*rows, total], numbers=("debit", "credit")))
    say(_period(report.of))
    if not report.is_balanced:
        say("The books are wrong: debits and credits differ. `khata verify` names why.", "bold red")


def _print_revenue(report: Revenue) -> None:
    from khata.cli.output import console, say, table

    deferred = report.deferred
    moves = [
        ("opening", deferred.opening),
        ("bought", deferred.bought),
        ("transferred in", deferred.transferred),
        ("earned by use", -deferred.earned),
        ("breakage", -deferred.breakage),
        ("taken back", -deferred.taken_back),
        ("recovered from debts", -deferred.recovered),
        ("closing", deferred.closing),
    ]
    for heading, rows in (
        ("deferred revenue", moves),
        ("income", [(line.account, line.paise) for line in report.income]),
        ("expenses", [(line.account, line.paise) for line in report.expenses]),
    ):
        shown = [(name, _rupees(paise) or "0.00") for name, paise in rows]
        if shown:
            console.print(table((heading, "INR"), shown, numbers=("INR",)))
    say(_period(report.of))
    if report.unearned_by_lots is not None:
        say(_agreement(report.agrees, report.unearned_by_lots))


def _print_liability(report: Liability) -> None:
    from khata.cli.output import console, say, table

    pockets = ("available", "reserved", "locked")
    kinds = [
        (
            kind.kind,
            _credits(kind.available_credits),
            _credits(kind.reserved_credits),
            _credits(kind.locked_credits),
            _rupees(kind.deferred_paise),
        )
        for kind in report.kinds
    ]
    console.print(table(("kind", *pockets, "INR"), kinds, numbers=(*pockets, "INR")))
    wallets = [
        (
            each.wallet_id,
            each.name,
            _credits(each.credits),
            _credits(each.debt_credits),
            _rupees(each.deferred_paise),
        )
        for each in report.wallets
    ]
    numbers = ("credits", "debt", "INR")
    console.print(table(("wallet", "name", *numbers), wallets, numbers=numbers))
    say(
        f"{report.credits:,} credits and {report.debt_credits:,} of debt in"
        f" {report.wallet_count:,} wallets."
    )
    say(_agreement(report.agrees, report.deferred_paise))


def _agreement(agrees: bool, paise: int) -> str:
    from khata.domain.money import in_rupees

    if agrees:
        return f"Deferred revenue by the ledger and by the lots is the same: ₹{in_rupees(paise)}."
    return "Deferred revenue by the ledger and by the lots differs: `khata verify` names why."


def _period(of: Asked) -> str:
    since = "" if of.from_ is None else f" from {of.from_} on"
    whose = "" if of.organization_id is None else f" of {of.organization_id}"
    return f"Booked{since} until {of.to or 'now'}{whose}."


def _rupees(paise: int) -> str:
    from khata.domain.money import in_rupees

    return in_rupees(paise) if paise else ""


def _credits(credits: int) -> str:
    return f"{credits:,}" if credits else ""
