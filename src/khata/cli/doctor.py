"""`khata doctor`: looks at everything Khata stands on, and says what to do about it."""

from khata.cli.options import Data, DatabaseUrl, Json


def doctor(data: Data = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """Check settings, disk, database, clock and worker, and say what to do.

    It changes nothing. Ends with 1 when something must be mended.
    """
    import typer

    from khata.cli.checks import examine
    from khata.cli.opened import settings_of
    from khata.cli.output import console, print_json, table

    findings = examine(settings_of(data=data, database_url=database_url))
    if as_json:
        print_json({"findings": findings})
    else:
        rows = [(one.styled, one.subject, one.found, one.remedy) for one in findings]
        console.print(table(("", "what", "found", "what to do"), rows))
    if any(one.verdict == "fail" for one in findings):
        raise typer.Exit(1)
