"""Stories that were found by chance or by thought, told again each time."""

import pytest
from structlog.testing import capture_logs

from town import Town
from town_refund_steps import GivesBack
from town_steps import (
    Delivers,
    EventFault,
    LineFault,
    Looks,
    Orders,
    Pays,
    Reads,
    Settles,
    Story,
)
from town_stories import tell

TOLD: dict[str, Story] = {
    "an event names somebody else's order of the same amount": [
        Orders("ravi", "pro", "upi"),
        Orders("asha", "pro", "upi"),
        EventFault("foreign_order"),
        Pays(0, "success"),
        Delivers(),
        Reads(),
        Looks(0),
        Settles(),
    ],
    "a refund happens, and its answer is lost": [
        Orders("asha", "pro", "upi"),
        Pays(0, "success"),
        Settles(),
        LineFault("timeout_after", "wish to refund"),
        GivesBack(0, 50),
        Settles(),
    ],
}


@pytest.mark.parametrize("events_come", [True, False])
@pytest.mark.parametrize("story", TOLD.values(), ids=TOLD)
async def test_the_books_are_right(town: Town, story: Story, events_come: bool) -> None:
    wrong = await tell(town, story, events_come=events_come)
    assert wrong == [], "\n".join((*town.told, *wrong))


async def test_a_payment_that_nobody_can_book_is_shouted_about(town: Town) -> None:
    story = TOLD["an event names somebody else's order of the same amount"]
    with capture_logs() as logs:
        await tell(town, story, events_come=False)
    (payment,) = [one for one in (await town.bank())["payments"] if one["captured"]]
    shouted = [log for log in logs if log["event"] == "answer_quarantined"]
    assert {log["gateway_payment_id"] for log in shouted} == {payment["id"]}
