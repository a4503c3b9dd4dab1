"""A refund of money that failed: everything goes back to where it was taken from, once."""

import pytest
from msgspec.structs import replace

from khata.domain.commands import (
    Clawback,
    Command,
    Consume,
    Decision,
    GrantCredits,
    LockPurchase,
    Purchase,
    Recorded,
    RestoreRefund,
)
from khata.domain.ids import TransactionId
from khata.domain.inr import RefundMoney, legs_of
from khata.domain.ledger import Transaction, unearned_paise
from khata.domain.refusals import RefundRestored, TransactionNotFound
from khata.domain.restores import taken_back
from khata.domain.wallet import NEVER_US, Book
from khata.testing import NEW_YEAR_US, SECOND_US, decided, empty_book

ACME = empty_book().wallet.id
SOON_US = NEW_YEAR_US + SECOND_US


def bought(expires_at_us: int = NEVER_US) -> Book:
    """100 credits and a bonus of 20, for 3.33."""
    command = Purchase(
        wallet_id=ACME,
        idempotency_key="payment-1",
        credits=100,
        bonus_credits=20,
        price_paise=333,
        payment_id="pay-1",
        gateway="simulator",
        expires_at_us=expires_at_us,
    )
    return decided(empty_book(), command).book


def refund(book: Book, credits: int | None = None) -> tuple[Transaction, Book]:
    """The clawback for a refund, and the book after it, in which it is known."""
    command = Clawback(
        wallet_id=ACME,
        payment_id="pay-1",
        reach="unspent",
        credits=credits,
        refund=RefundMoney("rfnd-1", 354, igst_paise=54),
    )
    decision = decided(book, command)
    (t,) = decision.transactions
    taken = taken_back(t.id, t.draws, t.facts)
    assert taken is not None
    return t, replace(decision.book, clawbacks={t.id: taken})


def restore(book: Book, transaction_id: TransactionId, at_us: int = NEW_YEAR_US) -> Decision:
    command: Command = RestoreRefund(
        wallet_id=ACME,
        idempotency_key="refund-rfnd-1-failed",
        transaction_id=transaction_id,
        payment_id="pay-1",
    )
    return decided(book, command, at_us)


def own(decision: Decision) -> Transaction:
    assert isinstance(decision.outcome, Recorded), decision.outcome
    return decision.outcome.transaction


def use(book: Book, credits: int) -> Book:
    return decided(book, Consume(wallet_id=ACME, feature="USE", quantity=credits)).book


def test_a_failed_refund_gives_back_to_the_very_lots_once() -> None:
    before = use(bought(), 10)
    taken, book = refund(before, 60)
    back = restore(book, taken.id)
    t = own(back)
    assert [draw.credits for draw in t.draws] == [-10, -50]
    assert (t.source, t.source_id, t.facts.refund_id) == ("transaction", taken.id, "rfnd-1")
    assert back.book.lots == before.lots
    assert back.book.accounts.available == before.accounts.available
    assert back.book.accounts.clawed_back == 0
    assert restore(back.book, taken.id).outcome == RefundRestored("rfnd-1")


def test_its_money_is_booked_back_to_the_paisa() -> None:
    taken, book = refund(bought(), 60)
    back = own(restore(book, taken.id))
    undone = {leg.account: -leg.paise for leg in legs_of(taken)}
    assert {leg.account: leg.paise for leg in legs_of(back)} == undone


@pytest.mark.parametrize("used", range(1, 40))
def test_what_was_used_meanwhile_keeps_its_own_share(used: int) -> None:
    taken, book = refund(bought(), 50)
    book = use(book, used)
    back = restore(book, taken.id)
    t = own(back)
    assert sum(leg.paise for leg in legs_of(t)) == 0
    gained = sum(map(unearned_paise, back.book.lots)) - sum(map(unearned_paise, book.lots))
    assert [leg.paise for leg in legs_of(t) if leg.account == "deferred_revenue"] == [-gained]


def test_a_lot_that_has_expired_meanwhile_expires_again() -> None:
    taken, book = refund(bought(SOON_US))
    back = restore(book, taken.id, SOON_US)
    assert [t.type for t in back.transactions] == ["CLAWBACK", "EXPIRY", "EXPIRY"]
    assert back.book.accounts.available == 0
    assert back.book.accounts.expired == 120


def test_what_was_locked_when_it_was_taken_comes_back_unlocked() -> None:
    locked = decided(bought(), LockPurchase(wallet_id=ACME, payment_id="pay-1")).book
    taken, book = refund(locked, 60)
    accounts = restore(book, taken.id).book.accounts
    assert (accounts.available, accounts.locked) == (60, 60)


def test_a_debt_stays_what_it_was() -> None:
    taken, book = refund(bought(), 100)
    book = use(book, 20)
    book = decided(book, Clawback(wallet_id=ACME, payment_id="pay-1", reach="whole")).book
    assert (book.accounts.available, book.accounts.debt) == (-20, 20)
    accounts = restore(book, taken.id).book.accounts
    assert (accounts.available, accounts.debt) == (80, 20)


def test_a_refund_that_took_no_credits_gives_only_its_money_back() -> None:
    taken, book = refund(use(bought(), 120))
    t = own(restore(book, taken.id))
    assert (t.draws, t.account, t.available_change) == ((), None, 0)
    assert ("refunds_payable", 354) in [(leg.account, leg.paise) for leg in legs_of(t)]


def test_only_a_refund_of_money_can_be_undone() -> None:
    plain = decided(bought(), Clawback(wallet_id=ACME, payment_id="pay-1", reach="unspent"))
    (t,) = plain.transactions
    assert taken_back(t.id, t.draws, t.facts) is None
    assert restore(plain.book, t.id).outcome == TransactionNotFound(t.id)


def test_a_refund_is_undone_on_a_frozen_wallet_too() -> None:
    taken, book = refund(bought(), 60)
    frozen = replace(book, wallet=replace(book.wallet, status="frozen"))
    assert own(restore(frozen, taken.id)).available_change == 60
    gift = GrantCredits(wallet_id=ACME, kind="adjustment", credits=-1, note="")
    assert not isinstance(decided(frozen, gift).outcome, Recorded)
