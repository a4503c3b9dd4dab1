"""The watch over a wallet: what a stretch of its ledger means for the lines it must not cross.

A watch is a small state that goes along with the ledger. It needs the stretch that is new and, of
what was before, only the charges that leave the burn window meanwhile; never the whole history.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from msgspec import Struct

from khata.domain.budgets import BudgetUse
from khata.domain.burn import Burn, BurnCrossing, Used, slide
from khata.domain.crossings import (
    BudgetReached,
    Level,
    LineCrossing,
    Standing,
    budgets_reached,
    caps_used_up,
    cross_lines,
)
from khata.domain.ledger import CapUse
from khata.domain.wallet import RapidBurnAction

_sequence = attrgetter("sequence")


class Lines(Struct, frozen=True, gc=False):
    """The lines that a wallet's own settings draw, and what is done when it burns."""

    low_balance_threshold: int
    rapid_burn_limit: int
    rapid_burn_action: RapidBurnAction = "alert"
    time_zone: str = "Asia/Kolkata"


class Seen(NamedTuple):
    """Of a transaction what a watch looks at. `charged` is what it drew by usage; `may_expire` is
    whether credits came that expire one day."""

    sequence: int
    at_us: int
    available: int
    charged: int
    caps: tuple[CapUse, ...] = ()
    may_expire: bool = False
    budgets: tuple[BudgetUse, ...] = ()


class Watch(Struct, frozen=True, gc=False):
    """How far the ledger was watched, and how the wallet stood then."""

    sequence: int = 0
    at_us: int = 0
    available: int = 0
    level: Level = Level()
    burn: Burn = Burn()


class Findings(Struct, frozen=True, gc=False):
    """What was found on the way: lines with the burn window as it was when they were crossed, burns
    with what was available then."""

    lines: tuple[tuple[LineCrossing, Burn], ...] = ()
    burns: tuple[tuple[BurnCrossing, int], ...] = ()
    caps: tuple[tuple[CapUse, int], ...] = ()
    budgets: tuple[tuple[BudgetReached, int], ...] = ()
    may_expire: bool = False


def look(
    watch: Watch, stretch: Sequence[Seen], known: Sequence[Used], lines: Lines, until_us: int
) -> tuple[Watch, Findings]:
    """The watch after the ledger's next stretch, at `until_us` or at the stretch's end if that is
    later. `known` is what `slide` must know of the charges behind the window's tail.

    Begins with where the wallet stood: a line that was moved meanwhile may lie on its other side.
    """
    stood = Standing(watch.sequence, watch.at_us, watch.available)
    standings = [Standing(seen.sequence, seen.at_us, seen.available) for seen in stretch]
    if watch.sequence:
        standings.insert(0, stood)
    last = standings[-1] if standings else stood
    level, crossed = cross_lines(watch.level, standings, lines.low_balance_threshold)
    charges = [Used(seen.sequence, seen.at_us, seen.charged) for seen in stretch if seen.charged]
    limit = lines.rapid_burn_limit
    burn, burns = slide(watch.burn, known, charges, limit, max(until_us, last.at_us))
    findings = Findings(
        tuple(_with_windows(crossed, watch.burn, known, charges, limit)),
        tuple((crossing, _available(standings, crossing.at_us)) for crossing in burns),
        tuple((use, seen.at_us) for seen in stretch for use in caps_used_up(seen.caps)),
        tuple((use, seen.at_us) for seen in stretch for use in budgets_reached(seen.budgets)),
        any(seen.may_expire for seen in stretch),
    )
    return Watch(last.sequence, last.at_us, last.available, level, burn), findings


def _with_windows(
    crossed: Iterable[LineCrossing],
    burn: Burn,
    known: Sequence[Used],
    charges: Sequence[Used],
    limit: int,
) -> Iterator[tuple[LineCrossing, Burn]]:
    done = 0
    for crossing in crossed:
        upto = bisect_right(charges, crossing.sequence, done, key=_sequence)
        gone = bisect_right(known, burn.tail, key=_sequence)
        burn, _ = slide(burn, known[gone:], charges[done:upto], limit, crossing.at_us)
        done = upto
        yield crossing, burn


def _available(standings: Sequence[Standing], at_us: int) -> int:
    """What was available then; before the first of them, what it left."""
    place = bisect_right(standings, at_us, key=attrgetter("at_us"))
    return standings[max(place - 1, 0)].available
