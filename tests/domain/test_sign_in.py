"""Passwords, paces and the ends of sessions: tables of what counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.pace import Pace, paid_after, wait_us
from khata.domain.passwords import normalized, password_fault
from khata.domain.sign_in import SESSION_IDLE_US, SessionTimes, is_live

SECOND_US = 1_000_000

PASSWORDS: list[tuple[str, str | None]] = [
    ("seven cows", None),
    ("aaaaaaaaaa", None),  # no rule says which characters
    ("пароль из слов", None),
    ("🐄" * 10, None),
    ("x" * 256, None),
    ("nine char", "must have 10 characters or more"),
    ("", "must have 10 characters or more"),
    ("x" * 257, "must have 256 characters at most"),
    ("Asha@Delhi.Example", "must not be the e-mail"),
]


@pytest.mark.parametrize(("password", "fault"), PASSWORDS)
def test_what_a_password_must_be(password: str, fault: str | None) -> None:
    assert password_fault(password, "asha@delhi.example") == fault


def test_a_password_is_the_same_however_a_keyboard_writes_it() -> None:
    assert normalized("cafe\u0301 au lait") == normalized("caf\u00e9 au lait")


PACE = Pace(burst=3, every_us=10 * SECOND_US)


def test_a_few_at_once_and_then_by_the_clock() -> None:
    paid, at = 0, 1_000 * SECOND_US
    for _ in range(3):
        assert wait_us(PACE, paid, at) == 0
        after = paid_after(PACE, paid, at)
        assert after is not None
        paid = after
    assert paid_after(PACE, paid, at) is None
    assert wait_us(PACE, paid, at) == 10 * SECOND_US
    assert paid_after(PACE, paid, at + 10 * SECOND_US - 1) is None
    assert paid_after(PACE, paid, at + 10 * SECOND_US) is not None


@given(
    pauses=st.lists(st.integers(0, 100 * SECOND_US), max_size=60),
    burst=st.integers(1, 10),
    every_us=st.integers(1, 60 * SECOND_US),
)
def test_no_window_admits_more_than_its_burst_and_its_time(
    pauses: list[int], burst: int, every_us: int
) -> None:
    pace, paid, at = Pace(burst, every_us), 0, 10**15
    admitted: list[int] = []
    for pause in pauses:
        at += pause
        after = paid_after(pace, paid, at)
        assert (after is None) == (wait_us(pace, paid, at) > 0)
        if after is not None:
            paid = after
            admitted.append(at)
    for first, begun in enumerate(admitted):
        for count, ended in enumerate(admitted[first:], 1):
            assert count <= burst + (ended - begun) // every_us


NOON = 10**15

# When it was seen, when it ends, when it was revoked, and whether it is live at noon.
SESSIONS: list[tuple[int, int, int | None, bool]] = [
    (NOON, NOON + 1, None, True),
    (NOON, NOON, None, False),
    (NOON - SESSION_IDLE_US + 1, NOON + 1, None, True),
    (NOON - SESSION_IDLE_US, NOON + 1, None, False),
    (NOON, NOON + 1, NOON - 1, False),
    (NOON, NOON + 1, NOON, False),
]


@pytest.mark.parametrize(("seen_at", "expires_at", "revoked_at", "live"), SESSIONS)
def test_when_a_session_is_over(
    seen_at: int, expires_at: int, revoked_at: int | None, live: bool
) -> None:
    assert is_live(SessionTimes(seen_at, expires_at, revoked_at), NOON) is live
