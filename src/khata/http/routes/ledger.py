"""What is read of the ledger: transactions, receipts, holds, and statements with their proof."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace
from starlette.responses import Response, StreamingResponse

from khata.app.cursors import cursor, id_behind, sequence_behind
from khata.app.runtime import Khata
from khata.domain.statement import Statement
from khata.http.auth import ApiCaller, Doorkeeper
from khata.http.call import Call, Limits
from khata.http.csv_rows import csv_of
from khata.http.problems import Problem, invalid
from khata.http.refused import no_wallet
from khata.http.routes import Routes
from khata.http.schemas.common import Page, microseconds_of
from khata.http.schemas.ledger import (
    FilterQuery,
    StatementQuery,
    TransactionPage,
    TransactionQuery,
)
from khata.http.schemas.transactions import (
    Receipt,
    Transaction,
    receipt_shown,
    transaction_shown,
)
from khata.http.schemas.usage import Hold, HoldQuery, hold_shown
from khata.http.streams import begun

# A long document takes as long as its reader does.
_LONG: Final = Limits(request_seconds=3600.0)
_NO_STORE: Final = {"Cache-Control": "no-store"}
SCOPE: Final = "wallets:read"
ONE: Final = "GET /v1/wallets/{wallet_id}"
MANY: Final = f"{ONE}/transactions"
MISSING: Final = ("WALLET_NOT_FOUND",)


class LedgerRoutes:
    """Reads of one wallet's history."""

    routes = Routes("Ledger")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._views = khata.views
        self._statements = khata.statements
        self._wallet = doorkeeper.known_wallet

    @routes.on(MANY, scope=SCOPE, problems=MISSING)
    async def list_transactions(
        self, call: Call[ApiCaller], wallet_id: str, query: TransactionQuery
    ) -> TransactionPage:
        """List transactions, newest first.

        Several of `type` and `category` are divided by commas: `type=REFUND,BONUS_CREDIT`.
        `q` is looked for in feature, member, key, source, metadata and note. Where what is asked
        for is rare, a page may end before it is full, or be empty, with a `next_cursor` by which to
        look further down: only null is the end. `count=true` also counts, up to 10,000 and among
        the latest 15,000 transactions only where a filter other than time is set; `count_far=true`
        counts as far back as one page looks, which takes longer: among the latest 200,000, or
        50,000 where `q` is set. `count_is_capped` says where there may be more.

        What is written stays as it is, so a list is kept up to date by what is new: ask with the
        `newest_sequence` that was answered without a `cursor` as `newer_than`, and go on by
        `next_cursor` until it is null. `count` is of the whole list.
        """
        wallet = await self._wallet(call.caller, wallet_id)
        chosen, behind = query.chosen(), sequence_behind(query.cursor)
        page = await self._views.page(wallet, chosen, query.limit, behind, query.newer_than)
        below = page.following
        shown = TransactionPage(
            data=[transaction_shown(t) for t in page.transactions],
            next_cursor=None if below is None else cursor("transactions", below),
            newest_sequence=page.newest,
        )
        if not query.count and not query.count_far:
            return shown
        count = await self._views.count(wallet, chosen, is_far=query.count_far)
        return replace(shown, count=count.count, count_is_capped=count.is_capped)

    @routes.on(f"{MANY}.csv", scope=SCOPE, problems=MISSING, media=("text/csv",), limits=_LONG)
    async def export_transactions(
        self, call: Call[ApiCaller], wallet_id: str, query: FilterQuery
    ) -> Response:
        """Give the same transactions as CSV, oldest first.

        A cell of free text that a spreadsheet would take for a formula begins with an apostrophe.
        """
        wallet = await self._wallet(call.caller, wallet_id)
        rows = csv_of(self._views.stream(wallet, query.chosen()))
        headers = {
            **_NO_STORE,
            "Content-Disposition": f'attachment; filename="transactions-{wallet}.csv"',
        }
        return StreamingResponse(await begun(rows), 200, headers, "text/csv")

    @routes.on(
        f"{MANY}/{{transaction_id}}", scope=SCOPE, problems=(*MISSING, "TRANSACTION_NOT_FOUND")
    )
    async def get_transaction(
        self, call: Call[ApiCaller], wallet_id: str, transaction_id: str
    ) -> Transaction:
        """Give one transaction."""
        wallet = await self._wallet(call.caller, wallet_id)
        found = await self._views.transaction(wallet, transaction_id)
        if found is None:
            raise _no_transaction(transaction_id)
        return transaction_shown(found)

    @routes.on(
        f"{MANY}/{{transaction_id}}/receipt",
        scope=SCOPE,
        problems=(*MISSING, "TRANSACTION_NOT_FOUND"),
    )
    async def get_receipt(
        self, call: Call[ApiCaller], wallet_id: str, transaction_id: str
    ) -> Receipt:
        """Tell why a transaction cost what it cost: rule, price version, lots drawn, caps, budgets.

        The limit of a platform's key, which counts what other organizations spend too, the platform
        alone is shown.

        `chain` says whether the transaction is as it was written: its hash is computed anew of what
        is stored, and held against the transactions before and after it.
        """
        wallet = await self._wallet(call.caller, wallet_id)
        found = await self._views.receipt(wallet, transaction_id)
        if found is None:
            raise _no_transaction(transaction_id)
        return receipt_shown(found)

    @routes.on(f"{ONE}/holds", scope=SCOPE, problems=MISSING)
    async def list_holds(
        self, call: Call[ApiCaller], wallet_id: str, query: HoldQuery
    ) -> Page[Hold]:
        """List holds, newest first, in their states by now."""
        wallet = await self._wallet(call.caller, wallet_id)
        behind = id_behind("holds", query.cursor)
        found = await self._views.holds(wallet, query.state, query.limit + 1, behind)
        page = found[: query.limit]
        following = cursor("holds", page[-1].id) if len(found) > query.limit else None
        return Page([hold_shown(wallet, hold) for hold in page], following)

    @routes.on(f"{ONE}/holds/{{hold_id}}", scope=SCOPE, problems=(*MISSING, "HOLD_NOT_FOUND"))
    async def get_hold(self, call: Call[ApiCaller], wallet_id: str, hold_id: str) -> Hold:
        """Give one hold in its state by now."""
        wallet = await self._wallet(call.caller, wallet_id)
        found = await self._views.hold(wallet, hold_id)
        if found is None:
            detail = f"This wallet has no hold {hold_id}."
            raise Problem("HOLD_NOT_FOUND", detail, hold_id=hold_id)
        return hold_shown(wallet, found)

    @routes.on(f"{ONE}/statement", scope=SCOPE, problems=MISSING, limits=_LONG)
    async def get_statement(
        self, call: Call[ApiCaller], wallet_id: str, query: StatementQuery
    ) -> Statement | Response:
        """Give a self-contained statement, which `khata verify` checks with no server.

        Transactions from one time on and before another, with their hashes, and a checkpoint of
        the last one signed with this installation's key.
        """
        wallet = await self._wallet(call.caller, wallet_id)
        from_us = None if query.since is None else microseconds_of(query.since)
        to_us = None if query.until is None else microseconds_of(query.until)
        if from_us is not None and to_us is not None and to_us < from_us:
            raise invalid("to", "must not lie before from")
        scope = await self._statements.scope(wallet, from_us, to_us)
        if scope is None:
            raise no_wallet(wallet_id)
        document = await begun(self._statements.document(scope))
        return StreamingResponse(document, 200, _NO_STORE, "application/json")


def _no_transaction(transaction_id: str) -> Problem:
    detail = f"This wallet has no transaction {transaction_id}."
    return Problem("TRANSACTION_NOT_FOUND", detail, transaction_id=transaction_id)
