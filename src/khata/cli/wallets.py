"""`khata wallets`: who has how many credits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from khata.cli.failures import WronglyUsed
from khata.cli.options import Data, DatabaseUrl, Json
from khata.config import Settings

if TYPE_CHECKING:
    from khata.app.views import WalletView

app = typer.Typer(help="Look at wallets.", no_args_is_help=True)

_PAGE = 200


@app.command("list")
def list_wallets(
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner",
            envvar="KHATA_OWNER",
            metavar="ID",
            help="Only the wallets of owners with this id.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", envvar="KHATA_LIMIT", min=1, help="How many to list, oldest first."
        ),
    ] = 50,
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """List wallets with what they hold now."""
    from khata.cli.opened import run, settings_of
    from khata.cli.output import console, print_json, table

    settings = settings_of(data=data, database_url=database_url)
    views = run(_listed(settings, owner, limit))
    if as_json:
        print_json({"data": [_document(view) for view in views]})
        return
    numbers = ("available", "reserved", "locked", "used")
    columns = ("id", "owner", "name", "status", *numbers)
    console.print(table(columns, [_row(view) for view in views], numbers=numbers))


@app.command()
def show(
    wallet_id: Annotated[str, typer.Argument(metavar="WALLET", help="The wallet's id, as wal_…")],
    data: Data = None,
    database_url: DatabaseUrl = None,
    as_json: Json = False,
) -> None:
    """Show one wallet: its settings, what it holds, and where that came from and went."""
    from khata.cli.opened import briefly, run, settings_of
    from khata.cli.output import console, print_json, table

    settings = settings_of(data=data, database_url=database_url)

    async def found() -> WalletView | None:
        async with briefly(settings) as khata:
            return await khata.views.wallet_view(wallet_id)

    view = run(found())
    if view is None:
        raise WronglyUsed(f"There is no wallet {wallet_id}; `khata wallets list` shows them.")
    if as_json:
        print_json(_document(view))
        return
    facts = [(name, value) for name, value in _document(view).items() if value not in (None, {})]
    console.print(table(("", ""), facts))


async def _listed(settings: Settings, owner: str | None, limit: int) -> list[WalletView]:
    from khata.cli.opened import briefly

    async with briefly(settings) as khata:
        views: list[WalletView] = []
        after = None
        while len(views) < limit:
            size = min(_PAGE, limit - len(views))
            page = await khata.wallets.list(owner_id=owner, limit=size, after=after)
            views += await khata.views.wallet_views([wallet.id for wallet in page])
            if len(page) < size:
                break
            after = page[-1].id
        return views


def _row(view: WalletView) -> tuple[object, ...]:
    wallet, accounts = view.wallet, view.accounts
    owner = f"{wallet.owner_type}:{wallet.owner_id}"
    holding = (accounts.available, accounts.reserved, accounts.locked, accounts.consumed)
    return wallet.id, owner, wallet.name, wallet.status, *holding


def _document(view: WalletView) -> dict[str, object]:
    from khata.domain.times import rfc3339

    wallet, accounts = view.wallet, view.accounts
    return {
        "id": wallet.id,
        "organization_id": wallet.organization_id,
        "owner_type": wallet.owner_type,
        "owner_id": wallet.owner_id,
        "name": wallet.name,
        "status": wallet.status,
        "time_zone": wallet.time_zone,
        "available_credits": accounts.available,
        "reserved_credits": accounts.reserved,
        "locked_credits": accounts.locked,
        "debt_credits": accounts.debt,
        "purchased_credits": -accounts.issued_purchase,
        "bonus_credits": -accounts.issued_bonus,
        "promo_credits": -accounts.issued_promo,
        "plan_credits": -accounts.issued_plan,
        "adjusted_credits": -accounts.adjusted,
        "used_credits": accounts.consumed,
        "expired_credits": accounts.expired,
        "transferred_credits": -accounts.transferred,
        "clawed_back_credits": accounts.clawed_back,
        "low_balance_threshold": wallet.low_balance_threshold,
        "rapid_burn_limit": wallet.rapid_burn_limit,
        "caps": dict(wallet.caps),
        "transactions": accounts.sequence,
        "created_at": rfc3339(wallet.created_at_us),
        "updated_at": rfc3339(wallet.updated_at_us),
    }
