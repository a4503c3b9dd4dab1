"""Laws, on whole lives of two wallets: a batch equals one by one, credits are conserved, what is
sent again moves nothing, and an atomic batch is carried out whole or not at all."""

from collections import Counter as Counted
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.domain.budgets import Counter
from khata.domain.commands import Extended, Recorded, Settled
from khata.domain.ledger import Transaction
from khata.domain.refusals import AnyRefusal
from khata.domain.wallet import Book
from khata.engine.batch import Answer, Answers, Item, Submission, Together
from khata.engine.books import KeptAnswer
from khata.testing import CountedUlids, MemoryBooks, audit
from lives import Life, arm, carry_out, lives, new_books, resent


def audit_all(books: MemoryBooks) -> None:
    for wallet_id in books.shelves:
        audit(books.book(wallet_id), books.transactions(wallet_id))
    ids = [t.id for shelf in books.shelves.values() for t in shelf.transactions]
    assert len(set(ids)) == len(ids)
    given = sum(shelf.book.accounts.transferred for shelf in books.shelves.values())
    assert given == 0
    assert books.shared == shared_by(
        t for shelf in books.shelves.values() for t in shelf.transactions
    )


def shared_by(ledger: Iterable[Transaction]) -> dict[Counter, int]:
    """What all wallets together added to the budgets that they share."""
    added = Counted[Counter]()
    for t in ledger:
        for use in t.facts.budgets:
            if use.is_shared:
                added[use.counter] += use.amount
    return {counter: used for counter, used in added.items() if used}


def pieces(items: list[Item], size: int) -> list[list[Item]]:
    return [items[place : place + size] for place in range(0, len(items), size)]


def everything(
    books: MemoryBooks,
) -> list[tuple[Book, list[Transaction], dict[str, KeptAnswer], list[int]]]:
    """All that is kept; when the first expiry is due is but a hint, and may be early."""
    return [
        (replace(shelf.book, due_us=0), shelf.transactions, shelf.answers, shelf.recharges)
        for shelf in books.shelves.values()
    ]


@given(life=lives())
def test_credits_are_conserved_after_every_step(life: Life) -> None:
    books = new_books()
    for moment in life:
        arm(books, moment)
        for item in moment.items:
            carry_out(books, [item], moment.at_us)
            audit_all(books)


@given(life=lives())
def test_who_crosses_the_line_by_spending_starts_one_recharge(life: Life) -> None:
    books = new_books()
    for moment in life:
        arm(books, moment)
        for item in moment.items:
            before = {each: books.book(each) for each in books.shelves}
            known = {each: len(books.transactions(each)) for each in books.shelves}
            carry_out(books, [item], moment.at_us)
            for each, book in before.items():
                after = books.book(each)
                new = books.transactions(each)[known[each] :]
                crossed = book.recharge_below is not None and any(
                    t.available_after < book.recharge_below and t.available_change < 0
                    for t in new
                    if t.type not in ("CLAWBACK", "LOCK", "PAYOUT_HOLD")
                )
                assert after.recharges == book.recharges + crossed
                assert after.recharge_below == (None if crossed else book.recharge_below)
        for shelf in books.shelves.values():
            assert shelf.recharges == list(range(1, shelf.book.recharges + 1))


@given(life=lives(), size=st.integers(2, 7))
def test_a_batch_equals_one_by_one(life: Life, size: int) -> None:
    alone, together = new_books(), new_books()
    for moment in life:
        arm(alone, moment)
        arm(together, moment)
        one_by_one = [carry_out(alone, [item], moment.at_us)[0] for item in moment.items]
        parts = pieces(moment.items, size)
        in_batches = [
            answer for part in parts for answer in carry_out(together, part, moment.at_us)
        ]
        assert in_batches == one_by_one
    assert everything(together) == everything(alone)
    assert together.shared == alone.shared


@given(life=lives())
def test_what_comes_together_is_answered_as_one_by_one(life: Life) -> None:
    alone, together = new_books(), new_books()
    for moment in life:
        arm(alone, moment)
        arm(together, moment)
        singles = [item for item in moment.items if isinstance(item, Submission)]
        one_by_one = [carry_out(alone, [single], moment.at_us)[0] for single in singles]
        (answers,) = carry_out(together, [Together(tuple(singles))], moment.at_us)
        assert list(answers_of(answers)) == one_by_one
    assert everything(together) == everything(alone)


def answers_of(answers: Answers) -> tuple[Answer, ...]:
    return (answers,) if isinstance(answers, Answer) else answers


def is_carried_out(answer: Answer) -> bool:
    return isinstance(answer.outcome, Recorded | Extended)


def is_decided(answers: Answers) -> bool:
    """Whether all of it stays with its keys."""
    outcomes = [answer.outcome for answer in answers_of(answers)]
    return not any(
        isinstance(outcome, Settled) or (isinstance(outcome, AnyRefusal) and not outcome.decided)
        for outcome in outcomes
    )


@given(life=lives())
def test_a_decided_request_sent_again_moves_nothing_and_is_answered_the_same(life: Life) -> None:
    books, ulids = new_books(), CountedUlids("later")
    for moment in life:
        arm(books, moment)
        answers = carry_out(books, moment.items, moment.at_us)
        before = everything(books)
        pairs = zip(moment.items, answers, strict=True)
        decided = [(item, answer) for item, answer in pairs if is_decided(answer)]
        again = carry_out(books, [resent(item, ulids) for item, _ in decided], moment.at_us)
        for (_, first), second in zip(decided, again, strict=True):
            assert answers_of(second) == tuple(
                answer._replace(replayed=True) for answer in answers_of(first)
            )
        assert everything(books) == before


@given(life=lives())
def test_an_atomic_batch_is_carried_out_whole_or_not_at_all(life: Life) -> None:
    books = new_books()
    for moment in life:
        arm(books, moment)
        for item in moment.items:
            before = everything(books)
            (answers,) = carry_out(books, [item], moment.at_us)
            if isinstance(answers, Answer):
                continue
            carried_out = [is_carried_out(answer) for answer in answers]
            if not all(carried_out):
                first_ones = [answer for answer in answers if not answer.replayed]
                assert not any(is_carried_out(answer) for answer in first_ones)
                assert [kept[:2] for kept in everything(books)] == [kept[:2] for kept in before]
