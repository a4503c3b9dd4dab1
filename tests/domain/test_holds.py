"""Holds: their states as a table, their end to the microsecond, and captures of any size."""

from typing import get_args

import pytest
from msgspec.structs import replace

from khata.domain.commands import (
    CaptureHold,
    Command,
    Extended,
    ExtendHold,
    Recorded,
    ReleaseHold,
)
from khata.domain.holds import TRANSITIONS, moved_to
from khata.domain.ids import HoldId
from khata.domain.refusals import AnyRefusal
from khata.domain.wallet import Book, Hold, HoldState
from khata.testing import NEW_YEAR_US, SECOND_US, decided, empty_book, tell

HOLD = HoldId("hld_" + "0" * 26)
STATES: tuple[HoldState, ...] = get_args(HoldState)


def hold_in(state: HoldState) -> Hold:
    return Hold(
        id=HOLD,
        feature="USE",
        category="API",
        credits=0,
        price_version=1,
        expires_at_us=NEW_YEAR_US + 60 * SECOND_US,
        created_at_us=NEW_YEAR_US,
        draws=(),
        state=state,
    )


def ending(book: Book, verb: str) -> Command:
    wallet_id, key = book.wallet.id, "key-1"
    match verb:
        case "capture":
            return CaptureHold(wallet_id=wallet_id, idempotency_key=key, hold_id=HOLD, credits=0)
        case "release":
            return ReleaseHold(wallet_id=wallet_id, idempotency_key=key, hold_id=HOLD)
        case _:
            return ExtendHold(wallet_id=wallet_id, idempotency_key=key, hold_id=HOLD, ttl_seconds=9)


@pytest.mark.parametrize("verb", ["capture", "release", "extend"])
@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("open", None),
        ("captured", "HOLD_NOT_OPEN"),
        ("released", "HOLD_NOT_OPEN"),
        ("expired", "HOLD_EXPIRED"),
        (None, "HOLD_NOT_FOUND"),
    ],
)
def test_only_an_open_hold_is_captured_released_or_extended(
    verb: str, state: HoldState | None, code: str | None
) -> None:
    holds = {HOLD: hold_in(state)} if state else {}
    book = replace(empty_book(), holds=holds)
    outcome = decided(book, ending(book, verb)).outcome
    assert (outcome.code if isinstance(outcome, AnyRefusal) else None) == code


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("after", STATES)
def test_a_hold_moves_as_the_table_says_and_no_other_way(
    state: HoldState, after: HoldState
) -> None:
    if after in TRANSITIONS[state]:
        assert moved_to(hold_in(state), after).state == after
    else:
        with pytest.raises(AssertionError):
            moved_to(hold_in(state), after)


def test_the_table_names_every_state_and_lets_none_come_back_to_life() -> None:
    assert TRANSITIONS.keys() == set(STATES)
    assert [state for state in STATES if TRANSITIONS[state]] == ["open"]


@pytest.mark.parametrize("verb", ["capture", "release", "extend"])
def test_a_hold_counts_until_the_microsecond_of_its_expiry(verb: str) -> None:
    hold = hold_in("open")
    book = replace(empty_book(), holds={HOLD: hold}, due_us=hold.expires_at_us)
    in_time = decided(book, ending(book, verb), hold.expires_at_us - 1)
    assert isinstance(in_time.outcome, Recorded | Extended)
    late = decided(book, ending(book, verb), hold.expires_at_us)
    assert isinstance(late.outcome, AnyRefusal)
    assert late.outcome.code == "HOLD_EXPIRED"
    assert late.book.holds[HOLD].state == "expired"
    assert [t.type for t in late.transactions] == ["HOLD_RELEASE"]


OPEN = """
price   TOKENS 3 per 1000
wallet  acme
grant   paid  100
grant   bonus  50
"""


def test_a_hold_draws_in_burn_down_order_and_captures_its_first_credits() -> None:
    tell(
        OPEN
        + """
        hold     80 as it for 10m   -> 50 bonus, 30 paid, available 70, reserved 80, until 09:10
        lots                        -> 70 paid
        capture  it 60              -> 50 bonus, 10 paid, available 90, reserved 0
        lots                        -> 90 paid
        capture  it 1               -> HOLD_NOT_OPEN  state captured
        release  it                 -> HOLD_NOT_OPEN  state captured
        """
    )


def test_a_capture_beyond_the_hold_is_refused_or_taken_from_what_is_available() -> None:
    tell(
        OPEN
        + """
        hold     60 as it           -> 50 bonus, 10 paid
        capture  it 70              -> CAPTURE_EXCEEDS_HOLD  requested 70, held 60
        capture  it 151 over        -> INSUFFICIENT_CREDITS  required 91, available 90
        capture  it 150 over        -> 50 bonus, 100 paid, available 0, reserved 0
        """
    )


def test_a_frozen_wallet_is_charged_what_was_held_and_nothing_beyond() -> None:
    tell(
        OPEN
        + """
        hold     60 as it
        hold     10 as other
        status   frozen
        hold     1                  -> WALLET_FROZEN
        extend   it for 20m         -> WALLET_FROZEN
        capture  it 61 over         -> WALLET_FROZEN  wallet_status frozen
        capture  it 60              -> 50 bonus, 10 paid
        release  other              -> available 90
        """
    )


def test_a_metered_hold_rounds_up_and_only_its_capture_meters() -> None:
    tell(
        OPEN
        + """
        consume  250 TOKENS         -> nothing, bills 0, remainder 750/1000
        hold     250 TOKENS as it   -> 1 bonus, held 1
        hold     250 TOKENS as at-most  -> 1 bonus
        capture  it 250             -> 1 bonus, bills 1, remainder 500/1000
        capture  at-most 100        -> nothing, bills 0, remainder 800/1000
        """
    )


def test_a_capture_is_priced_as_on_the_day_of_the_hold() -> None:
    tell(
        OPEN
        + """
        price    CALL 5
        price    CALL 9 from 12:00
        hold     2 CALL as it for 24h at 11:59   -> 10 bonus
        capture  it 2 at 12:00                   -> 10 bonus
        consume  1 CALL                          -> 9 bonus
        """
    )


def test_a_hold_of_plain_credits_asks_no_price() -> None:
    tell(
        OPEN
        + """
        price    CALL 5
        hold     7 credits CALL as it   -> 7 bonus
        capture  it 6 credits           -> 6 bonus, available 144
        """
    )


def test_an_extension_counts_from_now() -> None:
    tell(
        OPEN
        + """
        hold     60 as it for 10m at 10:00   -> until 10:10
        extend   it for 10m at 10:09         -> until 10:19, reserved 60
        extend   it for 1m                   -> until 10:10
        capture  it 60 at 10:10              -> HOLD_EXPIRED  expired 10:10
        lots                                 -> 50 bonus, 100 paid
        """
    )
