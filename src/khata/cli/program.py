"""The program `khata`: all its commands, and how it ends."""

import os
from pathlib import Path
from typing import Annotated

import typer

from khata import __version__
from khata.cli import (
    bench,
    doctor,
    export,
    keys,
    migrate,
    openapi,
    pricing,
    report,
    serve,
    sign_in,
    verify,
    wallets,
    worker,
)
from khata.cli.demo import demo
from khata.cli.failures import explained
from khata.cli.replay import replay

app = typer.Typer(
    name="khata",
    help="A credit economy in one install: prepaid wallets, one billing engine, and a ledger that"
    " proves itself.",
    epilog="Exit status: 0 done, 1 a check found something, 2 wrong use.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

RUN, LOOK = "Run", "Look and check"

app.command("serve", rich_help_panel=RUN)(serve.serve)
app.command("worker", rich_help_panel=RUN)(worker.worker)
app.command("sign-in", rich_help_panel=RUN)(sign_in.sign_in)
app.command("migrate", rich_help_panel=RUN)(migrate.migrate)
app.command("demo", rich_help_panel=RUN)(demo)
app.command("replay", rich_help_panel=RUN)(replay)
app.command("verify", rich_help_panel=LOOK)(verify.verify)
app.command("export", rich_help_panel=LOOK)(export.export)
app.command("doctor", rich_help_panel=LOOK)(doctor.doctor)
app.command("bench", rich_help_panel=LOOK)(bench.bench)
app.command("openapi", rich_help_panel=LOOK)(openapi.openapi)
app.add_typer(keys.app, name="keys", rich_help_panel=RUN)
app.add_typer(pricing.app, name="pricing", rich_help_panel=RUN)
app.add_typer(wallets.app, name="wallets", rich_help_panel=LOOK)
app.add_typer(report.app, name="report", rich_help_panel=LOOK)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"khata {__version__}")
        raise typer.Exit


@app.callback()
def khata(
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Say the version."),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            envvar="KHATA_CONFIG",
            metavar="FILE",
            help="A TOML file with settings; variables and options go over it.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """A credit economy in one install."""
    if config:
        os.environ["KHATA_CONFIG"] = str(
            config
        )  # for whoever loads settings, further processes too


def main() -> None:
    """Runs the command that was typed."""
    with explained():
        app()
