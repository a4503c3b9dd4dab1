"""docs/stories/*.md come true, line by line; and a story that doesn't says where."""

import re
from pathlib import Path

import pytest

from khata.testing import Story, StoryError, audit, stories_in, tell
from khata.testing.story_commands import VERBS
from khata.testing.story_text import Line

FOLDER = Path(__file__).parents[2] / "docs/stories"
PAGES = sorted(FOLDER.glob("*.md"))
STORIES = [story for page in PAGES for story in stories_in(page.read_text(), page.name)]


@pytest.mark.parametrize("lines", [pytest.param(lines, id=place) for place, lines in STORIES])
def test_a_told_story_comes_true(lines: list[Line]) -> None:
    told = tell(lines)
    for wallet_id in told.books.shelves:
        audit(told.books.book(wallet_id), told.books.transactions(wallet_id))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_tells_a_story_and_is_listed(page: Path) -> None:
    assert list(stories_in(page.read_text()))
    assert page.name == "README.md" or f"({page.name})" in (FOLDER / "README.md").read_text()


def test_the_reference_names_every_verb_and_no_other() -> None:
    table = (FOLDER / "README.md").read_text().partition("## The verbs")[2]
    rows = (row.split("|")[1] for row in table.splitlines() if row.startswith("| `"))
    named = {verb for row in rows for verb in re.findall(r"`(\w+)`", row)}
    settings = {"calendar", "wallet", "status", "price", "cap", "budget", "drop", "member"}
    looks = {"accounts", "lots", "ledger", "rupees"}
    assert named == settings | looks | VERBS.keys()


@pytest.mark.parametrize(
    ("last_line", "said"),
    [
        ("consume 5 -> 5 paid", "expected 5 paid; it is: 5 bonus, available 95"),
        ("consume 5 -> 5 bonus, available 94", "expected available 94; it is: 5 bonus"),
        ("consume 5 -> nothing", "expected nothing; it is: 5 bonus"),
        ("consume 101", "was refused: INSUFFICIENT_CREDITS  required 101, available 100"),
        ("consume 101 -> WALLET_FROZEN", "was refused: INSUFFICIENT_CREDITS"),
        ("consume 5 -> WALLET_FROZEN", "was to be refused, and was carried out: 5 bonus"),
        ("consume 101 -> INSUFFICIENT_CREDITS required 100", "expected required 100"),
        ("consume -> 5 bonus", "“consume” wants a quantity"),
        ("consume five", "“five” is no number"),
        ("consume 5 on zen", "there is no wallet “zen”"),
        ("consume 5 at noon", "“noon” is no time"),
        ("consume 5 at", "nothing follows “at”"),
        ("consume 5 ->", "nothing is expected after ->"),
        ("-> 5 bonus", "a line begins with a verb"),
        ("hold 5 for ages", "“ages” is no duration"),
        ("capture work 5", "no hold is called “work”"),
        ("refund work", "no charge is called “work”"),
        ("undo work", "no clawback is called “work”"),
        ("grant cash 5", "nobody grants “cash”"),
        ("status broken", "“broken” is no status"),
        ("spend 5", "nobody knows the verb “spend”"),
        ("lots -> 99 bonus", "expected 99 bonus; it is: 100 bonus"),
        ("ledger -> EXPIRY", "expected EXPIRY; it is: BONUS_CREDIT"),
    ],
)
def test_a_story_that_does_not_come_true_names_its_line(last_line: str, said: str) -> None:
    with pytest.raises(StoryError) as error:
        tell(f"wallet acme\n\ngrant bonus 100  # to begin with\n{last_line}", "page.md")
    assert str(error.value).startswith(f"page.md:4: {last_line}\n")
    assert said in str(error.value)


def test_a_story_begins_with_a_wallet() -> None:
    with pytest.raises(StoryError, match="a story begins with a wallet"):
        tell("consume 5")


def test_the_place_of_a_story_is_that_of_its_page() -> None:
    ((place, lines),) = stories_in("# Page\n\n```story\nwallet acme\n```\n", "page.md")
    assert (place, lines[0].place) == ("page.md:4", "page.md:4")


def test_a_clock_does_not_run_backwards() -> None:
    with pytest.raises(AssertionError, match="forward only"):
        tell("wallet acme\nsweep at 12:00\nsweep at 11:59")


async def test_a_story_can_be_told_in_parts() -> None:
    story = Story()
    for part in ("wallet acme\ngrant bonus 5", "consume 5 -> 5 bonus"):
        await story.play(next(iter(stories_in(f"```story\n{part}\n```\n")))[1])
    assert len(story.books.shelves) == 1
