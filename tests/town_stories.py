"""Random stories of money, for Hypothesis; and how one is told from its beginning to its end."""

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from town import Town
from town_books import books_of, differences
from town_recharge_steps import (
    DEBITS,
    INSTRUMENTS,
    Agrees,
    ChangesMandate,
    DebitsWillEnd,
    Removes,
    WantsNoRecharges,
    WantsRecharges,
)
from town_refund_steps import (
    BankRules,
    Complains,
    Gives,
    GivesBack,
    GivesBackAgain,
    GivesBackElsewhere,
    RefundsTakeTime,
    RefundWillFail,
)
from town_steps import (
    CALLS,
    DEATHS,
    EVENT_FAULTS,
    LIES,
    LINE_FAULTS,
    SPANS,
    AsksAgain,
    BankDecides,
    ComesAgain,
    Delivers,
    EventFault,
    LineFault,
    Looks,
    Orders,
    Passes,
    Pays,
    Reads,
    Settles,
    Spends,
    Step,
    Story,
    WillDie,
    WillDieAt,
    Works,
)

ASKED: Final = ("pro", "starter", "scale", 15_000, 49_990, 123_450)
METHODS: Final = ("upi", "debit", "credit", "netbanking", "wallet")
# From the longest pause of a step to the end of all that a gateway may still do.
_A_DAY: Final = 86_400
_ENDING_SECONDS: Final = (0, 900, 7_200, _A_DAY, _A_DAY, _A_DAY, 4 * _A_DAY)

who = st.sampled_from(("asha", "ravi"))
back = st.integers(0, 2)
outcomes = st.sampled_from(("success", "fail", "pending", "duplicate", "late"))

buying: Final = st.one_of(
    st.builds(Orders, who, st.sampled_from(ASKED), st.sampled_from(METHODS)),
    st.builds(Pays, back, outcomes),
    st.builds(Pays, back, st.just("success")),
    st.builds(BankDecides, st.sampled_from(("authorize", "fail", "late_authorize"))),
    st.builds(AsksAgain, back),
    st.builds(Looks, back),
    st.builds(Spends, who, st.integers(1, 40)),
)
recharging: Final = st.one_of(
    st.builds(Agrees, who, st.sampled_from(INSTRUMENTS)),
    st.builds(
        WantsRecharges, who, st.sampled_from((200, 5_000)), st.sampled_from((150, 500, 1_000))
    ),
    st.builds(
        DebitsWillEnd, who, st.lists(st.sampled_from(DEBITS), min_size=1, max_size=4).map(tuple)
    ),
    st.builds(ChangesMandate, who, st.sampled_from(("pause", "resume", "cancel"))),
    st.builds(WantsNoRecharges, who),
    st.builds(Removes, who),
    st.builds(Spends, who, st.integers(1, 200)),
)
refunding: Final = st.one_of(
    st.builds(GivesBack, back, st.none()),
    st.builds(GivesBack, back, st.sampled_from((1, 50, 149))),
    st.just(GivesBackAgain()),
    st.just(RefundWillFail()),
    st.builds(RefundsTakeTime, st.sampled_from((0, 2, 72))),
    st.builds(Spends, who, st.integers(1, 40)),
    st.builds(Gives, who, st.sampled_from((1, 500, 2_000))),
)
elsewhere: Final = st.builds(GivesBackElsewhere, back, st.sampled_from((None, 1, 50, 590)))
complaining: Final = st.one_of(
    st.builds(Complains, back, st.sampled_from((None, None, 100))),
    st.builds(BankRules, st.sampled_from(("under_review", "won", "lost", "close"))),
)
foul: Final = st.one_of(
    st.builds(EventFault, st.sampled_from([one for one in EVENT_FAULTS if one != "drop_webhook"])),
    st.builds(LineFault, st.sampled_from(list(LINE_FAULTS)), st.sampled_from(list(CALLS))),
    st.builds(ComesAgain, st.integers(0, 5)),
)
weather: Final = st.one_of(foul, st.just(EventFault("drop_webhook")))
running: Final = st.one_of(
    st.just(Delivers()),
    st.just(Reads()),
    st.just(Works()),
    st.just(Settles()),
    st.builds(Passes, st.sampled_from(list(SPANS))),
    st.builds(WillDie, st.integers(1, 40)),
    st.builds(WillDieAt, st.sampled_from(DEATHS)),
)
lies: Final = st.builds(EventFault, st.sampled_from(list(LIES)))


ordered: Final = st.builds(Orders, who, st.sampled_from(ASKED), st.sampled_from(METHODS))
paid: Final = st.builds(Pays, st.just(0), outcomes)
settled: Final = st.just(Settles())
bought: Final = st.builds(Pays, st.just(0), st.just("success"))
agreed: Final = st.builds(Agrees, who, st.sampled_from(INSTRUMENTS[:2]))
wanted: Final = st.builds(
    WantsRecharges, who, st.sampled_from((200, 5_000)), st.sampled_from((150, 500))
)


def stories(
    beginning: Sequence[st.SearchStrategy[Step]], *steps: st.SearchStrategy[Step]
) -> st.SearchStrategy[Story]:
    """Stories of this beginning, with something before and between, and what follows."""
    any_step = st.one_of(*steps)
    between = st.lists(any_step, max_size=2)
    parts = [part for step in beginning for part in (between, st.tuples(step))]
    return st.tuples(*parts, st.lists(any_step, max_size=20)).map(_told)


def _told(parts: tuple[Sequence[Step], ...]) -> Story:
    return [step for part in parts for step in part]


async def tell(town: Town, story: Story, *, events_come: bool) -> list[str]:
    """Plays the story to the end of all that follows from it; what is wrong then.

    Without events from the end of the story on, Khata finds out all the same.
    """
    await town.begin()
    for step in story:
        town.tell(str(step))
        town.clock.at_us += 1  # what happens at the same instant happens in any order
        await step.play(town)
    await town.play("DELETE /faults")
    town.tell("all events come" if events_come else "no event comes any more")
    if not events_come:
        await town.play("POST /webhooks/hold")
    for seconds in _ENDING_SECONDS:
        town.clock.turn(seconds=seconds)
        await town.settle()
        await town.look_at_settlements()
    # What no event told of is seen when it is paid out, or taken from what is.
    for _ in range(2):
        await town.play("POST /settle")
        await town.look_at_settlements()
        town.clock.turn(seconds=_A_DAY)
        await town.settle()
    books = await books_of(town)
    town.bought = len(books.purchases)
    return differences(books)
