"""`khata keys`: API keys are made, listed, rotated and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from khata.cli.failures import WronglyUsed
from khata.cli.options import Data, DatabaseUrl, Json

if TYPE_CHECKING:
    from khata.postgres.keys import Key

app = typer.Typer(help="Make, list, rotate and end API keys.", no_args_is_help=True)

Scope = Annotated[
    list[str] | None,
    typer.Option(
        "--scope",
        envvar="KHATA_SCOPES",
        help="What it may do, once for each; * is everything. `khata keys create --help` has them.",
        show_default="*",
    ),
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for, to know it again.")],
    scope: Scope = None,
    organization: Annotated[
        str | None,
        typer.Option(
            "--organization",
            envvar="KHATA_ORGANIZATION",
            metavar="ID",
            help="Good for this organization only.",
            show_default=False,
        ),
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner",
            envvar="KHATA_OWNER",
            metavar="TYPE:ID",
            help="Good for this one owner's wallet only, as community:delhi-devs.",
            show_default=False,
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            envvar="KHATA_DAYS",
            min=1,
            help="Good for so many days.",
            show_default="for ever",
        ),
    ] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Make an API key and print its secret, this once.

    Scopes: wallets:read wallets:write wallets:consume wallets:grant wallets:refund
    wallets:transfer payments:read payments:write payments:refund payments:review payouts:write
    pricing:read pricing:write keys:write metrics:read reports:read members:read members:write
    organizations:write budgets:read budgets:write webhooks:read webhooks:write audit:read, or *
    for all.
    Without organization and owner the key is good for the whole platform.
    """
    from khata.app.keys import NewKey
    from khata.cli.opened import briefly, run, settings_of
    from khata.cli.output import errors, print_json, say
    from khata.domain.actor import COMMAND_LINE, Actor
    from khata.domain.ids import OrganizationId
    from khata.domain.limits import DAY_US

    settings = settings_of(data=data, database_url=database_url)
    bound_to = _owner(owner)

    async def made() -> tuple[Key, str]:
        async with briefly(settings) as khata:
            wanted = NewKey(
                name=name,
                scopes=scope or ["*"],
                organization_id=OrganizationId(organization) if organization else None,
                owner=bound_to,
                expires_at_us=None if days is None else khata.now_us() + days * DAY_US,
            )
            return await khata.keys.create(wanted, Actor(COMMAND_LINE))

    key, secret = run(made())
    if as_json:
        print_json({**_document(key), "secret": secret})
        return
    say(f"Made the key {key.id}. Its secret, shown this once and kept nowhere:", to=errors)
    say(secret)


@app.command("list")
def list_keys(data: Data = None, database_url: DatabaseUrl = None, as_json: Json = False) -> None:
    """List all API keys, the revoked ones too."""
    from khata.cli.opened import briefly, run, settings_of
    from khata.cli.output import console, print_json, table

    settings = settings_of(data=data, database_url=database_url)

    async def listed() -> list[Key]:
        async with briefly(settings) as khata:
            return await khata.keys.list()

    found = run(listed())
    if as_json:
        print_json({"data": [_document(key) for key in found]})
        return
    columns = ("id", "name", "hint", "scopes", "good for", "made", "used", "ends")
    rows = [_row(key) for key in found]
    console.print(table(columns, rows))


@app.command()
def rotate(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="The key's id, as key_…")],
    overlap: Annotated[
        int,
        typer.Option(
            "--overlap",
            envvar="KHATA_OVERLAP",
            metavar="SECONDS",
            min=0,
            help="How long its former secrets stay good; with 0 they end at once.",
        ),
    ] = 86_400,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Give an API key a new secret and print it, this once. Its id and all it may do stay."""
    from khata.app.keys import KeyEnded, Rotated
    from khata.cli.opened import briefly, run, settings_of
    from khata.cli.output import errors, print_json, say
    from khata.domain.actor import COMMAND_LINE, Actor
    from khata.domain.orders import SECOND_US
    from khata.domain.times import rfc3339

    settings = settings_of(data=data, database_url=database_url)

    async def turned() -> Rotated | KeyEnded | None:
        async with briefly(settings) as khata:
            return await khata.keys.rotate(key_id, overlap * SECOND_US, Actor(COMMAND_LINE))

    rotated = run(turned())
    if not isinstance(rotated, Rotated):
        ended = f"The key {key_id} has ended; `khata keys create` makes another."
        raise _no_key(key_id) if rotated is None else WronglyUsed(ended)
    until = rfc3339(rotated.former_until_us)
    if as_json:
        document = {**_document(rotated.key), "secret": rotated.secret}
        print_json({**document, "former_secrets_good_until": until})
        return
    say(
        f"The key {key_id} has a new secret, shown this once; what it had is good until {until}.",
        to=errors,
    )
    say(rotated.secret)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="The key's id, as key_…")],
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """End an API key. It is refused within a second wherever Khata runs."""
    from khata.cli.opened import briefly, run, settings_of
    from khata.cli.output import print_json, say
    from khata.domain.actor import COMMAND_LINE, Actor

    settings = settings_of(data=data, database_url=database_url)

    async def ended() -> Key | None:
        async with briefly(settings) as khata:
            return await khata.keys.revoke(key_id, Actor(COMMAND_LINE))

    key = run(ended())
    if key is None:
        raise _no_key(key_id)
    if as_json:
        print_json(_document(key))
        return
    say(f"The key {key.id} ({key.name}) is revoked.")


def _no_key(key_id: str) -> WronglyUsed:
    return WronglyUsed(f"There is no key {key_id}; `khata keys list` shows those there are.")


def _owner(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    kind, colon, owner_id = text.partition(":")
    if kind not in {"user", "community", "organization"} or not colon or not owner_id:
        raise WronglyUsed(
            f"--owner {text} will not do: it must be user:, community: or organization: and then"
            " the owner's id."
        )
    return kind, owner_id


def _document(key: Key) -> dict[str, object]:
    from khata.domain.times import rfc3339

    def time(at_us: int | None) -> str | None:
        return None if at_us is None else rfc3339(at_us)

    return {
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "scopes": sorted(key.scopes),
        "organization_id": key.organization_id,
        "owner_type": key.owner_type,
        "owner_id": key.owner_id,
        "created_at": rfc3339(key.created_at_us),
        "created_by": key.created_by,
        "rotated_at": time(key.rotated_at_us),
        "expires_at": time(key.expires_at_us),
        "last_used_at": time(key.last_used_at_us),
        "revoked_at": time(key.revoked_at_us),
    }


def _row(key: Key) -> tuple[object, ...]:
    owner = f"{key.owner_type}:{key.owner_id}" if key.owner_id else None
    good_for = owner or key.organization_id or "the platform"
    scopes = " ".join(sorted(key.scopes))
    made, used = _short(key.created_at_us), _short(key.last_used_at_us)
    ends = _short(key.expires_at_us)
    if key.revoked_at_us is not None:
        ends = f"revoked {_short(key.revoked_at_us)}"
    return key.id, key.name, key.hint, scopes, good_for, made, used, ends


def _short(at_us: int | None) -> str | None:
    from khata.domain.times import rfc3339

    return None if at_us is None else rfc3339(at_us)[:16].replace("T", " ")
