"""Reports out of the ledger: for a platform's own people, or an organization's on itself."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace
from starlette.responses import Response, StreamingResponse

from khata.app.runtime import Khata
from khata.domain.plain_text import FORMS
from khata.domain.reports import Liability, Period, Revenue, TrialBalance
from khata.http.auth import ApiCaller
from khata.http.call import Call, Limits
from khata.http.problems import Problem, invalid
from khata.http.routes import Routes
from khata.http.schemas.common import Instant, microseconds_of
from khata.http.schemas.reports import ExportQuery, OwedQuery, PeriodQuery
from khata.http.streams import begun

# A sum over the whole ledger takes as long as the ledger is.
LONG: Final = Limits(request_seconds=600.0)
SCOPE: Final = "reports:read"


class ReportRoutes:
    """Sums of one moment, in paise and credits."""

    routes = Routes("Reports")

    def __init__(self, khata: Khata) -> None:
        self._reports = khata.reports
        self._exports = khata.exports

    @routes.on("GET /v1/reports/trial-balance", scope=SCOPE, limits=LONG)
    async def get_trial_balance(self, call: Call[ApiCaller], query: PeriodQuery) -> TrialBalance:
        """Give all accounts of both units, as at `to`; with `from`, what moved since.

        INR is in paise. The debits of each unit equal its credits.
        """
        return await self._reports.trial_balance(period_of(call.caller, query))

    @routes.on("GET /v1/reports/revenue", scope=SCOPE, limits=LONG)
    async def get_revenue(self, call: Call[ApiCaller], query: PeriodQuery) -> Revenue:
        """Give income, breakage and deferred revenue of a period, in paise."""
        return await self._reports.revenue(period_of(call.caller, query))

    @routes.on("GET /v1/reports/liability", scope=SCOPE, limits=LONG)
    async def get_liability(self, call: Call[ApiCaller], query: OwedQuery) -> Liability:
        """Give the credits that customers hold now, and what of their price is not earned."""
        organization_id = organization_of(call.caller, query.organization_id)
        return await self._reports.liability(organization_id, query.limit)

    @routes.on(
        "GET /v1/ledger/export",
        scope=SCOPE,
        limits=Limits(request_seconds=3600.0),
        media=("text/x-beancount", "text/x-hledger", "text/csv"),
    )
    async def export_ledger(self, call: Call[ApiCaller], query: ExportQuery) -> Response:
        """Export the books: every entry in both units, in the order of time.

        `beancount` and `hledger` begin with opening balances where `from` is given, and end with
        assertions of what all accounts stand at; `bean-check` and `hledger check -s` accept them.
        """
        period = replace(period_of(call.caller, query), wallet_id=query.wallet_id)
        form = FORMS[query.format]
        pieces = await begun(self._exports.document(form, period))
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="khata.{query.format}"',
        }
        return StreamingResponse(pieces, 200, headers, f"{form.media_type}; charset=utf-8")


def organization_of(caller: ApiCaller, asked: str | None) -> str | None:
    """The organization that a report is of; 403 for a key of one owner, or another's books."""
    if caller.owner_id is not None:
        raise Problem("FORBIDDEN", "This needs a key that is bound to no owner.")
    if caller.organization_id is None:
        return asked
    if asked not in (None, caller.organization_id):
        raise Problem("FORBIDDEN", "This key is of another organization.")
    return caller.organization_id


def period_of(caller: ApiCaller, query: PeriodQuery) -> Period:
    """The period that is asked for, within what the caller may know of."""
    from_us, to_us = _moment(query.since), _moment(query.until)
    if from_us is not None and to_us is not None and to_us < from_us:
        raise invalid("to", "must not lie before from")
    return Period(from_us, to_us, organization_of(caller, query.organization_id))


def _moment(at: Instant | None) -> int | None:
    return None if at is None else microseconds_of(at)
