"""Whole random lives of two wallets, exported: the programs accept them, and the reports agree."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from exports.conftest import Checked, bean_check, hledger_check
from khata.app.exports import Exports
from khata.app.reports import Reports
from khata.domain.plain_text import FORMS, FormName
from khata.domain.reports import Period
from khata.postgres.connect import read_pool
from khata.postgres.server import Server
from lives import Life, lives
from pair import opened_pair
from stored import empty

CHECKS: Mapping[FormName, Callable[[str, Path], Checked]] = {
    "beancount": bean_check,
    "hledger": hledger_check,
}


# An example is two processes: what fails is told as found, not shrunk for minutes.
@pytest.mark.needs_program("hledger")
@settings(
    max_examples=12,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(life=lives())
async def test_any_life_is_accepted(database: Server, tmp_path: Path, life: Life) -> None:
    empty(database.owner_dsn)
    async with AsyncExitStack() as stack:
        pair = await opened_pair(database, stack)
        for moment in life:
            await pair.carry_out(moment.items, moment.at_us, 0)
        streams = await stack.enter_async_context(read_pool(database.app_dsn, size=1))
        ends_us = life[-1].at_us
        exports, reports = Exports(streams, lambda: ends_us), Reports(streams, lambda: ends_us)
        assert (await reports.trial_balance()).is_balanced
        assert (await reports.revenue(Period(from_us=life[len(life) // 2].at_us))).agrees
        assert (await reports.liability()).agrees
        for form, check in CHECKS.items():
            for period in (Period(), Period(from_us=ends_us)):
                pieces = [piece async for piece in exports.document(FORMS[form], period)]
                found = check(b"".join(pieces).decode(), tmp_path)
                assert found.accepted, found.said
