"""`khata migrate`: bring the database to this version of Khata."""

from khata.cli.options import Data, DatabaseUrl, Json


def migrate(data: Data = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """Bring the database to this version of Khata. `serve` does so by itself when it starts.

    With a database of your own, run it as a role that may create the schema; the service itself
    can then run as one that may not.
    """
    from khata.cli.opened import database_of, settings_of
    from khata.cli.output import print_json, say
    from khata.postgres.migrate import packaged_migrations
    from khata.postgres.server import open_server

    settings = settings_of(data=data, database_url=database_url)
    with open_server(database_of(settings)) as server:
        applied = server.migrate()
    version = packaged_migrations()[-1].version
    if as_json:
        named = [{"version": one.version, "name": one.name} for one in applied]
        print_json({"version": version, "applied": named})
        return
    for one in applied:
        say(f"Applied {one.version:04} {one.name}")
    say(f"The database is at version {version}.")
