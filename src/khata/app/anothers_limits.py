"""What a limit says of others is not for everybody who sees what it counted.

The limit that a platform's key brings along counts what all organizations spend by it. It stands in
their ledgers and refusals; who works for one of them is shown nothing of it.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from khata.domain.budgets import BudgetUse
from khata.domain.refusals import AnothersLimit, AnyRefusal, BudgetExceeded
from khata.engine.confined import confined_to
from khata.engine.spender import spends_as
from khata.postgres.asking import borrowed
from khata.postgres.budgets import owned
from khata.postgres.connect import Pool
from khata.postgres.refusals import KeptRefusal


async def own_uses(pool: Pool, uses: Sequence[BudgetUse]) -> tuple[BudgetUse, ...]:
    """Those that this task may know of."""
    others = await _others(pool, (use.budget_id for use in uses if use.level == "key"))
    return tuple(use for use in uses if use.budget_id not in others)


async def own_refusals(pool: Pool, found: Sequence[KeptRefusal]) -> list[KeptRefusal]:
    """These refusals, without what this task may not know of."""
    limits = [_limit_of_key(each.refusal) for each in found]
    others = await _others(pool, filter(None, limits))
    return [
        _without_limit(each) if limit in others else each
        for each, limit in zip(found, limits, strict=True)
    ]


def own_replay(refusal: AnyRefusal) -> AnyRefusal | AnothersLimit:
    """A refusal as it is answered once more, perhaps not to the key that it was answered to."""
    if confined_to() is None or not isinstance(refusal, BudgetExceeded) or refusal.level != "key":
        return refusal
    return refusal if refusal.subject == spends_as().key_id else AnothersLimit()


async def _others(pool: Pool, budget_ids: Iterable[str]) -> set[str]:
    within, named = confined_to(), set(budget_ids)
    if within is None or not named:
        return set()
    async with borrowed(pool) as connection:
        return named - await owned(connection, within, named)


def _limit_of_key(refusal: AnyRefusal | AnothersLimit) -> str | None:
    if isinstance(refusal, BudgetExceeded) and refusal.level == "key":
        return refusal.budget_id
    return None


def _without_limit(kept: KeptRefusal) -> KeptRefusal:
    so = replace(kept.circumstances, key_id=None)
    return replace(kept, refusal=AnothersLimit(), circumstances=so)
