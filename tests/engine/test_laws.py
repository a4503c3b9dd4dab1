"""Two laws, on whole lives of two wallets: a batch equals one by one, and credits are conserved.

A life is told as moments: the seconds that pass, and then what is submitted at that instant.
"""

from collections.abc import Coroutine, Sequence
from typing import NamedTuple, TypeVar

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.domain.commands import (
    CaptureHold,
    Clawback,
    Command,
    Consume,
    Extended,
    ExtendHold,
    GrantCredits,
    LockPurchase,
    OpenHold,
    Purchase,
    Recorded,
    RefundUsage,
    ReleaseHold,
    Settled,
    SettleWallet,
    Transfer,
    UnlockPurchase,
)
from khata.domain.ids import HoldId, TransactionId, Ulid, WalletId
from khata.domain.ledger import Transaction
from khata.domain.pricing import Price
from khata.domain.refusals import AnyRefusal
from khata.domain.rules import Rules
from khata.domain.wallet import NEVER_US, Book
from khata.engine.batch import Answer, Answers, Atomic, Item, Submission, run_batch
from khata.engine.books import KeptAnswer
from khata.engine.engine import fingerprint
from khata.testing import (
    NEW_YEAR_US,
    SECOND_US,
    CountedUlids,
    MemoryBooks,
    price_list,
    rules,
    wallet,
    wallet_id,
)
from khata.testing.audit import audit

Result = TypeVar("Result")

ACME, ZEN = wallet_id("acme"), wallet_id("zen")
NOBODY = wallet_id("nobody")
TOKENS, CALL = Price("TOKENS", "AI", 3, per=7), Price("CALL", "AI", 2, cap="AI")
RULES: Rules = rules(
    price_list(TOKENS, CALL),
    price_list(replace(TOKENS, per=5), CALL, version=2, effective_at_us=NEW_YEAR_US + 9_000_000),
    caps={"AI": 3},
)


class Moment(NamedTuple):
    """What is submitted at one instant."""

    at_us: int
    items: list[Item]


Life = list[Moment]


class Storyteller:
    """Draws commands that have something to do with those before them."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.ulids = CountedUlids()
        self.at_us = NEW_YEAR_US
        self.holds: list[tuple[WalletId, Ulid]] = []
        self.charges: list[tuple[WalletId, Ulid]] = []
        self.charges_now: list[tuple[WalletId, Ulid]] = []
        self.said: list[Submission] = []
        self.payments = 0

    def birth(self) -> Moment:
        """Credits to begin with."""
        ulids = [self.ulids.for_wallet(each) for each in (ACME, ZEN)]
        bought = [self.purchase(ACME), self.purchase(ZEN)]
        said = [self.said_as(*each) for each in zip(bought, ulids, strict=True)]
        return Moment(self.at_us, [*said])

    def moment(self) -> Moment:
        self.at_us += self.draw(st.sampled_from((0, 1, 999_999, 1_000_000, 3_000_000)))
        # What this moment charges can be refunded from the next one on, when its id is known.
        items = [self.item() for _ in range(self.draw(st.integers(1, 7)))]
        self.charges += self.charges_now
        self.charges_now = []
        return Moment(self.at_us, items)

    def item(self) -> Item:
        if self.draw(st.integers(0, 9)):
            return self.submission(self.draw(st.sampled_from((ACME, ACME, ZEN, ZEN, NOBODY))))
        wallet = self.draw(st.sampled_from((ACME, ZEN)))
        size = self.draw(st.integers(1, 4))
        return Atomic(tuple(self.submission(wallet, keyed=True) for _ in range(size)))

    def submission(self, wallet: WalletId, *, keyed: bool = False) -> Submission:
        if self.said and not self.draw(st.integers(0, 7)):
            return self.again(wallet, keyed=keyed)
        ulid = self.ulids.for_wallet(wallet)
        choices = (self.credits, self.usage, self.usage, self.hold, self.ended_hold, self.dispute)
        choose = self.draw(st.sampled_from(choices if keyed else (*choices, self.rest)))
        return self.said_as(choose(wallet, ulid), ulid)

    def said_as(self, command: Command, ulid: Ulid) -> Submission:
        """The command under the next key, remembered."""
        if not isinstance(command, SettleWallet):
            command = replace(command, idempotency_key=f"key-{len(self.said)}")
        submission = Submission(command, ulid, fingerprint(command))
        self.said.append(submission)
        return submission

    def again(self, wallet: WalletId, *, keyed: bool) -> Submission:
        """An earlier command, perhaps with another body."""
        command = self.draw(st.sampled_from(self.said)).command
        if keyed and (command.wallet_id != wallet or isinstance(command, SettleWallet)):
            command = Consume(wallet_id=wallet, feature="USE", idempotency_key="key-0")
        if isinstance(command, Consume) and self.draw(st.booleans()):
            command = replace(command, quantity=command.quantity + 1)
        ulid = self.ulids.for_wallet(command.wallet_id)
        return Submission(command, ulid, fingerprint(command))

    def amount(self, most: int = 20) -> int:
        return self.draw(st.integers(1, most))

    def expiry(self) -> int:
        seconds = self.draw(st.sampled_from((None, None, 0, 1, 2, 5)))
        return NEVER_US if seconds is None else self.at_us + seconds * SECOND_US

    def credits(self, wallet: WalletId, ulid: Ulid) -> Command:  # noqa: ARG002
        if self.draw(st.booleans()):
            return self.purchase(wallet)
        kind = self.draw(st.sampled_from(("bonus", "promo", "adjustment", "plan")))
        taken = kind == "adjustment" and self.draw(st.booleans())
        return GrantCredits(
            wallet_id=wallet,
            kind=kind,
            credits=-self.amount() if taken else self.amount(),
            note="",
            expires_at_us=self.expiry(),
            priority=self.draw(st.sampled_from((50, 50, 10))),
        )

    def purchase(self, wallet: WalletId) -> Command:
        self.payments += 1
        return Purchase(
            wallet_id=wallet,
            credits=self.draw(st.integers(20, 60)),
            bonus_credits=self.draw(st.integers(0, 9)),
            price_paise=self.amount(500),
            payment_id=f"pay-{self.payments}",
            expires_at_us=self.expiry(),
        )

    def usage(self, wallet: WalletId, ulid: Ulid) -> Command:
        self.charges_now.append((wallet, ulid))
        feature = self.draw(st.sampled_from(("USE", "USE", "TOKENS", "CALL", "UNKNOWN")))
        claim = self.draw(st.sampled_from((None, None, None, 2)))
        quantity = self.amount(3 if feature == "CALL" else 9)
        return Consume(wallet_id=wallet, feature=feature, quantity=quantity, credits=claim)

    def hold(self, wallet: WalletId, ulid: Ulid) -> Command:
        self.holds.append((wallet, ulid))
        by_credits = self.draw(st.booleans())
        return OpenHold(
            wallet_id=wallet,
            feature=self.draw(st.sampled_from(("USE", "TOKENS", "CALL"))),
            quantity=None if by_credits else self.amount(9),
            credits=self.amount(9) if by_credits else None,
            ttl_seconds=self.draw(st.sampled_from((60, 1, 3))),
        )

    def ended_hold(self, wallet: WalletId, ulid: Ulid) -> Command:
        ours = [hold for hold in self.holds if hold[0] == wallet]
        if not ours:
            return self.hold(wallet, ulid)
        hold_id = HoldId("hld_" + self.draw(st.sampled_from(ours[-3:]))[1])
        match self.draw(st.sampled_from(("capture", "capture", "release", "extend"))):
            case "capture":
                self.charges_now.append((wallet, ulid))
                by_credits, over = self.draw(st.booleans()), self.draw(st.booleans())
                return CaptureHold(
                    wallet_id=wallet,
                    hold_id=hold_id,
                    credits=self.draw(st.integers(0, 12)) if by_credits else None,
                    quantity=None if by_credits else self.draw(st.integers(0, 12)),
                    over_capture="if_available" if over else "reject",
                )
            case "release":
                return ReleaseHold(wallet_id=wallet, hold_id=hold_id)
            case _:
                return ExtendHold(wallet_id=wallet, hold_id=hold_id, ttl_seconds=self.amount(5))

    def dispute(self, wallet: WalletId, ulid: Ulid) -> Command:  # noqa: ARG002
        payment_id = f"pay-{self.draw(st.integers(1, max(self.payments, 1)))}"
        match self.draw(st.sampled_from(("lock", "unlock", "unspent", "whole"))):
            case "lock":
                return LockPurchase(wallet_id=wallet, payment_id=payment_id)
            case "unlock":
                return UnlockPurchase(wallet_id=wallet, payment_id=payment_id)
            case "unspent":
                part = self.draw(st.none() | st.integers(1, 9))
                return Clawback(
                    wallet_id=wallet, payment_id=payment_id, reach="unspent", credits=part
                )
            case _:
                return Clawback(wallet_id=wallet, payment_id=payment_id, reach="whole")

    def rest(self, wallet: WalletId, ulid: Ulid) -> Command:  # noqa: ARG002
        match self.draw(st.sampled_from(("refund", "refund", "transfer", "settle"))):
            case "refund":
                if not self.charges:
                    return SettleWallet(wallet_id=wallet)
                charge = self.draw(st.sampled_from(self.charges[-5:]))
                return RefundUsage(
                    wallet_id=charge[0],
                    transaction_id=TransactionId("txn_" + charge[1]),
                    credits=self.draw(st.none() | st.integers(1, 9)),
                    reason="",
                )
            case "transfer":
                to = self.draw(st.sampled_from((ACME, ZEN, ZEN, NOBODY)))
                return Transfer(wallet_id=wallet, to_wallet_id=to, credits=self.amount(), note="")
            case _:
                return SettleWallet(wallet_id=wallet)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """A life of up to ten moments, after some credits to begin with."""
    teller = Storyteller(draw)
    return [teller.birth(), *(teller.moment() for _ in range(draw(st.integers(1, 9))))]


def new_books() -> MemoryBooks:
    """Two wallets, one of them with a cap of its own."""
    return MemoryBooks(wallet("acme"), replace(wallet("zen"), caps={"AI": 2}))


def done(running: Coroutine[object, None, Result]) -> Result:
    """The result of a coroutine that waits for nobody."""
    try:
        running.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits for something")


def carry_out(books: MemoryBooks, items: Sequence[Item], at_us: int) -> list[Answers]:
    return done(run_batch(books, items, RULES, at_us))


def audit_all(books: MemoryBooks) -> None:
    for each in books.shelves:
        audit(books.book(each), books.transactions(each))
    given = sum(shelf.book.accounts.transferred for shelf in books.shelves.values())
    assert given == 0


def pieces(items: list[Item], size: int) -> list[list[Item]]:
    return [items[place : place + size] for place in range(0, len(items), size)]


def everything(books: MemoryBooks) -> list[tuple[Book, list[Transaction], dict[str, KeptAnswer]]]:
    """All that is kept; when the first expiry is due is but a hint, and may be early."""
    return [
        (replace(shelf.book, due_us=0), shelf.transactions, shelf.answers)
        for shelf in books.shelves.values()
    ]


@given(life=lives())
def test_credits_are_conserved_after_every_step(life: Life) -> None:
    books = new_books()
    for moment in life:
        for item in moment.items:
            carry_out(books, [item], moment.at_us)
            audit_all(books)


@given(life=lives(), size=st.integers(2, 7))
def test_a_batch_equals_one_by_one(life: Life, size: int) -> None:
    alone, together = new_books(), new_books()
    for moment in life:
        one_by_one = [carry_out(alone, [item], moment.at_us)[0] for item in moment.items]
        parts = pieces(moment.items, size)
        in_batches = [
            answer for part in parts for answer in carry_out(together, part, moment.at_us)
        ]
        assert in_batches == one_by_one
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


def resent(item: Item, ulids: CountedUlids) -> Item:
    """The same request, come to the door once more."""
    if isinstance(item, Atomic):
        return Atomic(
            tuple(each._replace(ulid=ulids.for_wallet(ACME)) for each in item.submissions)
        )
    return item._replace(ulid=ulids.for_wallet(item.command.wallet_id))


@given(life=lives())
def test_a_decided_request_sent_again_moves_nothing_and_is_answered_the_same(life: Life) -> None:
    books, ulids = new_books(), CountedUlids("later")
    for moment in life:
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
