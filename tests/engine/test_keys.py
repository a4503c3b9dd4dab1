"""Idempotency: the first decision on a key stays with it, whatever comes under that key later."""

from typing import get_args

import pytest
from msgspec.structs import replace

from khata.domain.commands import (
    Command,
    Consume,
    Extended,
    ExtendHold,
    GrantCredits,
    OpenHold,
    Recorded,
    SettleWallet,
    Transfer,
)
from khata.domain.ids import HoldId
from khata.domain.refusals import AnyRefusal, WalletFrozen
from khata.engine.batch import Answer
from khata.engine.engine import Engine, fingerprint
from khata.testing import HandClock, MemoryBooks, rules, wallet, wallet_id
from khata.testing.audit import audit

ACME, ZEN = wallet_id("acme"), wallet_id("zen")

pytestmark = pytest.mark.anyio


class Desk:
    """An engine on two wallets, of which acme has 100 credits."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.books = MemoryBooks(wallet("acme"), wallet("zen"))
        self.engine = Engine(self.books, rules, self.clock)

    async def submit(self, command: Command) -> Answer:
        return await self.engine.submit(command)

    async def code(self, command: Command) -> str:
        outcome = (await self.submit(command)).outcome
        return outcome.code if isinstance(outcome, AnyRefusal) else type(outcome).__name__


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.submit(
        GrantCredits(wallet_id=ACME, idempotency_key="first", kind="bonus", credits=100, note="")
    )
    return desk


def consume(key: str = "key-1", quantity: int = 1, feature: str = "USE") -> Consume:
    return Consume(wallet_id=ACME, idempotency_key=key, quantity=quantity, feature=feature)


async def test_the_same_request_is_answered_by_the_first_decision(desk: Desk) -> None:
    first = await desk.submit(consume())
    desk.clock.forward(10**6)
    again = await desk.submit(consume())
    assert (first.replayed, again.replayed) == (False, True)
    assert again.outcome == first.outcome
    assert desk.books.book(ACME).accounts.available == 99


@pytest.mark.parametrize(
    "other",
    [
        consume(quantity=2),
        consume(feature="NOWHERE"),
        replace(consume(), metadata="{}"),
        replace(consume(), member_id="mem-1"),
        replace(consume(), credits=1),
        OpenHold(wallet_id=ACME, idempotency_key="key-1", feature="USE", quantity=1),
        Transfer(wallet_id=ACME, idempotency_key="key-1", to_wallet_id=ZEN, credits=1, note=""),
    ],
)
async def test_another_request_under_the_key_is_refused_and_moves_nothing(
    desk: Desk, other: Command
) -> None:
    first = await desk.submit(consume())
    assert await desk.code(other) == "IDEMPOTENCY_KEY_REUSED"
    assert desk.books.book(ACME).accounts.available == 99
    assert (await desk.submit(consume())).outcome == first.outcome


async def test_what_is_left_to_its_default_is_the_same_request(desk: Desk) -> None:
    await desk.submit(Consume(wallet_id=ACME, idempotency_key="key-1", feature="USE"))
    assert (await desk.submit(consume(quantity=1))).replayed


async def test_a_refusal_stays_a_refusal_when_credits_have_come(desk: Desk) -> None:
    assert await desk.code(consume(quantity=101)) == "INSUFFICIENT_CREDITS"
    await desk.submit(
        GrantCredits(wallet_id=ACME, idempotency_key="more", kind="bonus", credits=9, note="")
    )
    again = await desk.submit(consume(quantity=101))
    assert again.replayed
    assert isinstance(again.outcome, AnyRefusal)
    assert await desk.code(consume(key="key-2", quantity=101)) == "Recorded"


@pytest.mark.parametrize(
    ("undecided", "code"),
    [
        (consume(feature="NOWHERE"), "UNKNOWN_FEATURE"),
        (
            ExtendHold(
                wallet_id=ACME,
                idempotency_key="key-1",
                hold_id=HoldId("hld_" + "0" * 26),
                ttl_seconds=9,
            ),
            "HOLD_NOT_FOUND",
        ),
        (
            Transfer(
                wallet_id=ACME,
                idempotency_key="key-1",
                to_wallet_id=wallet_id("nobody"),
                credits=1,
                note="",
            ),
            "WALLET_NOT_FOUND",
        ),
        (
            GrantCredits(
                wallet_id=ACME, idempotency_key="key-1", kind="bonus", credits=10**15, note=""
            ),
            "INVALID_CREDIT_AMOUNT",
        ),
    ],
)
async def test_what_never_reached_a_decision_leaves_the_key_unused(
    desk: Desk, undecided: Command, code: str
) -> None:
    assert await desk.code(undecided) == code
    assert await desk.code(consume()) == "Recorded"


async def test_a_key_belongs_to_its_wallet(desk: Desk) -> None:
    await desk.submit(consume())
    theirs = replace(consume(), wallet_id=ZEN)
    assert await desk.code(theirs) == "INSUFFICIENT_CREDITS"


async def test_an_extension_is_answered_again_though_it_wrote_no_transaction(desk: Desk) -> None:
    held = await desk.submit(
        OpenHold(wallet_id=ACME, idempotency_key="key-1", feature="USE", quantity=5)
    )
    assert isinstance(held.outcome, Recorded)
    hold = held.outcome.transaction.facts.hold
    assert hold is not None
    extend = ExtendHold(wallet_id=ACME, idempotency_key="key-2", hold_id=hold.id, ttl_seconds=900)
    first = await desk.submit(extend)
    desk.clock.forward(60)
    again = await desk.submit(extend)
    assert isinstance(first.outcome, Extended)
    assert again == Answer(first.outcome, replayed=True)
    assert desk.books.book(ACME).holds[hold.id] == first.outcome.hold


async def test_a_sweep_has_no_key_and_finds_nothing_the_second_time(desk: Desk) -> None:
    await desk.submit(OpenHold(wallet_id=ACME, idempotency_key="key-1", feature="USE", quantity=5))
    desk.clock.forward(3600)
    sweep = SettleWallet(wallet_id=ACME)
    answers = [await desk.submit(sweep), await desk.submit(sweep)]
    assert [repr(answer.outcome) for answer in answers] == [
        "Settled(transactions=1)",
        "Settled(transactions=0)",
    ]


async def test_a_wallets_times_never_run_backwards_whatever_the_clock_says(desk: Desk) -> None:
    first = desk.books.transactions(ACME)[-1]
    desk.clock.at_us -= 10**9
    answer = await desk.submit(consume())
    assert isinstance(answer.outcome, Recorded)
    assert answer.outcome.transaction.at_us == first.at_us


async def test_a_command_other_than_a_sweep_needs_a_key(desk: Desk) -> None:
    with pytest.raises(AssertionError):
        await desk.submit(replace(consume(), idempotency_key=None))


def test_a_fingerprint_tells_apart_what_differs() -> None:
    commands = (
        consume(),
        consume(quantity=2),
        consume(key="key-2"),
        replace(consume(), wallet_id=ZEN),
        replace(consume(), credits=1),
        OpenHold(wallet_id=ACME, idempotency_key="key-1", feature="USE", quantity=1),
        OpenHold(wallet_id=ACME, idempotency_key="key-1", feature="USE", credits=1),
    )
    assert len({fingerprint(command) for command in commands}) == len(commands)
    assert all(len(fingerprint(command)) == 16 for command in commands)


def test_which_refusals_leave_their_key_unused() -> None:
    assert {refusal.__name__ for refusal in get_args(AnyRefusal) if not refusal.decided} == {
        "GrantExpired",
        "WalletNotFound",
        "HoldNotFound",
        "TransactionNotFound",
        "KeyReused",
        "PayoutNotFound",
        "UnknownFeature",
        "InvalidCreditAmount",
    }


async def test_a_frozen_wallet_that_gives_to_itself_keeps_what_was_booked_on_the_way() -> None:
    """The receiver's book is the giver's own here, from before its expiries were booked."""
    clock = HandClock()
    books = MemoryBooks(replace(wallet("acme"), status="frozen"))
    engine = Engine(books, rules, clock)
    await engine.submit(
        GrantCredits(
            wallet_id=ACME,
            idempotency_key="key-1",
            kind="bonus",
            credits=10,
            note="",
            expires_at_us=clock() + 1,
        )
    )
    clock.forward(1)
    given = Transfer(wallet_id=ACME, idempotency_key="key-2", to_wallet_id=ACME, credits=1, note="")
    assert isinstance((await engine.submit(given)).outcome, WalletFrozen)
    audit(books.book(ACME), books.transactions(ACME))
    assert books.book(ACME).accounts.expired == 10
