"""`khata bench`: how quick Khata is on this machine."""

from typing import Annotated, Literal

import typer

from khata.cli.options import Json

Quick = Annotated[
    bool, typer.Option("--quick", envvar="KHATA_QUICK", help="A first impression, in under 40 s.")
]
Baseline = Annotated[
    bool,
    typer.Option(
        "--baseline",
        envvar="KHATA_BASELINE",
        help="Also one transaction a request, and the raw database, by turns.",
    ),
]
Plot = Annotated[
    bool, typer.Option("--plot", envvar="KHATA_PLOT", help="Draw the throughput as bars.")
]


Only = Annotated[
    Literal["dashboard"] | None,
    typer.Option(
        "--only",
        envvar="KHATA_ONLY",
        help="Just what the dashboard asks, of a wallet with a long past and one with a short one.",
        show_default=False,
    ),
]
Transactions = Annotated[
    int | None,
    typer.Option(
        "--transactions",
        envvar="KHATA_TRANSACTIONS",
        min=10_000,
        help="How long that past is: some minutes are gone before 10 million are made.",
        show_default="10000000, and 1000000 with --quick",
    ),
]


def bench(
    quick: Quick = False,
    baseline: Baseline = False,
    plot: Plot = False,
    only: Only = None,
    transactions: Transactions = None,
    as_json: Json = False,
) -> None:
    """Measure Khata on this machine, on a database of its own that is thrown away afterwards.

    Such figures hold for one run only: compare the rows of one table, not two tables.
    """
    from khata.bench.command import run_bench, run_dashboard_bench

    if only == "dashboard":
        run_dashboard_bench(transactions=transactions, quick=quick, as_json=as_json)
        return
    run_bench(quick=quick, baseline=baseline, plot=plot, as_json=as_json)
