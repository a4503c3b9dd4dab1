"""The engine: `submit(command)` for everybody who wants credits to move."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import cast

import msgspec

from khata.domain.actor import Actor
from khata.domain.commands import Command, SettleWallet
from khata.domain.ids import bucket_of
from khata.domain.rules import Rules
from khata.engine.batch import (
    Answer,
    Answers,
    Atomic,
    Item,
    Submission,
    Together,
    run_batch,
    weight,
)
from khata.engine.batcher import MAX_BATCH, Batcher, Bug
from khata.engine.books import Books, Unavailable
from khata.engine.confined import confined_to
from khata.engine.ids import UlidMint
from khata.engine.spender import spends_as

Failure = Unavailable | Bug

_encode = msgspec.json.Encoder().encode


def _nothing() -> None:
    """Nobody waits for what is committed."""


class Engine:
    """Batches commands by lane. All commands of a wallet go through the same lane."""

    def __init__(
        self,
        books: Books,
        rules: Callable[[], Rules],
        now_us: Callable[[], int],
        *,
        lanes: int = 1,
        max_batch: int = MAX_BATCH,
        committed: Callable[[], None] = _nothing,
    ) -> None:
        """`committed` is called after each batch: something may be new in the books."""
        self._books = books
        self._rules = rules
        self._now_us = now_us
        self._committed = committed
        self._mint = UlidMint()
        self.lanes = [Batcher[Item, Answers](self._run, max_batch, weight) for _ in range(lanes)]

    def submit(self, command: Command, by: Actor | None = None) -> Awaitable[Answer]:
        """The outcome of a command, once durable. Raises `Unavailable` or `Bug`.

        A task that is confined to an organization finds no wallet of another one. An administrative
        act of somebody stands in the audit log when it stands in the ledger.
        """
        return cast("Awaitable[Answer]", self._lane(command).submit(self._stamped(command, by)))

    def submit_atomic(
        self, commands: Sequence[Command], by: Actor | None = None
    ) -> Awaitable[tuple[Answer, ...]]:
        """The outcomes of commands on one wallet, of which all are carried out or none."""
        group = Atomic(tuple(self._stamped(command, by) for command in commands))
        return cast("Awaitable[tuple[Answer, ...]]", self._lane(commands[0]).submit(group))

    async def submit_together(
        self, commands: Sequence[Command], by: Actor | None = None
    ) -> list[Answer | Failure]:
        """The outcome of each command, each on its own, with an exception for one that has none.

        Cheaper than submitting them one by one.
        """
        places: dict[Batcher[Item, Answers], list[int]] = {}
        for place, command in enumerate(commands):
            places.setdefault(self._lane(command), []).append(place)
        answers: dict[int, Answer | Failure] = {}
        parts = (
            self._part(lane, [commands[place] for place in at], by) for lane, at in places.items()
        )
        for at, part in zip(places.values(), await asyncio.gather(*parts), strict=True):
            answers.update(zip(at, part, strict=True))
        return [answers[place] for place in range(len(commands))]

    async def _part(
        self, lane: Batcher[Item, Answers], commands: list[Command], by: Actor | None
    ) -> Sequence[Answer | Failure]:
        together = Together(tuple([self._stamped(command, by) for command in commands]))
        try:
            return cast("tuple[Answer, ...]", await lane.submit(together))
        except Unavailable as error:
            return [error] * len(commands)
        except Bug:
            return await asyncio.gather(*(self._alone(command, by) for command in commands))

    async def _alone(self, command: Command, by: Actor | None) -> Answer | Failure:
        try:
            return await self.submit(command, by)
        except (Unavailable, Bug) as error:
            return error

    async def drain(self) -> None:
        """Finish everything submitted, and take nothing more."""
        for lane in self.lanes:
            await lane.drain()

    def _lane(self, command: Command) -> Batcher[Item, Answers]:
        lanes = self.lanes
        return lanes[bucket_of(command.wallet_id) % len(lanes)] if len(lanes) > 1 else lanes[0]

    def _stamped(self, command: Command, by: Actor | None) -> Submission:
        keyless = command.idempotency_key is None
        assert not keyless or isinstance(command, SettleWallet), "a command needs a key"
        ulid = self._mint.for_wallet(command.wallet_id)
        who = confined_to(), spends_as()
        return Submission(command, ulid, fingerprint(command), *who, by)

    async def _run(self, items: Sequence[Item]) -> list[Answers]:
        answers = await run_batch(self._books, items, self._rules(), self._now_us())
        self._committed()
        return answers


def fingerprint(command: Command) -> bytes:
    """16 bytes that tell whether two requests under one key ask for the same."""
    return blake2b(_encode(command), digest_size=16).digest()


def fingerprint_of(operation: str, body: object) -> bytes:
    """The same for a request that is no command of the engine."""
    return blake2b(_encode((operation, body)), digest_size=16).digest()
