"""The watch over wallets as one thing: all that the doors and the worker need of it."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from khata.app.events.log import EventLog
from khata.app.events.reader import Reader
from khata.app.watching.ends import Ends
from khata.app.watching.lowered import Lowered
from khata.app.watching.protection import Protection
from khata.app.watching.refused import RefusedBudgets
from khata.app.watching.rules import AlertRules
from khata.app.watching.watcher import Watcher
from khata.app.watching.wishes import (
    EXPIRIES_JOB,
    LOWERED_BUDGET_JOB,
    LOWERED_CAPS_JOB,
    PROTECTION_JOB,
    WATCH_JOB,
)
from khata.app.worker import Step
from khata.engine.ids import UlidMint
from khata.postgres.alerts import ALERT_END_JOB
from khata.postgres.connect import Pool


class Watching(Struct, frozen=True):
    """The watch over the wallets of one Khata. The reader brings all events before the watcher."""

    watcher: Watcher
    reader: Reader
    ends: Ends
    protection: Protection
    rules: AlertRules
    refused: RefusedBudgets
    lowered: Lowered

    @property
    def jobs(self) -> Mapping[str, Step]:
        """What the worker does for the watch, by kind."""
        return {
            WATCH_JOB: self.watcher.step,
            EXPIRIES_JOB: self.ends.look_at_expiries,
            ALERT_END_JOB: self.ends.end,
            PROTECTION_JOB: self.protection.step,
            LOWERED_CAPS_JOB: self.lowered.look_at_caps,
            LOWERED_BUDGET_JOB: self.lowered.look_at_budget,
        }


def watching(
    pool: Pool, events: EventLog, caps: Mapping[str, int], now_us: Callable[[], int]
) -> Watching:
    """The watch over these events. `caps` are the operator's."""
    watcher = Watcher(pool, now_us)
    return Watching(
        watcher=watcher,
        reader=events.reader("alerts", watcher.read),
        ends=Ends(pool, now_us),
        protection=Protection(pool, UlidMint(), now_us),
        rules=AlertRules(pool, now_us),
        refused=RefusedBudgets(pool, now_us),
        lowered=Lowered(pool, caps, now_us),
    )
