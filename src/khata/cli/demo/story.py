"""The whole demo: wallets made in the past, and their days played side by side."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from itertools import groupby
from random import Random

from msgspec import Struct

from khata.app.people.audited import Acting
from khata.app.people.members import NewMember
from khata.app.runtime import Khata
from khata.app.wallets import FirstSettings, Wallets
from khata.cli.demo.cast import NAMES, Resident
from khata.cli.demo.days import ZONE, Moment, microseconds_of, midnight_before, moments
from khata.cli.demo.play import DAY_US, Player
from khata.cli.failures import Failed
from khata.domain.actor import COMMAND_LINE, Actor
from khata.domain.rules import Rules
from khata.domain.wallet import Wallet
from khata.engine.ids import UlidMint
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import open_engine_connection

GIFT_DAY = 40


class Told(Struct, frozen=True):
    """A wallet of the demo and what happened on it, by type of transaction or code of refusal."""

    wallet: Wallet
    counted: Counter[str]


async def tell(
    khata: Khata, residents: Sequence[Resident], seed: str, days: int, advance: Callable[[], None]
) -> list[Told]:
    """Plays all residents' days up to now. Raises `Failed` when there is something already."""
    end_us = khata.now_us()
    first = midnight_before(end_us, days)
    start_us = microseconds_of(first)
    _demand_priced(residents, khata.prices.rules(), start_us)
    wallets = await _made(khata, residents, start_us)
    await _introduce(khata, residents)
    async with AsyncExitStack() as stack:
        books = PostgresBooks(partial(open_engine_connection, khata.server.app_dsn))
        stack.push_async_callback(books.close)
        players = [
            Player(resident, wallet.id, books, khata.prices.rules, seed)
            for resident, wallet in zip(residents, wallets, strict=True)
        ]
        for player in players:
            stack.push_async_callback(player.close)
        plans = [
            _by_day(list(moments(one, first, days, Random(f"{seed}:{one.owner_id}:days"))))
            for one in residents
        ]
        await asyncio.gather(*(player.welcome(start_us) for player in players))
        for day in range(days):
            await _play_day(players, plans, day, start_us + day * DAY_US, end_us)
            advance()
    return [Told(wallet, player.counted) for wallet, player in zip(wallets, players, strict=True)]


async def _play_day(
    players: Sequence[Player],
    plans: Sequence[dict[int, list[Moment]]],
    day: int,
    day_start_us: int,
    end_us: int,
) -> None:
    """Each day begins for all at the same time, so that gifts can be given at its midnight."""
    await asyncio.gather(*(player.celebrate(day, day_start_us) for player in players))
    if day == GIFT_DAY:
        by_owner = {player.resident.owner_id: player for player in players}
        for player in players:
            if player.resident.gift_to:
                await player.give(by_owner[player.resident.gift_to].wallet_id, day_start_us)
    await asyncio.gather(
        *(
            player.play(day_start_us, plan.get(day, []), end_us)
            for player, plan in zip(players, plans, strict=True)
        )
    )


async def _made(khata: Khata, residents: Sequence[Resident], at_us: int) -> list[Wallet]:
    # A registry whose clock stands at the beginning of the story.
    wallets = Wallets(khata.registries, UlidMint(), lambda: at_us)
    made: list[Wallet] = []
    for one in residents:
        wallet, accounts, _ = await wallets.create(
            None, one.owner_type, one.owner_id, one.name, FirstSettings(time_zone=ZONE.key)
        )
        if accounts.sequence:
            raise Failed(
                f"The demo has been told already: {one.owner_type} {one.owner_id} has the wallet"
                f" {wallet.id} with {accounts.sequence:,} transactions. --again tells it once more,"
                " on wallets of its own."
            )
        made.append(wallet)
    return made


async def _introduce(khata: Khata, residents: Sequence[Resident]) -> None:
    """The people among the members, by name. Whoever is there already stays as it is."""
    acting = Acting(Actor(COMMAND_LINE), "owner")
    for external_id in dict.fromkeys(name for one in residents for name in one.members):
        if external_id in NAMES:
            wished = NewMember(name=NAMES[external_id], external_id=external_id)
            await khata.people.members.create(None, wished, acting)


def _by_day(planned: Sequence[Moment]) -> dict[int, list[Moment]]:
    return {day: list(those) for day, those in groupby(planned, lambda moment: moment.day)}


def _demand_priced(residents: Sequence[Resident], rules: Rules, at_us: int) -> None:
    wanted = {feature for one in residents for feature in one.features}
    missing = wanted.difference(rules.prices.at(at_us).features)
    if missing:
        raise Failed(
            f"The price list has no {', no '.join(sorted(missing))}, which the demo uses. Tell the"
            " demo in a new data folder: --data demo-data."
        )
