"""Price trials of told lives: with the prices that were, everything costs what it cost."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.domain.ids import GrantId, TransactionId, WalletId
from khata.domain.ledger import USAGE_TYPES
from khata.domain.price_trial import LOCKING, locked_after, trial_rules
from khata.domain.pricing import Price
from khata.domain.rules import Rules
from khata.engine.price_trial import WalletTrial
from khata.testing import MemoryBooks
from lives import RULES, Life, arm, carry_out, lives, new_books
from past import book_after

ONE_LIST = Rules(replace(RULES.prices, versions=RULES.prices.versions[:1]), RULES.caps)


def lived(life: Life) -> MemoryBooks:
    """The books after a life under the first price list."""
    books = new_books()
    for moment in life:
        arm(books, moment)
        for item in moment.items:
            carry_out(books, [item], moment.at_us, ONE_LIST)
    return books


def tried(
    books: MemoryBooks, wallet: WalletId, from_us: int, *prices: Price
) -> tuple[WalletTrial, list[tuple[int, int]]]:
    """The trial of all from that time on, and the available credits there and here before each
    usage."""
    ledger = books.transactions(wallet)
    before = [t for t in ledger if t.at_us < from_us]
    period = ledger[len(before) :]
    refunded = frozenset(TransactionId(t.source_id or "") for t in period if t.type == "REFUND")
    proposed = {price.feature: price for price in prices}
    rules = trial_rules(proposed, ONE_LIST.prices.versions, from_us)
    then = book_after(books.book(wallet).wallet, before)
    trial = WalletTrial(then, rules, from_us, refunded)
    seen: list[tuple[int, int]] = []
    for t in period:
        trial.take(t)
        if t.type in USAGE_TYPES or t.type == "HOLD":
            seen.append((t.available_after, trial.book.accounts.available))
    return trial, seen


@given(life=lives(), place=st.integers(0, 9))
def test_unchanged_prices_change_nothing(life: Life, place: int) -> None:
    books = lived(life)
    from_us = life[min(place, len(life) - 1)].at_us
    for wallet, shelf in books.shelves.items():
        prices = ONE_LIST.prices.versions[0].features.values()
        trial, seen = tried(books, wallet, from_us, *prices)
        assert [there for there, _ in seen] == [here for _, here in seen]
        assert trial.dry_at_us is None
        actual = [t for t in shelf.transactions if t.at_us >= from_us]
        usage = [t for t in actual if t.type in USAGE_TYPES or t.type == "REFUND"]
        assert {t.feature for t in usage} == trial.features.keys()
        for feature, sums in trial.features.items():
            charged = [t for t in usage if t.feature == feature]
            assert sums.actual == sums.proposed == sum(t.account_change for t in charged)
            assert sums.count == sum(t.type in USAGE_TYPES for t in charged)
            assert sums.quantity == sum(t.quantity or 0 for t in charged)


@settings(max_examples=60)
@given(life=lives())
def test_what_is_locked_follows_from_the_few_transactions_that_lock(life: Life) -> None:
    """So a trial need not read what came before its period."""
    books = lived(life)
    for shelf in books.shelves.values():
        locked: Mapping[GrantId, int] = {}
        for t in shelf.transactions:
            if t.type in LOCKING:
                locked = locked_after(locked, t.type, t.draws)
        kept = {lot.id: lot.locked for lot in shelf.book.lots if lot.locked}
        assert {lot: credits for lot, credits in locked.items() if credits} == kept


@settings(max_examples=60)
@given(life=lives(), factor=st.integers(0, 4))
def test_a_multiple_of_all_prices_is_a_multiple_of_all_whole_charges(
    life: Life, factor: int
) -> None:
    books = lived(life)
    prices = [
        replace(price, credits=factor * price.credits)
        for price in ONE_LIST.prices.versions[0].features.values()
    ]
    for wallet, shelf in books.shelves.items():
        trial, _ = tried(books, wallet, life[0].at_us, *prices)
        by_quantity = [t for t in shelf.transactions if t.type == "USAGE_DEDUCTION"]
        returned = [t for t in shelf.transactions if t.type == "REFUND"]
        if "USE" in trial.features and not returned:
            captured = [
                t.account_change * (1 if t.quantity is None else factor)
                for t in shelf.transactions
                if t.type == "HOLD_CAPTURE" and t.feature == "USE"
            ]
            used = sum(t.account_change for t in by_quantity if t.feature == "USE")
            assert trial.features["USE"].proposed == factor * used + sum(captured)
        if factor <= 1:
            assert trial.dry_at_us is None
