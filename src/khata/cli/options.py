"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        envvar="KHATA_DATA",
        metavar="DIR",
        help="The data folder of the embedded PostgreSQL.",
        show_default="khata-data",
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        envvar="KHATA_DATABASE_URL",
        metavar="URL",
        help="A PostgreSQL of your own instead of the embedded one.",
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", envvar="KHATA_JSON", help="Print JSON, for programs.")
]
Url = Annotated[
    str,
    typer.Option("--url", envvar="KHATA_URL", metavar="URL", help="Where Khata listens."),
]
Secret = Annotated[
    str | None,
    typer.Option(
        "--key",
        envvar=["KHATA_KEY", "KHATA_OWNER_KEY"],
        metavar="SECRET",
        help="An API key of that server.",
        show_default=False,
    ),
]
LOCAL_URL = "http://127.0.0.1:8484"
