"""A wallet that is watched: what happens to it, and what is told of it."""

from collections.abc import Sequence

from desk import Desk
from khata.postgres.asking import ask, borrowed

ALERTS_AS_THEY_CAME = """
select type, state from alerts where wallet_id = $1 order by raised_at, type desc"""


async def watch(desk: Desk) -> None:
    """All that is news, before the watcher."""
    while await desk.khata.events.relay.relay_once():
        pass
    while await desk.khata.watching.reader.read_once():
        pass


async def work(desk: Desk) -> None:
    while await desk.khata.worker.work_once():
        pass


async def told(desk: Desk) -> list[tuple[str, str]]:
    async with borrowed(desk.khata.registries) as connection:
        found = await ask(connection, ALERTS_AS_THEY_CAME, desk.wallet.id)
    return [(row[0], row[1]) for row in found]


async def spend(desk: Desk, credits: int, member_id: str | None = None) -> None:
    await desk.consume("EMAIL_SEND", credits, member_id)


async def live(desk: Desk, amounts: Sequence[int], *, looks_often: bool = False) -> None:
    """Grants and charges of these amounts, a second apart."""
    for amount in amounts:
        desk.clock.turn(seconds=1)
        await (desk.grant(amount) if amount > 0 else spend(desk, -amount))
        if looks_often:
            await watch(desk)
    await watch(desk)
