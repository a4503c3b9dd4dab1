"""Thousands of random stories of money: whatever goes wrong, the books are right in the end."""

from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from town import Town
from town_steps import Story
from town_stories import buying, lies, running, stories, tell, weather

# The town is kept from story to story on purpose; a story has wallets and a gateway of its own.
told = settings(suppress_health_check=list(HealthCheck))


@told
@given(stories(*buying, *weather, *running), st.booleans())
async def test_whatever_happens_the_books_are_right(
    town: Town, story: Story, events_come: bool
) -> None:
    await demand_right(town, story, events_come)


@told
@given(stories(*buying, *weather, *running, *lies), st.booleans())
async def test_whatever_the_gateway_says_no_credits_come_twice(
    town: Town, story: Story, events_come: bool
) -> None:
    await demand_right(town, story, events_come)


async def demand_right(town: Town, story: Story, events_come: bool) -> None:
    wrong = await tell(town, story, events_come=events_come)
    note("\n".join(("", *town.told, *(f"  WRONG: {one}" for one in wrong))))
    bank = await town.bank()
    event(f"captured {sum(p['captured'] for p in bank['payments'])} of {len(bank['payments'])} payments")
    event(f"orders {len(town.placed)}")
    event(f"deaths {sum('dies' in t for t in town.told)}")
    assert wrong == []
