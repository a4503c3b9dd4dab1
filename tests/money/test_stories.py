"""Thousands of random stories of money: whatever goes wrong, the books are right in the end."""

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from town import Town
from town_steps import Story
from town_stories import (
    agreed,
    bought,
    buying,
    complaining,
    elsewhere,
    lies,
    ordered,
    paid,
    recharging,
    refunding,
    running,
    settled,
    stories,
    tell,
    wanted,
    weather,
)

# A story is worth many examples of another kind, and takes as long. `hunt` tells 2,500 in all.
pytestmark = pytest.mark.timeout(3_600)
# The town is kept from story to story on purpose; a story has wallets and a gateway of its own.
told = settings(
    max_examples=max(1, settings().max_examples // 4),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@told
@given(stories((ordered, paid), buying, buying, weather, running), st.booleans())
async def test_whatever_happens_the_books_are_right(
    town: Town, story: Story, events_come: bool
) -> None:
    await demand_right(town, story, events_come)


@told
@given(stories((ordered, paid), buying, weather, running, lies), st.booleans())
async def test_whatever_the_gateway_says_no_credits_come_twice(
    town: Town, story: Story, events_come: bool
) -> None:
    await demand_right(town, story, events_come)


@told
@given(stories((agreed, wanted), buying, recharging, recharging, weather, running), st.booleans())
async def test_wallets_that_recharge_themselves_are_charged_once(
    town: Town, story: Story, events_come: bool
) -> None:
    await demand_right(town, story, events_come)


@told
@given(
    stories((ordered, bought, settled), buying, refunding, refunding, weather, running),
    st.booleans(),
)
async def test_money_goes_back_once(town: Town, story: Story, events_come: bool) -> None:
    await demand_right(town, story, events_come)


@told
@given(
    stories(
        (ordered, bought, settled),
        *(buying, refunding, complaining, complaining, elsewhere, weather, running),
    ),
    st.booleans(),
)
async def test_what_happens_at_the_bank_is_booked(
    town: Town, story: Story, events_come: bool
) -> None:
    """Refunds from the gateway's dashboard, and disputes: those of which no event tells, too."""
    await demand_right(town, story, events_come)


async def demand_right(town: Town, story: Story, events_come: bool) -> None:
    wrong = await tell(town, story, events_come=events_come)
    note("\n".join(("", *town.told, *(f"  WRONG: {one}" for one in wrong))))
    event("Khata dies" if any("Khata dies" in line for line in town.told) else "Khata lives")
    event("nothing is bought" if town.bought == 0 else "something is bought")
    assert wrong == []
