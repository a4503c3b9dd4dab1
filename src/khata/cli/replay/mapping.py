"""Which column of a trace is metered as which feature, and what it costs."""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from khata.cli.failures import WronglyUsed

DEFAULT_MAP = "ContextTokens=LLM_INPUT,GeneratedTokens=LLM_OUTPUT"
EXAMPLE = "docs/examples/llm-prices.json"
_FEATURE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


class Metered(Struct, frozen=True):
    """One column's part in the map."""

    column: str
    feature: str


class PriceSeen(Struct, frozen=True):
    """`credits` for every `per` units, as the server's price list says."""

    feature: str
    credits: int
    per: int = 1

    def reserve(self, quantity: int) -> int:
        """Credits that surely cover this quantity."""
        return -(-quantity * self.credits // self.per)


def read_map(text: str) -> tuple[Metered, ...]:
    """`Column=FEATURE,…` as parts, in its order. Raises `WronglyUsed`."""
    parts = tuple(_part(part) for part in text.split(","))
    columns, features = {p.column for p in parts}, {p.feature for p in parts}
    if len(columns) < len(parts) or len(features) < len(parts):
        raise WronglyUsed(f"--feature-map {text} names a column or a feature twice.")
    return parts


def _part(text: str) -> Metered:
    column, equals, feature = (word.strip() for word in text.partition("="))
    if not column or not equals or not _FEATURE.fullmatch(feature):
        raise WronglyUsed(
            f"--feature-map has {text!r}: write Column=FEATURE, several with commas between, as"
            f" {DEFAULT_MAP}; * is every row itself, as *=API_BASIC_REQUEST."
        )
    return Metered(column, feature)


def prices_of(parts: Sequence[Metered], known: Mapping[str, PriceSeen]) -> tuple[PriceSeen, ...]:
    """The prices of the mapped features. Raises `WronglyUsed` for features without one."""
    missing = [part.feature for part in parts if part.feature not in known]
    if missing:
        raise WronglyUsed(
            f"The server's price list has no {' and no '.join(missing)}: publish one that has, as"
            f" {EXAMPLE} (docs/how-to/replay.md says how), or map the columns to other features."
        )
    return tuple(known[part.feature] for part in parts)
