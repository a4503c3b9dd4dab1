"""A resident's days played through the engine, by a clock that is turned by hand."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import count
from random import Random

from khata.cli.demo.cast import Resident
from khata.cli.demo.days import SECOND_US, Moment, Use
from khata.domain.commands import Command, Recorded
from khata.domain.consume import Consume
from khata.domain.grants import GrantCredits, Purchase
from khata.domain.holds import CaptureHold, OpenHold, ReleaseHold
from khata.domain.ids import WalletId
from khata.domain.ledger import Transaction
from khata.domain.money import PAISE_PER_RUPEE
from khata.domain.refunds import RefundUsage
from khata.domain.rules import Rules
from khata.domain.transfers import Transfer
from khata.engine.books import Books
from khata.engine.engine import Engine

HOUR_US = 3600 * SECOND_US
DAY_US = 24 * HOUR_US
WELCOME_DAYS = 30
FESTIVAL_EVERY, FESTIVAL_CREDITS, FESTIVAL_DAYS = 30, 250, 6
LOW = 200
REFUNDED = 0.012
RELEASED, FORGOTTEN = 0.05, 0.03
GIFT_CREDITS = 300


class Player:
    """One resident with an engine and a clock of its own. Its transactions lie in the past."""

    def __init__(
        self,
        resident: Resident,
        wallet_id: WalletId,
        books: Books,
        rules: Callable[[], Rules],
        seed: str,
    ) -> None:
        self.resident = resident
        self.wallet_id = wallet_id
        self.counted: Counter[str] = Counter()
        self._random = Random(f"{seed}:{resident.owner_id}:play")
        self._now_us = 0
        self._engine = Engine(books, rules, lambda: self._now_us)
        self._later: list[tuple[int, int, Command]] = []
        self._numbers = count(1)
        self._keys = count(1)
        self._is_buying = False

    async def play(self, day_start_us: int, moments: Sequence[Moment], end_us: int) -> None:
        """One day, up to the end of the story."""
        for moment in moments:
            if moment.at_us >= end_us:
                break
            await self._play_until(moment.at_us)
            self._turn(moment.at_us)
            await asyncio.gather(*(self._use(use) for use in moment.uses))
        await self._play_until(min(day_start_us + DAY_US, end_us))

    async def welcome(self, at_us: int) -> None:
        """The credits that everybody gets in the beginning."""
        self._turn(at_us)
        await self._grant("bonus", self.resident.welcome, "Welcome", at_us + WELCOME_DAYS * DAY_US)

    async def celebrate(self, day: int, at_us: int) -> None:
        """A festival's promotion, good for a few days."""
        if day and day % FESTIVAL_EVERY == 0:
            self._turn(at_us)
            end_us = at_us + FESTIVAL_DAYS * DAY_US
            await self._grant("promo", FESTIVAL_CREDITS, "Festival days", end_us)

    async def give(self, to: WalletId, at_us: int) -> None:
        """A gift to a neighbour. Nobody may have gone past this instant."""
        self._turn(at_us)
        gift = Transfer(
            wallet_id=self.wallet_id,
            idempotency_key=self._key(),
            to_wallet_id=to,
            credits=GIFT_CREDITS,
            note="For your tournament",
        )
        await self._submit(gift)

    async def close(self) -> None:
        await self._engine.drain()

    def _turn(self, at_us: int) -> None:
        self._now_us = max(self._now_us, at_us)

    async def _play_until(self, at_us: int) -> None:
        while self._later and self._later[0][0] <= at_us:
            due_us, _, command = heappop(self._later)
            self._turn(due_us)
            await self._submit(command)
            if isinstance(command, Purchase):
                self._is_buying = False

    async def _use(self, use: Use) -> None:
        if use.is_streamed:
            await self._stream(use)
            return
        done = await self._submit(
            Consume(
                wallet_id=self.wallet_id,
                idempotency_key=self._key(),
                feature=use.feature,
                quantity=use.quantity,
                member_id=use.member_id,
            )
        )
        if done and use.feature == "AI_SUMMARY" and self._random.random() < REFUNDED:
            self._regret(done)

    async def _stream(self, use: Use) -> None:
        turns = self._random.randint(1, 4)
        held = await self._submit(
            OpenHold(
                wallet_id=self.wallet_id,
                idempotency_key=self._key(),
                feature=use.feature,
                quantity=turns,
                member_id=use.member_id,
            )
        )
        fate = self._random.random()
        if held is None or held.facts.hold is None or fate < FORGOTTEN:
            return
        wallet, hold, key = self.wallet_id, held.facts.hold.id, self._key()
        done_us = self._now_us + self._random.randint(4 * SECOND_US, 90 * SECOND_US)
        if fate < FORGOTTEN + RELEASED:
            ended = ReleaseHold(wallet_id=wallet, idempotency_key=key, hold_id=hold)
        else:
            used = self._random.randint(1, turns)
            ended = CaptureHold(wallet_id=wallet, idempotency_key=key, hold_id=hold, quantity=used)
        self._plan(done_us, ended)

    def _regret(self, charge: Transaction) -> None:
        at_us = self._now_us + self._random.randint(5, 90) * 60 * SECOND_US
        back = RefundUsage(
            wallet_id=self.wallet_id,
            idempotency_key=self._key(),
            transaction_id=charge.id,
            reason="The summary was empty",
        )
        self._plan(at_us, back)

    def _buy_soon(self) -> None:
        self._is_buying = True
        pack, key = self.resident.pack, self._key()
        wait = self.resident.patience_hours * self._random.uniform(0.5, 1.5)
        bought = Purchase(
            wallet_id=self.wallet_id,
            idempotency_key=key,
            credits=pack.credits,
            bonus_credits=pack.bonus,
            price_paise=pack.rupees * PAISE_PER_RUPEE,
            payment_id=f"pay_{key}",
        )
        self._plan(self._now_us + round(wait * HOUR_US), bought)

    async def _grant(self, kind: str, credits: int, note: str, expires_at_us: int) -> None:
        await self._submit(
            GrantCredits(
                wallet_id=self.wallet_id,
                idempotency_key=self._key(),
                kind="promo" if kind == "promo" else "bonus",
                credits=credits,
                note=note,
                expires_at_us=expires_at_us,
            )
        )

    async def _submit(self, command: Command) -> Transaction | None:
        outcome = (await self._engine.submit(command)).outcome
        if not isinstance(outcome, Recorded):
            self.counted[getattr(outcome, "code", type(outcome).__name__)] += 1
            if getattr(outcome, "code", "") == "INSUFFICIENT_CREDITS" and not self._is_buying:
                self._buy_soon()
            return None
        transaction = outcome.transaction
        self.counted[transaction.type] += 1
        if transaction.available_after < LOW and not self._is_buying:
            self._buy_soon()
        return transaction

    def _plan(self, at_us: int, command: Command) -> None:
        heappush(self._later, (at_us, next(self._numbers), command))

    def _key(self) -> str:
        return f"demo-{self.resident.owner_id}-{next(self._keys)}"
