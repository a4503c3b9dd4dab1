"""What came of a replay: requests, quantities, credits and refusals, now and before."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from khata.cli.replay.client import Result
from khata.cli.replay.mapping import Metered
from khata.cli.replay.wishes import Wish

KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"


class FeatureTotal(Struct):
    """A feature's charges: how many, of what quantity, and the credits they came to."""

    charges: int = 0
    quantity: int = 0
    credits: int = 0
    credits_now: int = 0


class Tally:
    """Counts what each item came to.

    What stands at a sequence up to `known_sequence` had been metered before this run began.
    """

    def __init__(self, parts: Sequence[Metered], known_sequence: int) -> None:
        self.features = {part.feature: FeatureTotal() for part in parts}
        self.refusals: Counter[str] = Counter()
        self.requests = 0
        self.moved_now = 0
        self._parts = parts
        self._file = 0
        self._known = known_sequence
        self._fresh: set[tuple[int, int]] = set()
        self._refused: set[tuple[int, int]] = set()
        self._otherwise: set[tuple[int, int]] = set()

    @property
    def refused(self) -> int:
        """Requests of which something was refused."""
        return len(self._refused)

    @property
    def fresh(self) -> int:
        """Requests of which something was metered now, and not before."""
        return len(self._fresh)

    @property
    def otherwise(self) -> int:
        """Requests that stand already by another map, way or price list; they stay as they are."""
        return len(self._otherwise)

    def begin_file(self) -> None:
        """From now on, lines are of the next file."""
        self._file += 1

    def count(self, wish: Wish, result: Result) -> None:
        """Adds what became of one item."""
        if result.transaction is None:
            if result.code is not None:
                self.refuse(wish, result.code)
            return
        is_new = result.transaction.sequence > self._known
        self.moved_now += is_new
        if is_new:
            self._fresh.add((self._file, wish.request.line))
        if wish.part is not None:
            self._charge(wish, wish.part, _charged(result), is_new=is_new)

    def refuse(self, wish: Wish, code: str) -> None:
        """Adds a refusal. A key that stands for another wish means: metered before, otherwise."""
        if code == KEY_REUSED:
            self._otherwise.add((self._file, wish.request.line))
            return
        self.refusals[code] += 1
        self._refused.add((self._file, wish.request.line))

    def _charge(self, wish: Wish, part: int, credits: int, *, is_new: bool) -> None:
        total = self.features[self._parts[part].feature]
        total.charges += 1
        total.quantity += wish.request.quantities[part]
        total.credits += credits
        total.credits_now += credits if is_new else 0


def _charged(result: Result) -> int:
    if result.hold is not None:
        return result.hold.captured_credits
    assert result.transaction is not None
    return -result.transaction.credits
