"""The fast path: plain charges, which are most of any ledger, taken a stretch at a time.

A row is a plain charge when it is a usage and every check of a single step (replay.py) finds
nothing to say. Each pass below makes some of these checks and counts the rows from the first on
that pass; what follows the stretch is left to the single step. The stretch itself reaches the
book as one charge through `evolve`: the draws and amounts added up, and the last word of each
counter. tests/engine/test_plain.py shows that this leads to the same as the steps one by one.
"""

from collections import ChainMap, Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from khata.domain import chain
from khata.domain.ids import GrantId
from khata.domain.inr import DEFERRED, USAGE_OF, Leg
from khata.domain.ledger import CONSUMED, CapUse, Facts, Transaction, earned_paise
from khata.domain.limits import day_start_us
from khata.domain.pricing import Remainder
from khata.domain.wallet import Draw
from khata.engine.ledger_row import (
    ACCOUNT_CHANGE,
    AT_US,
    AVAILABLE_CHANGE,
    CATEGORY,
    DRAWS,
    FACTS,
    FEATURE,
    HASH,
    PREVIOUS_HASH,
    RECOGNIZED,
    Row,
    digest,
    drawn,
    facts_of,
    transaction_of,
)
from khata.engine.meaning import cap_contradictions, meter_contradictions
from khata.engine.wallet_state import WalletState, is_of_bucket

USAGE = "USAGE_DEDUCTION"


class Template(NamedTuple):
    """The facts of a capped charge, around the count before and after. Good within its day."""

    from_us: int
    until_us: int
    head: str
    tail: str
    use: tuple[str, int]


# The last form of a feature's facts in a zone. It serves all wallets, since they are told apart
# only by their counts, and what a form says is told by its text.
Templates = dict[tuple[str, str], Template]
_TEMPLATES: Templates = {}
_MOST_TEMPLATES = 10_000


class PlainPath:
    """Takes stretches of plain charges for one wallet."""

    def __init__(self, state: WalletState) -> None:
        self._state = state
        self._zone = state.wallet.time_zone

    def take(self, rows: Sequence[Row]) -> int:
        """Takes the plain charges with which these usages begin; how many there were."""
        rows = rows[: self._balanced(rows)]
        rows = rows[: self._chained(rows)]
        rows = rows[: self._drawn(rows)]
        explained = self._explained(rows)
        rows = rows[: explained.rows]
        if not rows or (draws := self._merged_draws(rows)) is None:
            return 0
        for charge in _merged(rows, draws, explained):
            self._state.take(self._state.lent(charge), charge)
        self._state.usage.add_plain(rows)
        for category, paise in _earned(rows).items():
            self._state.add_legs((Leg(DEFERRED, paise), Leg(USAGE_OF + category, -paise)))
        return len(rows)

    def _balanced(self, rows: Sequence[Row]) -> int:
        """Rows in sequence and time, of this wallet, whose amounts go on from its balances."""
        state, accounts = self._state, self._state.accounts
        organization, marks = state.wallet.organization_id, state.marks
        sequence, last_us, available = accounts.sequence, accounts.at_us, accounts.available
        sides = (accounts.reserved, accounts.locked)
        # fmt: off
        for count, (
            _, number, id_, _, at_us, change, reserved_change, locked_change, account,
            account_change, available_after, reserved_after, locked_after, feature, category,
            _, _, _, _, _, key, _, _, _, _, _, _, version, organization_id, has_fingerprint, _,
        ) in enumerate(rows):
            # fmt: on
            sequence += 1
            available += change
            if (
                number != sequence
                or at_us < last_us
                or version != chain.VERSION
                or organization_id != organization
                or change > 0
                or account_change != -change
                or reserved_change
                or locked_change
                or available_after != available
                or (reserved_after, locked_after) != sides
                or feature is None
                or category is None
                or account != (CONSUMED + category if change else None)
                or has_fingerprint is (key is None)
                or not is_of_bucket(id_, "txn_", marks)
            ):
                return count
            last_us = at_us
        return len(rows)

    def _chained(self, rows: Sequence[Row]) -> int:
        """Rows whose hash is that of their texts and of the row before."""
        head = self._state.accounts.head
        for count, row in enumerate(rows):
            if row[PREVIOUS_HASH] != head or row[HASH] != digest(row, head):
                return count
            head = row[HASH]
        return len(rows)

    def _drawn(self, rows: Sequence[Row]) -> int:
        """Rows whose draws sum to their amount, and use up that part of the lots' cost."""
        gone: dict[str, int] = {}
        lots = self._state.lots
        for count, row in enumerate(rows):
            found = _plainly_drawn(row)
            if found is None:
                return count
            recognized = 0
            for draw in found:
                lot = lots.get(draw.grant_id)
                if lot is None:
                    return count
                if lot.cost_paise:
                    before = gone.get(lot.id, lot.gone)
                    recognized += earned_paise(lot, before, draw.credits)
                    gone[lot.id] = before + draw.credits
            if recognized != row[RECOGNIZED]:
                return count
        return len(rows)

    def _explained(self, rows: Sequence[Row]) -> "Explained":
        """Rows whose caps and remainders go on from those before."""
        found = Explained(0, {}, {})
        for count, row in enumerate(rows):
            text = row[FACTS]
            if text is None:
                continue
            template = _TEMPLATES.get((row[FEATURE], self._zone))
            if template is not None and template.from_us <= row[AT_US] < template.until_us:
                _, _, head, tail, use = template
                used = found.uses.get(use)
                if used is None:
                    used = self._state.caps.get(use, 0)
                if text == f'{head}{used},"after":{used + 1}{tail}':
                    found.uses[use] = used + 1
                    continue
            if not self._parsed(row, found):
                return found._replace(rows=count)
        return found._replace(rows=len(rows))

    def _parsed(self, row: Row, found: "Explained") -> bool:
        """Whether facts of no known form are plain; if so, counts them and learns the form."""
        state, feature = self._state, row[FEATURE]
        try:
            facts = facts_of(row[FACTS])
        except ValueError:
            return False
        uses = ChainMap(found.uses, state.caps)
        carried = found.meters.get(feature) or state.meters.get(feature)
        zone = self._zone
        if (
            facts != _only_counters(facts)
            or any(cap_contradictions(USAGE, row[AT_US], facts, uses, zone))
            or any(meter_contradictions(facts, carried))
        ):
            return False
        found.uses.update({(use.cap, use.day): use.after for use in facts.caps})
        if facts.remainder_after is not None:
            found.meters[feature] = facts.remainder_after
        elif len(facts.caps) == 1:
            _learn(feature, zone, row[FACTS], facts.caps[0])
        return True

    def _merged_draws(self, rows: Sequence[Row]) -> tuple[Draw, ...] | None:
        """All the draws of these rows, added up; none where they take more than the lots have."""
        taken: dict[GrantId, int] = {}
        for text, times in Counter([row[DRAWS] for row in rows]).items():
            for draw in drawn(text).draws:
                taken[draw.grant_id] = taken.get(draw.grant_id, 0) + draw.credits * times
        lots = self._state.lots
        if any(lots[grant_id].available < credits for grant_id, credits in taken.items()):
            return None
        return tuple(Draw(grant_id, credits) for grant_id, credits in taken.items())


class Explained(NamedTuple):
    """How many rows were explained, and the counters after them: caps' uses and remainders."""

    rows: int
    uses: dict[tuple[str, int], int]
    meters: dict[str, Remainder]


def _plainly_drawn(row: Row) -> tuple[Draw, ...] | None:
    try:
        found = drawn(row[DRAWS])
    except ValueError:
        return None
    return found.draws if found.is_plain and found.credits == -row[AVAILABLE_CHANGE] else None


def _earned(rows: Sequence[Row]) -> dict[str, int]:
    """The paise that these charges earned, by category."""
    earned: dict[str, int] = {}
    for row in rows:
        if row[RECOGNIZED]:
            earned[row[CATEGORY]] = earned.get(row[CATEGORY], 0) + row[RECOGNIZED]
    return earned


def _only_counters(facts: Facts) -> Facts:
    return Facts(
        caps=facts.caps,
        remainder_before=facts.remainder_before,
        remainder_after=facts.remainder_after,
    )


def _learn(feature: str, time_zone: str, text: str, use: CapUse) -> None:
    # A quote within a JSON string is escaped, so this can only be the member's own name.
    head = text[: text.index('"before":') + len('"before":')]
    counts = f'{use.before},"after":{use.after}'
    if len(_TEMPLATES) >= _MOST_TEMPLATES:
        _TEMPLATES.clear()
    _TEMPLATES[feature, time_zone] = Template(
        from_us=day_start_us(time_zone, use.day),
        until_us=day_start_us(time_zone, use.day + 1),
        head=head,
        tail=text[len(head) + len(counts) :],
        use=(use.cap, use.day),
    )


def _merged(
    rows: Sequence[Row], draws: tuple[Draw, ...], explained: Explained
) -> Iterator[Transaction]:
    """One charge for all, then one of no credits for each further remainder."""
    last = transaction_of(rows[-1])
    credits = sum([row[ACCOUNT_CHANGE] for row in rows])
    caps = tuple(CapUse(cap, day, 0, used, 0) for (cap, day), used in explained.uses.items())
    charge = replace(
        last,
        available_change=-credits,
        account=CONSUMED if credits else None,
        account_change=credits,
        draws=draws,
        facts=Facts(caps=caps),
        recognized_paise=0,
    )
    yield charge
    for feature, remainder in explained.meters.items():
        yield replace(
            charge,
            available_change=0,
            account=None,
            account_change=0,
            draws=(),
            feature=feature,
            facts=Facts(remainder_after=remainder),
        )
