"""What is exported is accepted by the programs that accountants use, and an error is rejected."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bookkeeper import Bookkeeper
from exports.conftest import Checked, bean_check, hledger_check
from khata.domain.plain_text import FORMS, FormName
from khata.domain.reports import Period

pytestmark = pytest.mark.anyio

EVERYTHING = Period()
Check = Callable[[str, Path], Checked]
PROGRAMS = [
    pytest.param("beancount", bean_check, id="beancount"),
    pytest.param(
        "hledger", hledger_check, id="hledger", marks=pytest.mark.needs_program("hledger")
    ),
]


async def exported(bookkeeper: Bookkeeper, form: FormName, period: Period = EVERYTHING) -> str:
    pieces = [piece async for piece in bookkeeper.khata.exports.document(FORMS[form], period)]
    return b"".join(pieces).decode()


@pytest.mark.parametrize(("form", "check"), PROGRAMS)
async def test_the_books_are_accepted(
    bookkeeper: Bookkeeper, form: FormName, check: Check, tmp_path: Path
) -> None:
    found = check(await exported(bookkeeper, form), tmp_path)
    assert found.accepted, found.said


@pytest.mark.parametrize(("form", "check"), PROGRAMS)
async def test_a_part_of_the_books_is_accepted(
    bookkeeper: Bookkeeper, form: FormName, check: Check, tmp_path: Path
) -> None:
    """From opening balances on, of one wallet, and until a time."""
    asha = bookkeeper.asha.wallet.id
    yesterday = bookkeeper.clock() - 3_600_000_000
    for period in (
        Period(from_us=yesterday),
        Period(to_us=yesterday),
        Period(from_us=yesterday, wallet_id=asha),
        Period(wallet_id=asha),
        Period(from_us=bookkeeper.clock() + 1),
        Period(organization_id="org_nobody"),
    ):
        found = check(await exported(bookkeeper, form, period), tmp_path)
        assert found.accepted, (period, found.said)


def one_more(line: str) -> str:
    """The line with a paisa or a credit more."""

    def more(found: re.Match[str]) -> str:
        rupees, paise = found[1], found[2]
        if paise is None:
            return f"{int(rupees) + 1} CREDIT"
        return f"{rupees}.{(int(paise) + 1) % 100:02} INR"

    return re.sub(r"(-?\d+)(?:\.(\d\d))? (?:INR|CREDIT)", more, line, count=1)


# A line of each kind: what it begins with and the unit it is in.
PLANTED = {
    "a paisa in an entry": r"^ +Assets:Gateway:Simulator +602\.00 INR$",
    "a credit in an entry": r"^ +Equity:Credits:Consumed:AI +\d+ CREDIT$",
    "a paisa in what is deferred": r"^ +Liabilities:DeferredRevenue +-\d+\.\d\d INR$",
}


@pytest.mark.parametrize("pattern", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize(("form", "check"), PROGRAMS)
async def test_a_planted_error_in_an_entry_is_rejected(
    bookkeeper: Bookkeeper, form: FormName, check: Check, pattern: str, tmp_path: Path
) -> None:
    text = await exported(bookkeeper, form)
    found = re.search(pattern, text, re.MULTILINE)
    assert found is not None
    wrong = text[: found.start()] + one_more(found[0]) + text[found.end() :]
    assert wrong != text
    assert not check(wrong, tmp_path).accepted


@pytest.mark.parametrize("unit", ["INR", "CREDIT"])
@pytest.mark.parametrize(("form", "check"), PROGRAMS)
async def test_an_error_on_both_sides_is_rejected_by_what_the_accounts_stand_at(
    bookkeeper: Bookkeeper, form: FormName, check: Check, unit: str, tmp_path: Path
) -> None:
    """An entry that balances and never was: a paisa, or a credit, from one account to another."""
    amount, accounts = {
        "INR": ("0.01", ("Assets:Bank", "Liabilities:DeferredRevenue")),
        "CREDIT": ("1", ("Equity:Credits:Expired", "Equity:Credits:Consumed:AI")),
    }[unit]
    text = await exported(bookkeeper, form)
    first = re.search(r"^.*(\* assertions| balance ).*$", text, re.MULTILINE)
    assert first is not None
    title = '2026-11-23 * "forged"' if form == "beancount" else "2026-11-23 * forged"
    forged = f"{title}\n    {accounts[0]}  {amount} {unit}\n    {accounts[1]}  -{amount} {unit}\n"
    wrong = text[: first.start()] + forged + text[first.start() :]
    found = check(wrong, tmp_path)
    assert not found.accepted
    assert "assert" in found.said.lower() or "balance failed" in found.said.lower()


@pytest.mark.parametrize(("form", "check"), PROGRAMS)
async def test_an_account_that_is_not_declared_is_rejected(
    bookkeeper: Bookkeeper, form: FormName, check: Check, tmp_path: Path
) -> None:
    text = await exported(bookkeeper, form)
    wrong = re.sub(r"^.*(open|account) Assets:Bank\b.*\n", "", text, count=1, flags=re.MULTILINE)
    assert wrong != text
    assert not check(wrong, tmp_path).accepted


async def test_the_csv_has_every_leg_and_balances(bookkeeper: Bookkeeper) -> None:
    rows = list(csv.DictReader(io.StringIO(await exported(bookkeeper, "csv"))))
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        sums[row["id"], row["unit"]] += round(float(row["amount"]) * 100)
    assert rows
    assert {place: left for place, left in sums.items() if left} == {}
    assert {row["unit"] for row in rows} == {"INR", "CREDIT"}
    assert rows == sorted(rows, key=lambda row: row["at"])


async def test_the_days_are_those_of_india(bookkeeper: Bookkeeper) -> None:
    """The clock stands at 11:30 in India; 13 hours later it is the next day there, not in UTC."""
    bookkeeper.clock.turn(seconds=13 * 3600)
    await bookkeeper.asha.consume()
    rows = list(csv.DictReader(io.StringIO(await exported(bookkeeper, "csv"))))
    assert (rows[-1]["day"], rows[-1]["at"][:10]) == ("2026-11-24", "2026-11-23")
