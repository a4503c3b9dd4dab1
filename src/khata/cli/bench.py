"""`khata bench`: how quick Khata is on this machine."""

from typing import Annotated

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


def bench(
    quick: Quick = False, baseline: Baseline = False, plot: Plot = False, as_json: Json = False
) -> None:
    """Measure Khata on this machine, on a database of its own that is thrown away afterwards.

    Such figures hold for one run only: compare the rows of one table, not two tables.
    """
    from khata.bench.command import run_bench

    run_bench(quick=quick, baseline=baseline, plot=plot, as_json=as_json)
