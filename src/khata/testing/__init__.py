"""For tests of Khata, and for your own: books in memory, a clock turned by hand, and stories."""

from khata.testing.audit import audit
from khata.testing.books import MemoryBooks
from khata.testing.builders import (
    CountedUlids,
    decided,
    empty_book,
    in_organization,
    price_list,
    rules,
    ulid_named,
    wallet,
    wallet_id,
)
from khata.testing.clock import DAY_US, NEW_YEAR_US, SECOND_US, HandClock
from khata.testing.constraints import ConstraintBroken
from khata.testing.story import Story, StoryError, stories_in, tell

__all__ = [
    "DAY_US",
    "NEW_YEAR_US",
    "SECOND_US",
    "ConstraintBroken",
    "CountedUlids",
    "HandClock",
    "MemoryBooks",
    "Story",
    "StoryError",
    "audit",
    "decided",
    "empty_book",
    "in_organization",
    "price_list",
    "rules",
    "stories_in",
    "tell",
    "ulid_named",
    "wallet",
    "wallet_id",
]
