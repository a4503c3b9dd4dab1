"""`khata serve`: the HTTP service, in one process or several on one port."""

from typing import Annotated

import typer

from khata.cli.options import Data, DatabaseUrl

Host = Annotated[
    str | None,
    typer.Option(
        "--host",
        envvar="KHATA_HOST",
        metavar="ADDRESS",
        help="The address to listen on; 0.0.0.0 for all.",
        show_default="127.0.0.1",
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        envvar="KHATA_PORT",
        min=0,
        max=65_535,
        help="The port to listen on; 0 takes a free one.",
        show_default="8484",
    ),
]
Processes = Annotated[
    int | None,
    typer.Option(
        "--processes",
        envvar="KHATA_PROCESSES",
        min=1,
        max=64,
        help="How many processes share the port.",
        show_default="1",
    ),
]
Worker = Annotated[
    bool | None,
    typer.Option(
        "--worker/--no-worker",
        envvar="KHATA_WORKER",
        help="Whether this Khata is a worker too: it does jobs and books what expires.",
        show_default="--worker",
    ),
]
Child = Annotated[bool, typer.Option("--child", hidden=True)]


def serve(
    host: Host = None,
    port: Port = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    processes: Processes = None,
    worker: Worker = None,
    child: Child = False,
) -> None:
    """Start Khata and serve its API until Ctrl-C or SIGTERM.

    Without a database URL it starts a durable PostgreSQL of its own in the data folder. The first
    start makes the owner's API key and prints it once; KHATA_OWNER_KEY sets it instead.
    """
    from khata.cli.logs import start_logging
    from khata.cli.opened import run, settings_of
    from khata.cli.sales import warn_of_seller
    from khata.cli.serving import serve_alone, serve_as_child, serve_together

    settings = settings_of(
        host=host,
        port=port,
        data=data,
        database_url=database_url,
        processes=processes,
        worker=worker,
    )
    start_logging(settings.log_level, settings.log_format)
    if child:
        run(serve_as_child(settings))
        return
    warn_of_seller(settings)
    if settings.processes > 1:
        run(serve_together(settings))
    else:
        run(serve_alone(settings))
