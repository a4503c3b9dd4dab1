"""What a watch finds is told as it was at that moment, on random histories and in any stretches."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from khata.domain.burn import Used
from khata.domain.limits import DAY_US, HOUR_US
from khata.domain.watch import Lines, Seen, Watch, look

LINES = Lines(low_balance_threshold=50, rapid_burn_limit=150)

gaps = st.sampled_from([0, 0, 1, HOUR_US, DAY_US // 3, DAY_US - 1, DAY_US])
histories = st.lists(st.tuples(gaps, st.integers(-100, 200)), max_size=30)


def ledger(history: Sequence[tuple[int, int]]) -> list[Seen]:
    """Credits that come and go; none goes that is not there."""
    seen: list[Seen] = []
    at_us = available = 0
    for sequence, (gap_us, amount) in enumerate(history, 1):
        at_us += gap_us
        change = max(amount, -available)
        available += change
        seen.append(Seen(sequence, at_us, available, max(-change, 0)))
    return seen


def charges_of(seen: Sequence[Seen]) -> list[Used]:
    return [Used(each.sequence, each.at_us, each.charged) for each in seen if each.charged]


@given(histories, st.lists(st.integers(1, 9)))
def test_what_is_found_is_as_it_stood_then(
    history: list[tuple[int, int]], sizes: list[int]
) -> None:
    seen, watch, done = ledger(history), Watch(), 0
    for size in (*sizes, len(seen)):
        stretch = seen[done : done + size]
        done += len(stretch)
        known = [used for used in charges_of(seen[:done]) if used.sequence > watch.burn.tail]
        watch, findings = look(watch, stretch, known, LINES, 0)
        for crossing, burn in findings.lines:
            before = charges_of(seen[: crossing.sequence])
            within = [used for used in before if used.at_us > crossing.at_us - DAY_US]
            assert burn.used == sum(used.credits for used in within)
            assert burn.oldest_us == (within[0].at_us if within else None)
        for burning, available in findings.burns:
            stood = [each.available for each in seen[:done] if each.at_us <= burning.at_us]
            assert available == stood[-1]
