"""`khata worker`: what is done beside requests, in a process of its own."""

from khata.cli.options import Data, DatabaseUrl


def worker(data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Do what is done beside requests, and serve nothing, until Ctrl-C or SIGTERM.

    It does the jobs that are due, books expiries and clears what is old. Any number of workers may
    run on one database, beside `khata serve` with or without a worker of its own.
    """
    from khata.cli.logs import start_logging
    from khata.cli.opened import run, settings_of
    from khata.cli.sales import warn_of_seller
    from khata.cli.serving import work

    settings = settings_of(data=data, database_url=database_url)
    start_logging(settings.log_level, settings.log_format)
    warn_of_seller(settings)
    run(work(settings))
