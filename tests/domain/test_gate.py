"""The gate says beforehand what a charge would meet, and what a feature should show."""

import pytest
from msgspec.structs import replace

from khata.domain.commands import Consume
from khata.domain.gate import Asked, Gate, gate
from khata.domain.pricing import Price, Remainder
from khata.domain.refusals import AnyRefusal, UnknownFeature
from khata.domain.wallet import Accounts, Book, WalletStatus
from khata.testing import NEW_YEAR_US, decided, empty_book, price_list, rules

DAY = 20_454
CORE = Price("CORE", "API", 5, cap="AI")
PREMIUM = Price("PREMIUM", "AI", 5, cap="AI", premium=True)
TOKENS = Price("TOKENS", "AI", 1, per=4)
RULES = rules(price_list(CORE, PREMIUM, TOKENS), caps={"AI": 3})


def book_with(available: int, used: int = 0, status: WalletStatus = "active") -> Book:
    accounts = Accounts(available=available, debt=max(-available, 0), adjusted=-available)
    book = replace(empty_book(), accounts=accounts, caps={("AI", DAY): used})
    return replace(book, wallet=replace(book.wallet, status=status))


def gate_of(book: Book, feature: str, quantity: int = 1) -> Gate:
    shown = gate(book, Asked(feature, quantity), RULES, NEW_YEAR_US)
    assert isinstance(shown, Gate)
    return shown


@pytest.mark.parametrize("status", ["active", "frozen", "closed"])
@pytest.mark.parametrize("used", [0, 2, 3])
@pytest.mark.parametrize("available", [-5, 0, 4, 5, 10**6])
@pytest.mark.parametrize("feature", ["CORE", "PREMIUM", "TOKENS"])
def test_its_code_is_the_one_a_charge_would_get(
    feature: str, available: int, used: int, status: WalletStatus
) -> None:
    book = book_with(available, used, status)
    command = Consume(wallet_id=book.wallet.id, idempotency_key="key-1", feature=feature)
    outcome = decided(book, command, given=RULES).outcome
    code = outcome.code if isinstance(outcome, AnyRefusal) else None
    shown = gate_of(book, feature)
    assert shown.code == code
    unbilled = code == "INSUFFICIENT_CREDITS" and feature != "PREMIUM"
    assert shown.allowed == (code is None or unbilled)


@pytest.mark.parametrize(
    ("available", "premium", "low", "exhausted"),
    [
        (201, True, False, False),
        (200, True, True, False),
        (1, True, True, False),
        (0, False, True, True),
        (-1, False, True, True),
    ],
)
def test_what_a_feature_should_show(
    available: int, premium: bool, low: bool, exhausted: bool
) -> None:
    shown = gate_of(book_with(available), "CORE")
    assert (shown.can_use_premium, shown.is_low_balance, shown.is_exhausted) == (
        premium,
        low,
        exhausted,
    )
    assert (shown.available_credits, shown.threshold) == (available, 200)


def test_its_price_is_what_would_be_billed_now() -> None:
    book = replace(book_with(100), meters={"TOKENS": Remainder(3, 4)})
    assert [gate_of(book, "TOKENS", quantity).price for quantity in (1, 4, 5, 6)] == [1, 1, 2, 2]
    assert gate_of(book, "CORE", 3).price == 15


def test_the_cap_is_told_with_its_next_day() -> None:
    (standing,) = gate_of(book_with(100, used=2), "CORE").caps
    assert (standing.cap, standing.used, standing.limit) == ("AI", 2, 3)
    assert standing.resets_at_us == NEW_YEAR_US + 18.5 * 3_600_000_000
    full = gate_of(book_with(100, used=3), "CORE")
    assert full.hard_limit_reached
    assert full.caps[0] == replace(standing, used=3)
    assert gate_of(book_with(100), "TOKENS").caps == ()


def test_an_unknown_feature_has_no_gate() -> None:
    assert gate(book_with(9), Asked("NOWHERE"), RULES, NEW_YEAR_US) == UnknownFeature("NOWHERE", 1)
