"""What a store remembers of a wallet holds only while nobody else has changed the wallet, and what
it reads is all that a decision needs, however old. Memory's answers are the measure."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count

import pytest
from msgspec.structs import replace

from khata.app.wallets import WalletPatch
from khata.domain.commands import (
    CaptureHold,
    Command,
    Consume,
    ExtendHold,
    GrantCredits,
    OpenHold,
    Outcome,
    Recorded,
    RefundUsage,
    ReleaseHold,
    Transfer,
)
from khata.domain.holds import MAX_TTL_SECONDS
from khata.domain.ids import HoldId, WalletId
from khata.domain.ledger import Transaction
from khata.domain.refusals import CapReached, HoldExpired, InsufficientCredits, WalletFrozen
from khata.engine.batch import Answer, Submission
from khata.engine.engine import fingerprint
from khata.postgres.server import Server
from khata.testing import DAY_US, NEW_YEAR_US, SECOND_US, CountedUlids
from lives import ACME, ZEN
from pair import Pair, opened_pair

START_US = NEW_YEAR_US
HERE, THERE = 0, 1


class Teller:
    """Says commands to a pair, each under a key of its own."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self._ulids = CountedUlids()
        self._keys = count(1)

    def submission(self, command: Command) -> Submission:
        keyed = replace(command, idempotency_key=f"key-{next(self._keys):06}")
        return Submission(keyed, self._ulids.for_wallet(keyed.wallet_id), fingerprint(keyed))

    async def say(self, *commands: Command, at_us: int = START_US, by: int = HERE) -> list[Outcome]:
        """The outcomes of one batch, carried out by that store."""
        items = [self.submission(command) for command in commands]
        answers = await self.pair.carry_out(items, at_us, by)
        return [answer.outcome for answer in answers if isinstance(answer, Answer)]

    async def recorded(
        self, command: Command, at_us: int = START_US, by: int = HERE
    ) -> Transaction:
        """The transaction of a command that is carried out."""
        (outcome,) = await self.say(command, at_us=at_us, by=by)
        assert isinstance(outcome, Recorded), outcome
        return outcome.transaction

    async def hold(self, seconds: int, feature: str = "USE") -> HoldId:
        """A new hold of one unit."""
        command = OpenHold(wallet_id=ACME, feature=feature, quantity=1, ttl_seconds=seconds)
        made = (await self.recorded(command)).facts.hold
        assert made is not None
        return made.id


@pytest.fixture
async def teller(database: Server) -> AsyncIterator[Teller]:
    """A wallet with 100 credits, and another with none."""
    async with AsyncExitStack() as stack:
        teller = Teller(await opened_pair(database, stack))
        await teller.recorded(granted(100))
        yield teller
        teller.pair.compare_rows()


def granted(credits: int, wallet_id: WalletId = ACME) -> GrantCredits:
    return GrantCredits(wallet_id=wallet_id, kind="bonus", credits=credits, note="")


def used(quantity: int = 1, wallet_id: WalletId = ACME, feature: str = "USE") -> Consume:
    return Consume(wallet_id=wallet_id, feature=feature, quantity=quantity)


def given(credits: int, giver: WalletId = ACME, to: WalletId = ZEN) -> Transfer:
    return Transfer(wallet_id=giver, to_wallet_id=to, credits=credits, note="")


async def test_a_charge_elsewhere_is_seen(teller: Teller) -> None:
    await teller.recorded(used(60))
    await teller.recorded(used(30), by=THERE)
    assert await teller.say(used(11)) == [InsufficientCredits.of(11, 10)]


async def test_a_gift_elsewhere_is_seen_by_the_receiver(teller: Teller) -> None:
    assert await teller.say(used(1, ZEN)) == [InsufficientCredits.of(1, 0)]
    await teller.recorded(given(40), by=THERE)
    charge = await teller.recorded(used(40, ZEN))
    assert charge.available_after == 0


async def test_a_hold_elsewhere_is_captured_here(teller: Teller) -> None:
    await teller.recorded(used(1))
    opened = await teller.recorded(OpenHold(wallet_id=ACME, feature="USE", credits=9), by=THERE)
    hold_id = HoldId(opened.source_id or "")
    captured = await teller.recorded(CaptureHold(wallet_id=ACME, hold_id=hold_id, credits=4))
    assert (captured.available_after, captured.reserved_after) == (95, 0)


async def test_a_refund_goes_back_to_a_lot_that_was_spent_long_ago(teller: Teller) -> None:
    charge = await teller.recorded(used(100))
    await teller.recorded(granted(5))
    refund = RefundUsage(wallet_id=ACME, transaction_id=charge.id, credits=30, reason="")
    back = await teller.recorded(refund, by=THERE)
    assert [(draw.grant_id, draw.credits) for draw in back.draws] == [
        (charge.draws[0].grant_id, -30)
    ]
    assert (await teller.recorded(used(35))).available_after == 0


async def test_new_settings_are_seen_between_two_batches(teller: Teller) -> None:
    await teller.recorded(used())
    await teller.pair.change(ACME, WalletPatch(status="frozen"))
    assert await teller.say(used()) == [WalletFrozen("frozen")]
    await teller.pair.change(ACME, WalletPatch(status="active", caps={"AI": 1}))
    await teller.recorded(used(feature="CALL"))
    (refused,) = await teller.say(used(feature="CALL"))
    assert isinstance(refused, CapReached)
    assert refused.limit == 1


async def test_a_hold_due_by_the_wallets_own_time_is_given_back_by_a_late_clock(
    teller: Teller,
) -> None:
    """Another server's clock is ahead: its charge made the hold due, and ours must see that."""
    hold_id = await teller.hold(seconds=5)
    await teller.recorded(used(99), at_us=START_US + 4 * SECOND_US)
    await teller.pair.change(ACME, WalletPatch(name="changed, so that the wallet is read again"))
    ahead_us = START_US + 10 * SECOND_US
    await teller.recorded(granted(1, ZEN), at_us=ahead_us, by=THERE)
    await teller.recorded(given(1, giver=ZEN, to=ACME), at_us=ahead_us, by=THERE)
    (late,) = await teller.say(CaptureHold(wallet_id=ACME, hold_id=hold_id, credits=1))
    assert isinstance(late, HoldExpired)
    assert (await teller.recorded(used(2))).available_after == 0


async def test_a_hold_extended_for_days_gives_its_operation_back_to_its_day(
    teller: Teller,
) -> None:
    hold_id = await teller.hold(seconds=MAX_TTL_SECONDS, feature="CALL")
    await teller.recorded(used(feature="CALL"))
    at_us = START_US
    for _ in range(6):
        at_us += DAY_US - SECOND_US
        longer = ExtendHold(wallet_id=ACME, hold_id=hold_id, ttl_seconds=MAX_TTL_SECONDS)
        await teller.say(longer, at_us=at_us)
    release = ReleaseHold(wallet_id=ACME, hold_id=hold_id)
    ended = await teller.recorded(release, at_us=at_us, by=THERE)
    assert [(use.before, use.after) for use in ended.facts.caps] == [(2, 1)]


async def test_a_hold_that_expires_after_days_gives_its_operation_back_to_its_day(
    teller: Teller,
) -> None:
    await teller.hold(seconds=MAX_TTL_SECONDS, feature="CALL")
    await teller.recorded(used(feature="CALL"))
    await teller.recorded(used(), at_us=START_US + 9 * DAY_US, by=THERE)


async def test_a_thousand_commands_in_one_batch(teller: Teller) -> None:
    commands = [used() if place % 2 else granted(2) for place in range(1000)]
    outcomes = await teller.say(*commands)
    assert {type(outcome) for outcome in outcomes} == {Recorded}
    await teller.recorded(used(600), by=THERE)
