"""Credits come in as lots: grants, purchases with their bonus, and what they cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.domain.commands import GrantCredits, Purchase, Recorded
from khata.domain.ledger import earned_paise
from khata.domain.money import MAX_WALLET_CREDITS
from khata.domain.refusals import InvalidCreditAmount
from khata.domain.wallet import Accounts, GrantKind, Lot
from khata.testing import decided, empty_book, tell


@pytest.mark.parametrize(
    ("kind", "type_", "account", "transferable"),
    [
        ("bonus", "BONUS_CREDIT", "issued.bonus", True),
        ("promo", "BONUS_CREDIT", "issued.promo", False),
        ("plan", "BONUS_CREDIT", "issued.plan", True),
        ("adjustment", "ADMIN_ADJUSTMENT", "adjusted", True),
    ],
)
def test_each_kind_of_grant_has_its_account(
    kind: GrantKind, type_: str, account: str, transferable: bool
) -> None:
    assert kind != "purchase"
    book = empty_book()
    outcome = decided(
        book,
        GrantCredits(
            wallet_id=book.wallet.id, idempotency_key="key-1", kind=kind, credits=50, note="hi"
        ),
    ).outcome
    assert isinstance(outcome, Recorded)
    t = outcome.transaction
    (lot,) = t.facts.grants
    assert (t.type, t.account, t.available_change, t.account_change) == (type_, account, 50, -50)
    assert (lot.kind, lot.granted, lot.available, lot.transferable) == (kind, 50, 50, transferable)


def test_a_promo_is_never_transferable_whatever_is_asked() -> None:
    book = empty_book()
    command = GrantCredits(
        wallet_id=book.wallet.id,
        idempotency_key="key-1",
        kind="promo",
        credits=5,
        note="",
        transferable=True,
    )
    assert not decided(book, command).book.lots[0].transferable


def test_a_negative_adjustment_takes_credits_back_but_never_below_zero() -> None:
    tell(
        """
        wallet  acme
        grant   bonus       30
        grant   paid        70
        hold    20                  -> 20 bonus
        grant   adjustment -81      -> INSUFFICIENT_CREDITS  required 81, available 80
        grant   adjustment -15      -> 10 bonus, 5 paid, available 65
        accounts                    -> adjusted 15, reserved 20
        """
    )


def test_what_has_expired_already_is_not_granted() -> None:
    tell(
        """
        wallet  acme
        grant   bonus 30 until 08:00   -> VALIDATION_FAILED
        accounts                       -> available 0, expired 0, sequence 0
        """
    )


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_purchase_and_its_bonus_share_the_price_exactly(
    credits: int, bonus: int, price_paise: int
) -> None:
    book = empty_book()
    bought = decided(
        book,
        Purchase(
            wallet_id=book.wallet.id,
            idempotency_key="key-1",
            credits=credits,
            bonus_credits=bonus,
            price_paise=price_paise,
            payment_id="pay-1",
        ),
    )
    lots = bought.book.lots
    assert sum(lot.cost_paise for lot in lots) == price_paise
    assert {lot.payment_id for lot in lots} == {"pay-1"}
    assert [t.type for t in bought.transactions] == (
        ["CREDIT_PURCHASE", "BONUS_CREDIT"] if bonus else ["CREDIT_PURCHASE"]
    )
    assert [t.idempotency_key for t in bought.transactions] == ["key-1", None][: len(lots)]


@given(st.integers(1, 10**6), st.integers(0, 10**9), st.data())
def test_the_paise_that_draws_use_up_sum_to_the_price_of_the_lot(
    granted: int, cost_paise: int, data: st.DataObject
) -> None:
    lot = replace(decided_lot(), granted=granted, cost_paise=cost_paise)
    gone, earned = 0, 0
    for _ in range(20):
        credits = data.draw(st.integers(0, granted - gone))
        part = earned_paise(lot, gone, credits)
        assert part >= 0
        gone, earned = gone + credits, earned + part
    assert earned + earned_paise(lot, gone, granted - gone) == cost_paise


def decided_lot() -> Lot:
    book = empty_book()
    command = Purchase(
        wallet_id=book.wallet.id,
        idempotency_key="key-1",
        credits=1,
        price_paise=10,
        payment_id="pay-1",
    )
    return decided(book, command).book.lots[0]


def test_a_wallet_holds_no_more_than_its_bound() -> None:
    full = Accounts(available=MAX_WALLET_CREDITS - 10, reserved=5, locked=2)
    book = replace(empty_book(), accounts=replace(full, adjusted=-MAX_WALLET_CREDITS + 3))
    command = Purchase(
        wallet_id=book.wallet.id,
        idempotency_key="key-1",
        credits=2,
        bonus_credits=2,
        price_paise=10,
        payment_id="pay-1",
    )
    assert decided(book, command).outcome == InvalidCreditAmount(4, 1, 3)
    assert isinstance(decided(book, replace(command, bonus_credits=1)).outcome, Recorded)


def test_earned_paise_follow_the_credits() -> None:
    tell(
        """
        wallet   acme
        buy      2 + 1 bonus for ₹1 as pay-1   # 67 paise for two, 33 for the bonus
        consume  1 as first                    -> 1 pay-1 bonus, recognized 33 paise
        consume  1                             -> 1 pay-1, recognized 34 paise
        refund   first                         -> 1 back to pay-1 bonus, recognized -33 paise
        consume  2                             -> 1 pay-1 bonus, 1 pay-1, recognized 66 paise
        """
    )
