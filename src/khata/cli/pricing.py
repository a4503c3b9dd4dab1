"""`khata pricing`: the price list shown, published, and tried on real usage before that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from khata.cli.failures import WronglyUsed
from khata.cli.options import Data, DatabaseUrl, Json
from khata.cli.periods import From, Organization, To, moment, period_of

if TYPE_CHECKING:
    from khata.app.price_trials import Asked
    from khata.config import Settings
    from khata.domain.price_trial import PriceTrial
    from khata.domain.pricing import Price, PriceList

app = typer.Typer(help="Show, try and publish the price list.", no_args_is_help=True)

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="Prices as JSON, as `khata pricing show --json` writes them.",
        exists=True,
        dir_okay=False,
    ),
]
_DAY_US = 86_400_000_000
_DAYS = 30


@app.command()
def show(data: Data = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """Show the price list in force."""
    from khata.cli.opened import briefly, run, settings_of

    settings = settings_of(data=data, database_url=database_url)

    async def found() -> PriceList:
        async with briefly(settings) as khata:
            return khata.prices.in_force()

    _show(run(found()), as_json)


@app.command()
def publish(
    file: File,
    effective_at: Annotated[
        str | None,
        typer.Option(
            "--effective-at",
            envvar="KHATA_EFFECTIVE_AT",
            metavar="TIME",
            help="The day in India or the time (RFC 3339) from which on the prices hold.",
            show_default="now",
        ),
    ] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Publish a whole new price list; it replaces the one before.

    Versions are never edited. Servers that run know it within a second; open holds are captured at
    the version they were taken at.
    """
    from khata.cli.opened import briefly, run, settings_of

    prices, from_us = _prices(file), moment("--effective-at", effective_at)
    settings = settings_of(data=data, database_url=database_url)

    async def published() -> PriceList:
        async with briefly(settings) as khata:
            return await khata.prices.publish(prices, from_us)

    _show(run(published()), as_json)


@app.command()
def simulate(
    file: File,
    since: From = None,
    until: To = None,
    wallet: Annotated[
        str | None,
        typer.Option(
            "--wallet",
            envvar="KHATA_WALLET",
            metavar="ID",
            help="Only this wallet's usage.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int,
        typer.Option("--limit", envvar="KHATA_LIMIT", min=1, help="How many wallets to name."),
    ] = 20,
    organization: Organization = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Try prices on real usage: what a period would have cost, and who would have run dry.

    Of the last 30 days unless --from is given. It goes by the rules of charging, reads one moment
    of the ledger beside whatever is charged meanwhile, and publishes nothing.
    """
    from khata.app.price_trials import Asked
    from khata.app.runtime import clock_us
    from khata.cli.opened import run, settings_of

    prices, period = _prices(file), period_of(since, until, organization)
    to_us = clock_us() if period.to_us is None else period.to_us
    asked = Asked(
        from_us=to_us - _DAYS * _DAY_US if period.from_us is None else period.from_us,
        to_us=to_us,
        organization_id=organization,
        wallet_id=wallet,
    )
    settings = settings_of(data=data, database_url=database_url)
    trial = run(_tried(settings, prices, asked, limit, quiet=as_json))
    _show_trial(trial, as_json)


async def _tried(
    settings: Settings, prices: Sequence[Price], asked: Asked, limit: int, *, quiet: bool
) -> PriceTrial:
    from khata.cli.opened import briefly
    from khata.cli.output import progress_bar

    async with briefly(settings) as khata:
        with progress_bar(quiet=quiet) as bar:
            task = bar.add_task("transactions", total=None)
            return await khata.price_trials.simulate(
                prices, asked, named=limit, progress=lambda read: bar.update(task, completed=read)
            )


def _prices(file: Path) -> list[Price]:
    """The prices in a file; what else the shown list says of itself is passed over."""
    import msgspec

    from khata.http.schemas.pricing import PricedFeature, price_of

    try:
        written = msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])
        features = msgspec.json.decode(written["features"], type=list[PricedFeature])
    except KeyError as error:
        raise WronglyUsed(f'{file} has no "features".') from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise WronglyUsed(f"{file} is no price list: {error}.") from error
    except OSError as error:
        raise WronglyUsed(f"{file} can't be read: {error.strerror}.") from error
    return [price_of(feature) for feature in features]


def _show(prices: PriceList, as_json: bool) -> None:
    from khata.cli.output import console, print_json, say, table
    from khata.domain.times import rfc3339
    from khata.http.schemas.pricing import price_list_shown

    if as_json:
        print_json(price_list_shown(prices))
        return
    columns = ("feature", "category", "credits", "per", "unit", "cap", "premium")
    rows = [
        (each.feature, each.category, each.credits, each.per, each.unit, each.cap, each.premium)
        for each in prices.features.values()
    ]
    console.print(table(columns, rows, numbers=("credits", "per")))
    say(f"Version {prices.version}, in force from {rfc3339(prices.effective_at_us)} on.")


def _show_trial(trial: PriceTrial, as_json: bool) -> None:
    from khata.cli.output import console, print_json, say, table
    from khata.http.schemas.pricing import trial_shown

    if as_json:
        print_json(trial_shown(trial))
        return
    if not trial.wallet_count:
        say(_sentence(trial))
        return
    changes = ("now", "proposed", "change")
    features = [
        (
            each.feature if each.is_priced else f"{each.feature} (no price)",
            each.count,
            each.quantity,
            *_change(each.actual_credits, each.proposed_credits),
        )
        for each in trial.features
    ]
    total = ("total", None, None, *_change(trial.actual_credits, trial.proposed_credits))
    numbers = ("charges", "quantity", *changes, "")
    console.print(table(("feature", *numbers), [*features, total], numbers=numbers))
    wallets = [
        (
            each.wallet_id,
            *_change(each.actual_credits, each.proposed_credits),
            None if each.runs_dry_at_us is None else _time(each.runs_dry_at_us),
        )
        for each in trial.wallets
    ]
    columns = ("wallet", *changes, "", "runs dry at")
    console.print(table(columns, wallets, numbers=(*changes, "")))
    say(_sentence(trial))


def _change(actual: int, proposed: int) -> tuple[object, ...]:
    """Both, their difference, and that in percent of what it is."""
    difference = proposed - actual
    percent = f"{100 * difference / actual:+,.1f} %" if actual > 0 else None
    return actual, proposed, f"{difference:+,}", percent


def _sentence(trial: PriceTrial) -> str:
    period = f"from {_time(trial.from_us)} until {_time(trial.to_us)}"
    if not trial.wallet_count:
        return f"Nothing was used {period}."
    dry = trial.runs_dry_count
    who = "none of them" if not dry else f"{dry:,} of them"
    return (
        f"{trial.wallet_count:,} wallets used something {period}; {who} would have run dry."
        " Nothing was published."
    )


def _time(at_us: int) -> str:
    """To the second, which is enough for people."""
    from khata.domain.times import rfc3339

    return rfc3339(at_us // 1_000_000 * 1_000_000).replace(".000000", "")
