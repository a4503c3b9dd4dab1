"""`khata sign-in`: a link by which the owner, or another user, signs in once."""

from typing import Annotated

import typer

from khata.cli.failures import WronglyUsed
from khata.cli.options import Data, DatabaseUrl, Json


def sign_in(
    email: Annotated[
        str | None,
        typer.Option(
            "--email",
            envvar="KHATA_EMAIL",
            metavar="E-MAIL",
            help="Of the user who shall sign in; the operator if none is named.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            envvar="KHATA_PORT",
            min=1,
            max=65_535,
            help="The port that `khata serve` listens on.",
            show_default="8484",
        ),
    ] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Print a link by which the owner signs in once, within 15 minutes, and sets the password.

    For whoever may read the data folder or the database. Where people reach Khata at another
    address than it listens on, KHATA_PUBLIC_URL says which.
    """
    from khata.cli.links import link_base, sign_in_link
    from khata.cli.opened import briefly, run, settings_of
    from khata.cli.output import errors, print_json, say
    from khata.domain.actor import COMMAND_LINE, Actor

    settings = settings_of(port=port, data=data, database_url=database_url)

    async def made() -> tuple[str, str] | None:
        async with briefly(settings) as khata:
            return await khata.people.sign_in.new_link(email, Actor(COMMAND_LINE))

    found = run(made())
    if found is None:
        raise WronglyUsed(f"There is no user with the e-mail {email}.")
    of, token = found
    link = sign_in_link(link_base(settings), token)
    if as_json:
        print_json({"email": of, "link": link})
        return
    say(f"{of} signs in here, once and within 15 minutes:", to=errors)
    say(link)
