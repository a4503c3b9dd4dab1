"""A clock to turn by hand, and a desk at which a test works with one wallet."""

import time
from datetime import UTC, datetime
from itertools import count

from khata.app.runtime import Khata
from khata.domain.commands import Command, Consume, GrantCredits, OpenHold, Recorded
from khata.domain.ledger import Transaction
from khata.domain.wallet import NEVER_US, Hold, Lot, Wallet

# 11:30 in Asia/Kolkata.
NOON_US = round(datetime(2026, 11, 22, 6, tzinfo=UTC).timestamp()) * 1_000_000
SECOND_US = 1_000_000


class Clock:
    """Stands until it is turned."""

    def __init__(self) -> None:
        self.at_us = NOON_US

    def __call__(self) -> int:
        return self.at_us

    def turn_to_the_worlds(self) -> None:
        """For what has no other clock, as providers of identities and libraries."""
        self.at_us = time.time_ns() // 1000

    def turn(self, *, seconds: float = 0, days: float = 0) -> None:
        self.at_us += round((seconds + days * 86_400) * SECOND_US)


class BankClock:
    """The same time as the simulator counts it: in seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> int:
        return self._clock.at_us // SECOND_US

    def advance(self, seconds: int) -> None:
        self._clock.turn(seconds=seconds)


class Desk:
    """Khata with a wallet, and short ways to do things to it. Keys are counted."""

    def __init__(self, khata: Khata, wallet: Wallet, clock: Clock) -> None:
        self.khata = khata
        self.wallet = wallet
        self.clock = clock
        self.numbers = count(1)

    @property
    def key(self) -> str:
        return f"key-{next(self.numbers):06}"

    async def do(self, command: Command) -> Transaction:
        """The command's transaction; it must have one."""
        outcome = (await self.khata.engine.submit(command)).outcome
        assert isinstance(outcome, Recorded), outcome
        return outcome.transaction

    async def grant(self, credits: int, *, expires_at_us: int = NEVER_US) -> Lot:
        transaction = await self.do(
            GrantCredits(
                wallet_id=self.wallet.id,
                idempotency_key=self.key,
                kind="bonus",
                credits=credits,
                note="for a test",
                expires_at_us=expires_at_us,
            )
        )
        return transaction.facts.grants[0]

    async def consume(
        self, feature: str = "EMAIL_SEND", quantity: int = 1, member_id: str | None = None
    ) -> Transaction:
        return await self.do(
            Consume(
                wallet_id=self.wallet.id,
                idempotency_key=self.key,
                feature=feature,
                quantity=quantity,
                member_id=member_id,
            )
        )

    async def hold(self, credits: int, *, ttl_seconds: int = 600) -> Hold:
        transaction = await self.do(
            OpenHold(
                wallet_id=self.wallet.id,
                idempotency_key=self.key,
                feature="AI_SUMMARY",
                credits=credits,
                ttl_seconds=ttl_seconds,
            )
        )
        assert transaction.facts.hold
        return transaction.facts.hold
