"""One long story of everything: the real `bean-check` and `hledger` accept its books, and not those
in which one paisa or one credit is wrong."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from exports.conftest import Checked, bean_check, hledger_check
from khata.domain.plain_text import FORMS, FormName
from khata.domain.reports import Period
from town import Town
from town_books import books_of
from town_recharge_steps import Agrees, DebitsWillEnd, WantsRecharges
from town_refund_steps import BankRules, Complains, Gives, GivesBack, GivesBackElsewhere
from town_steps import (
    EventFault,
    LineFault,
    Orders,
    Passes,
    Pays,
    Settles,
    Spends,
    Story,
    WillDie,
)
from town_stories import tell

LONG: Story = [
    Orders("asha", "pro", "credit"),
    LineFault("timeout_after", "wish to capture"),
    Pays(0, "late"),
    Settles(),
    Passes("a quarter of an hour"),
    Settles(),
    Spends("asha", 20),
    Gives("asha", 500),
    GivesBack(0, 50),
    Settles(),
    Orders("ravi", 123_450, "netbanking"),
    EventFault("duplicate_webhook"),
    WillDie(9),
    Pays(0, "duplicate"),
    Settles(),
    Complains(0, None),
    Settles(),
    BankRules("lost"),
    Settles(),
    Orders("ravi", "growth", "upi"),
    Pays(0, "success"),
    Settles(),
    GivesBackElsewhere(0, 100),
    Settles(),
    Agrees("asha", "success@razorpay"),
    DebitsWillEnd("asha", ("insufficient_funds", "success")),
    WantsRecharges("asha", 5_000, 150),
    Settles(),
    Passes("three days"),
    Settles(),
]
CHECKS: Mapping[FormName, Callable[[str, Path], Checked]] = {
    "beancount": bean_check,
    "hledger": hledger_check,
}
# The last digit of the first amount of that unit that moved on that kind of account.
PLANTED = {
    "one paisa": re.compile(
        r"(\n +\S*gateway\S*simulator\S* +-?[\d,]*\.\d)(\d)( INR)", re.IGNORECASE
    ),
    "one credit": re.compile(r"(\n +\S*available\S* +-?\d*)(\d)( CREDIT)", re.IGNORECASE),
}


async def exported(town: Town, form: FormName) -> str:
    """The books of the whole town."""
    document = town.khata.exports.document(FORMS[form], Period())
    return b"".join([piece async for piece in document]).decode()


@pytest.mark.needs_program("hledger")
@pytest.mark.parametrize("form", CHECKS)
async def test_its_books_are_accepted(town: Town, form: FormName, tmp_path: Path) -> None:
    wrong = await tell(town, LONG, events_come=True)
    assert wrong == [], "\n".join((*town.told, *wrong))
    books = await books_of(town)
    assert len(books.purchases) >= 4
    assert {refund.status for refund in books.refunds} == {"processed"}
    text = await exported(town, form)
    found = CHECKS[form](text, tmp_path)
    assert found.accepted, found.said
    for what, amount in PLANTED.items():
        planted, count = amount.subn(_one_more, text, count=1)
        assert count == 1, f"{what}: no such amount in\n{text[:3000]}"
        assert not CHECKS[form](planted, tmp_path).accepted, what


def _one_more(amount: re.Match[str]) -> str:
    return f"{amount[1]}{(int(amount[2]) + 1) % 10}{amount[3]}"
