"""`khata keys`: API keys are made, listed and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from khata.cli.failures import WronglyUsed
from khata.cli.options import Data, DatabaseUrl, Json

if TYPE_CHECKING:
    from khata.postgres.keys import Key

app = typer.Typer(help="Make, list and end API keys.", no_args_is_help=True)

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
    from khata.cli.opened import briefly, run, settings_of
    from khata.cli.output import errors, print_json, say
    from khata.domain.ids import OrganizationId

    settings = settings_of(data=data, database_url=database_url)
    bound_to = _owner(owner)

    async def made() -> tuple[Key, str]:
        async with briefly(settings) as khata:
            within = OrganizationId(organization) if organization else None
            return await khata.keys.create(name, scope or ["*"], within, bound_to)

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
    columns = ("id", "name", "hint", "scopes", "good for", "made", "revoked")
    rows = [_row(key) for key in found]
    console.print(table(columns, rows))


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

    settings = settings_of(data=data, database_url=database_url)

    async def ended() -> Key | None:
        async with briefly(settings) as khata:
            return await khata.keys.revoke(key_id)

    key = run(ended())
    if key is None:
        raise WronglyUsed(f"There is no key {key_id}; `khata keys list` shows those there are.")
    if as_json:
        print_json(_document(key))
        return
    say(f"The key {key.id} ({key.name}) is revoked.")


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

    revoked = key.revoked_at_us
    return {
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "scopes": sorted(key.scopes),
        "organization_id": key.organization_id,
        "owner_type": key.owner_type,
        "owner_id": key.owner_id,
        "created_at": rfc3339(key.created_at_us),
        "revoked_at": None if revoked is None else rfc3339(revoked),
    }


def _row(key: Key) -> tuple[object, ...]:
    owner = f"{key.owner_type}:{key.owner_id}" if key.owner_id else None
    good_for = owner or key.organization_id or "the platform"
    scopes = " ".join(sorted(key.scopes))
    made, revoked = _short(key.created_at_us), _short(key.revoked_at_us)
    return key.id, key.name, f"{key.hint}…", scopes, good_for, made, revoked


def _short(at_us: int | None) -> str | None:
    from khata.domain.times import rfc3339

    return None if at_us is None else rfc3339(at_us)[:16].replace("T", " ")
