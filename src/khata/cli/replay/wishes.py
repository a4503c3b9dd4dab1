"""What is asked of Khata for one row, and under which keys.

Without holds, each mapped column with a quantity above zero is consumed.

With holds, the last column of the map is what is known only in the end (the output of a model),
and all before it is known when the request comes in:

    request comes   hold the last feature for the price of all that is known, and of as much output
                    as the first column says (or as --max-output says)
    request done    capture what the last column came to, which meters it exactly and gives the
                    rest back; consume the columns before it

A key names the file's content, the line and the column. So a row is charged once on a wallet,
however often and in whatever way the file is replayed.
"""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from khata.cli.replay.mapping import Metered, PriceSeen
from khata.cli.replay.trace import Request

Item = dict[str, Any]

_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9_-]")
_KEPT = 32


class Wish(Struct, frozen=True):
    """One item of a batch. `part` is the mapped column it meters, none where it meters nothing."""

    request: Request
    item: Item
    part: int | None = None


class Wishes(Struct, frozen=True):
    """Makes the items for the rows of one file on one wallet. `run` names a run of its own."""

    wallet_id: str
    digest: str
    parts: Sequence[Metered]
    prices: Sequence[PriceSeen]
    run: str | None = None
    max_output: int | None = None

    def consumed(self, request: Request) -> list[Wish]:
        """All columns at once."""
        return self._consumes(request, range(len(self.parts)))

    def held(self, request: Request) -> Wish:
        """A hold that covers the whole request as far as one can tell beforehand."""
        feature = self.parts[-1].feature
        amount: Item = {"credits": self._reserve(request)}
        if not amount["credits"]:  # at no price, a quantity says at least how much is meant
            amount = {"quantity": max(self._estimate(request), 1)}
        return Wish(request, self._item(request, "hold", "hold", feature=feature, **amount))

    def finished(self, request: Request, hold_id: str) -> list[Wish]:
        """The hold captured, and what was known beforehand consumed."""
        last = len(self.parts) - 1
        quantity = request.quantities[last]
        if quantity:
            ended = self._item(
                request, "capture", self._column(last), hold_id=hold_id, quantity=quantity,
                over_capture="if_available",
            )  # fmt: skip
            first = Wish(request, ended, last)
        else:
            first = self.released(request, hold_id)
        return [first, *self._consumes(request, range(last))]

    def released(self, request: Request, hold_id: str) -> Wish:
        """The hold given back."""
        return Wish(request, self._item(request, "release", "free", hold_id=hold_id))

    def late(self, request: Request) -> Wish:
        """The last column consumed because its hold ran out before it could be captured."""
        last = len(self.parts) - 1
        return Wish(request, self._consume(request, last, f"{self._column(last)}-late"), last)

    def _consumes(self, request: Request, parts: range) -> list[Wish]:
        return [
            Wish(request, self._consume(request, part, self._column(part)), part)
            for part in parts
            if request.quantities[part]
        ]

    def _consume(self, request: Request, part: int, purpose: str) -> Item:
        feature, quantity = self.parts[part].feature, request.quantities[part]
        return self._item(request, "consume", purpose, feature=feature, quantity=quantity)

    def _item(self, request: Request, op: str, purpose: str, **body: object) -> Item:
        run = f"{self.run}-" if self.run else ""
        key = f"replay-{run}{self.digest}-{request.line}-{purpose}"
        return {"op": op, "wallet_id": self.wallet_id, "idempotency_key": key, **body}

    def _column(self, part: int) -> str:
        return f"column-{_NOT_IN_KEYS.sub('_', self.parts[part].column)[:_KEPT]}"

    def _estimate(self, request: Request) -> int:
        return request.quantities[0] if self.max_output is None else self.max_output

    def _reserve(self, request: Request) -> int:
        known = zip(self.prices[:-1], request.quantities[:-1], strict=True)
        reserve = sum(price.reserve(quantity) for price, quantity in known)
        return reserve + self.prices[-1].reserve(self._estimate(request))
