"""The books in memory keep the store's promises: what it would refuse, they refuse by that name."""

import asyncio

import pytest
from msgspec.structs import replace

from khata.domain.commands import GrantCredits, OpenHold
from khata.domain.ledger import Transaction
from khata.domain.pricing import Remainder
from khata.domain.refusals import InsufficientCredits
from khata.domain.wallet import Accounts, Book
from khata.engine.batch import Submission, run_batch
from khata.engine.books import Changes, KeptAnswer, Need
from khata.engine.engine import fingerprint
from khata.testing import (
    NEW_YEAR_US,
    ConstraintBroken,
    CountedUlids,
    MemoryBooks,
    rules,
    wallet,
    wallet_id,
)
from khata.testing.constraints import check_book, check_transaction

ACME, ZEN = wallet_id("acme"), wallet_id("zen")

pytestmark = pytest.mark.anyio


async def started() -> MemoryBooks:
    """A wallet with a grant of 9 and a hold of 4."""
    books, ulids = MemoryBooks(wallet("acme")), CountedUlids()
    for command in (
        GrantCredits(wallet_id=ACME, idempotency_key="key-1", kind="promo", credits=9, note=""),
        OpenHold(wallet_id=ACME, idempotency_key="key-2", feature="USE", quantity=4),
    ):
        submission = Submission(command, ulids.for_wallet(ACME), fingerprint(command))
        await run_batch(books, [submission], rules(), NEW_YEAR_US)
    return books


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("transactions_balanced", {"account_change": -8}),
        ("transactions_account", {"account": None}),
        ("transactions_sequence", {"sequence": 0}),
        ("transactions_sides", {"locked_after": -1}),
        ("transactions_key_with_fingerprint", {"fingerprint": None}),
        ("transactions_hashes", {"hash": b"short"}),
    ],
)
async def test_a_broken_transaction_is_refused(constraint: str, wrong: dict[str, object]) -> None:
    granted = (await started()).transactions(ACME)[0]
    check_transaction(granted)
    with pytest.raises(ConstraintBroken, match=constraint):
        check_transaction(replace(granted, **wrong))


def with_lot(book: Book, **changes: object) -> Book:
    return replace(book, lots=(replace(book.lots[0], **changes),))


def with_hold(book: Book, **changes: object) -> Book:
    (hold,) = book.holds.values()
    return replace(book, holds={hold.id: replace(hold, **changes)})


async def test_a_broken_book_is_refused() -> None:
    book = (await started()).book(ACME)
    check_book(book)
    half, whole = Remainder(1, 2), Remainder(2, 2)
    check_book(replace(book, meters={"TOKENS": half}))
    for constraint, wrong in (
        ("accounts_balanced", replace(book, accounts=replace(book.accounts, available=6))),
        ("accounts_below_zero_only_by_debt", replace(book, accounts=below_zero())),
        ("grants_pockets", with_lot(book, available=6)),
        ("grants_clawed_back", with_lot(book, clawed_back=10)),
        ("grants_cost", with_lot(book, cost_paise=-1)),
        ("grants_promo_stays", with_lot(book, transferable=True)),
        ("holds_amounts", with_hold(book, credits=-1)),
        ("holds_captured_once", with_hold(book, captured=1)),
        ("meters_below_one", replace(book, meters={"TOKENS": whole})),
        ("cap_counters_used", replace(book, caps={("AI", 1): -1})),
    ):
        with pytest.raises(ConstraintBroken, match=constraint):
            check_book(wrong)


def below_zero() -> Accounts:
    return Accounts(available=-1, consumed=1)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("transactions_id", {"sequence": 3, "idempotency_key": "key-3"}),
        ("transactions_pkey", {"id": "txn_new", "idempotency_key": "key-3"}),
        ("transactions_key", {"id": "txn_new", "sequence": 3}),
    ],
)
async def test_a_row_that_is_there_already_is_refused_and_nothing_is_written(
    constraint: str, changed: dict[str, object]
) -> None:
    books = await started()
    twin = replace(books.transactions(ACME)[0], **changed)
    with pytest.raises(ConstraintBroken, match=constraint):
        await write(books, [twin], [])
    assert len(books.transactions(ACME)) == 2


async def test_an_answer_that_is_there_already_is_refused() -> None:
    books = await started()
    answer = KeptAnswer(ACME, "key-9", b"1", NEW_YEAR_US, InsufficientCredits.of(9, 5))
    await write(books, [], [answer])
    with pytest.raises(ConstraintBroken, match="answers_pkey"):
        await write(books, [], [answer])


async def write(
    books: MemoryBooks, transactions: list[Transaction], answers: list[KeptAnswer]
) -> None:
    async with books.session() as session:
        loaded = await session.load(Need([ACME], NEW_YEAR_US))
        session.add(transactions)
        changes = Changes(
            before=loaded.books,
            after=dict(loaded.books),
            transactions=transactions,
            answers=answers,
        )
        await session.write(changes)


async def test_a_wallet_is_locked_from_its_load_until_the_session_is_left() -> None:
    books = MemoryBooks(wallet("acme"), wallet("zen"))
    order: list[str] = []

    async def visit(name: str, *wallets: str) -> None:
        async with books.session() as session:
            await session.load(Need([wallet_id(each) for each in wallets], NEW_YEAR_US))
            order.append(f"{name} in")
            for _ in range(5):
                await asyncio.sleep(0)
            order.append(f"{name} out")

    await asyncio.gather(
        visit("first", "acme", "zen"), visit("second", "zen", "acme"), visit("third", "zen")
    )
    came, went = order[::2], order[1::2]
    assert [name.removesuffix(" in") for name in came] == [
        name.removesuffix(" out") for name in went
    ]
    assert {name.removesuffix(" in") for name in came} == {"first", "second", "third"}


async def test_a_load_finds_the_wallets_there_are() -> None:
    books = MemoryBooks(wallet("acme"))
    async with books.session() as session:
        loaded = await session.load(Need([ACME, ZEN], NEW_YEAR_US, keys=[(ZEN, "key-1")]))
    assert list(loaded.books) == [ACME]
    assert loaded.priors == {}
