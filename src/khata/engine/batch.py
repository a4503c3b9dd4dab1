"""Load, decide, write: the one way credits move."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from khata.domain.actor import Actor
from khata.domain.acts import Act, action_of
from khata.domain.budgets import NOBODY, Spender
from khata.domain.commands import (
    CaptureHold,
    Claimed,
    Clawback,
    Command,
    Consume,
    Decision,
    Extended,
    ExtendHold,
    LockPurchase,
    OpenHold,
    Outcome,
    Recorded,
    RefundUsage,
    ReleaseHold,
    ReleasePayout,
    RestoreRefund,
    Settled,
    Transfer,
    UnlockPurchase,
    decide,
    wallets_of,
)
from khata.domain.ids import OrganizationId, Ulid, WalletId
from khata.domain.ledger import Stamp, Transaction
from khata.domain.refusals import AnyRefusal, BatchAborted, KeyReused, WalletNotFound
from khata.domain.refused import circumstances
from khata.domain.rules import Rules
from khata.domain.wallet import Book
from khata.engine.books import Books, Changes, KeptAnswer, Key, Loaded, Need, Prior


class Submission(NamedTuple):
    """A command as it came to the door, with a ULID for all it makes and its body's fingerprint.

    `within` is the organization its caller is confined to: no other's wallet is there for it.
    `spender` is who sent it, which is no part of the body. `by` is whom the audit log is to name
    where it is an administrative act.
    """

    command: Command
    ulid: Ulid
    fingerprint: bytes
    within: OrganizationId | None = None
    spender: Spender = NOBODY
    by: Actor | None = None


class Atomic(NamedTuple):
    """Submissions on one wallet of which all are carried out, or none."""

    submissions: tuple[Submission, ...]


class Together(NamedTuple):
    """Submissions that come and are answered together, though each stands alone."""

    submissions: tuple[Submission, ...]


class Answer(NamedTuple):
    """The outcome, whether it was decided earlier under the same key, and the id of a refusal."""

    outcome: Outcome
    replayed: bool = False
    refusal_id: str | None = None


# The store begins to write a stretch of a batch while the next stretch is decided.
_STRETCH = 64
_SPENDS = (Consume, OpenHold)

Item = Submission | Atomic | Together
Answers = Answer | tuple[Answer, ...]


async def run_batch(books: Books, items: Sequence[Item], rules: Rules, at_us: int) -> list[Answers]:
    """Carries out a batch in one durable commit and answers each item in order."""
    async with books.session() as session:
        desk = Desk(await session.load(need_of(items, at_us)), rules, at_us)
        answers: list[Answers] = []
        for item in items:
            answers.append(desk.take(item))
            if desk.undelivered >= _STRETCH:
                session.add(desk.newly_decided())
        if desk.undelivered:
            session.add(desk.newly_decided())
        if (changes := desk.changes()) is not None:
            await session.write(changes)
    return answers


def weight(item: Item) -> int:
    """How many commands the item is."""
    return 1 if isinstance(item, Submission) else len(item.submissions)


def need_of(items: Sequence[Item], at_us: int) -> Need:
    """What these items may touch."""
    wallets: set[WalletId] = set()
    need = Need(
        wallets=[],
        at_us=at_us,
        keys=[],
        holds=[],
        charges=[],
        payments=[],
        clawbacks=[],
        payouts=[],
        spendings=[],
    )
    for item in items:
        for submission in (item,) if isinstance(item, Submission) else item.submissions:
            command = submission.command
            wallets.add(command.wallet_id)
            if command.idempotency_key is not None:
                need.keys.append((command.wallet_id, command.idempotency_key))
            if isinstance(command, _SPENDS):
                need.spendings.append((command.wallet_id, command.member_id, submission.spender))
            else:
                _name(command, submission.spender, wallets, need)
    need.wallets.extend(sorted(wallets))
    return need


def _name(command: Command, spender: Spender, wallets: set[WalletId], need: Need) -> None:
    wallet_id = command.wallet_id
    match command:
        case CaptureHold():
            need.holds.append((wallet_id, command.hold_id))
            # Whose hold it is, its row tells.
            need.spendings.append((wallet_id, None, spender))
        case ReleaseHold() | ExtendHold():
            need.holds.append((wallet_id, command.hold_id))
        case RefundUsage():
            need.charges.append((wallet_id, command.transaction_id))
        case LockPurchase() | Clawback():
            need.payments.append((wallet_id, command.payment_id))
        case RestoreRefund():
            need.payments.append((wallet_id, command.payment_id))
            need.clawbacks.append((wallet_id, command.transaction_id))
        case UnlockPurchase():
            need.payments.append((wallet_id, command.payment_id))
            need.payouts.append(wallet_id)
        case ReleasePayout():
            need.payouts.append(wallet_id)
        case _:
            wallets.update(wallets_of(command))


class Desk:
    """Decides one command after another, each on the books as the one before left them."""

    def __init__(self, loaded: Loaded, rules: Rules, at_us: int) -> None:
        self._shared_before = self._shared = loaded.shared
        self._before = {each: self._up_to_date(book) for each, book in loaded.books.items()}
        self._books: dict[WalletId, Book] = dict(self._before)
        self._priors: dict[Key, Prior] = dict(loaded.priors)
        self._rules = rules
        self._at_us = at_us
        self._transactions: list[Transaction] = []
        self._answers: list[KeptAnswer] = []
        self._acts: list[Act] = []
        self._handed_over = 0

    def take(self, item: Item) -> Answers:
        """The answer to an item, noted for `changes`."""
        if isinstance(item, Submission):
            return self._one(item)
        if isinstance(item, Atomic):
            return self._atomic(item)
        return tuple([self._one(submission) for submission in item.submissions])

    @property
    def undelivered(self) -> int:
        """How many transactions `newly_decided` would give."""
        return len(self._transactions) - self._handed_over

    def newly_decided(self) -> list[Transaction]:
        """The transactions since this was last asked."""
        new = self._transactions[self._handed_over :]
        self._handed_over = len(self._transactions)
        return new

    def changes(self) -> Changes | None:
        """What there is to write, if anything."""
        if not self._transactions and not self._answers:
            return None
        shared = dict(self._shared.items() - self._shared_before.items())
        return Changes(
            before=self._before,
            after=self._books,
            transactions=self._transactions,
            answers=self._answers,
            acts=self._acts,
            shared=shared,
        )

    def _one(self, submission: Submission) -> Answer:
        wallet_id = submission.command.wallet_id
        prior = self._prior(submission)
        if prior is not None:
            return _replayed(prior, submission)
        decision = self._decision(submission)
        if isinstance(decision, WalletNotFound):
            return Answer(decision)
        self._books[wallet_id] = decision.book
        self._shared = decision.book.counts.shared
        if decision.counterpart is not None:
            self._books[decision.counterpart.wallet.id] = decision.counterpart
            self._shared = decision.counterpart.counts.shared
        self._transactions += decision.transactions
        if submission.by is not None and isinstance(decision.outcome, Recorded):
            self._note(submission, submission.by, decision.outcome)
        return Answer(decision.outcome, refusal_id=self._keep_key(submission, decision.outcome))

    def _decision(self, submission: Submission) -> Decision | WalletNotFound:
        command = submission.command
        book = self._book(command.wallet_id, submission)
        if book is None:
            return WalletNotFound(command.wallet_id)
        book = self._up_to_date(book)
        # A wallet's times never run backwards, whatever the clocks of several servers say.
        at_us = max(self._at_us, book.accounts.at_us)
        counterpart = None
        if isinstance(command, Transfer):
            counterpart = self._book(command.to_wallet_id, submission)
            if counterpart is None:
                return WalletNotFound(command.to_wallet_id)
            at_us = max(at_us, counterpart.accounts.at_us)
        stamp = Stamp(submission.ulid, at_us, submission.fingerprint, submission.spender)
        return decide(book, command, stamp, self._rules, counterpart)

    def _book(self, wallet_id: WalletId, submission: Submission) -> Book | None:
        """The wallet's book, if it exists and is its caller's to know of."""
        book = self._books.get(wallet_id)
        if book is None or submission.within is None:
            return book
        return book if book.wallet.organization_id == submission.within else None

    def _prior(self, submission: Submission) -> Prior | None:
        """What the key stands for already, in a wallet that is its caller's to know of."""
        command = submission.command
        if command.idempotency_key is None:
            return None
        prior = self._priors.get((command.wallet_id, command.idempotency_key))
        known = prior is not None and self._book(command.wallet_id, submission) is not None
        return prior if known else None

    def _up_to_date(self, book: Book) -> Book:
        """The book with what other wallets have meanwhile added to the shared budgets."""
        if book.counts.shared is self._shared:
            return book
        return replace(book, counts=replace(book.counts, shared=self._shared))

    def _keep_key(self, submission: Submission, outcome: Outcome) -> str | None:
        """Notes what the key stands for from now on. The id of a refusal that is kept."""
        command = submission.command
        wallet_id, key = command.wallet_id, command.idempotency_key
        if key is None or isinstance(outcome, Settled):
            return None
        book = self._book(wallet_id, submission)
        if book is None:
            return None
        if isinstance(outcome, Recorded):
            self._priors[wallet_id, key] = Prior(submission.fingerprint, outcome)
            return None
        if not isinstance(outcome, Extended) and not outcome.decided:
            return None
        kept = self._kept(submission, outcome, book, key)
        prior = Prior(submission.fingerprint, outcome, kept.refusal_id)
        self._priors[wallet_id, key] = prior
        self._answers.append(kept)
        return kept.refusal_id

    def _kept(
        self, submission: Submission, outcome: Extended | AnyRefusal, book: Book, key: str
    ) -> KeptAnswer:
        wallet_id, at_us = book.wallet.id, self._at_us
        if isinstance(outcome, Extended):
            return KeptAnswer(wallet_id, key, submission.fingerprint, at_us, outcome)
        command, spender = submission.command, submission.spender
        return KeptAnswer(
            wallet_id,
            key,
            submission.fingerprint,
            at_us,
            outcome,
            refusal_id=f"ref_{submission.ulid}",
            circumstances=circumstances(book, command, spender, self._rules, at_us),
        )

    def _note(self, submission: Submission, by: Actor, outcome: Recorded) -> None:
        """Notes who did it, if it is an administrative act."""
        action = action_of(submission.command)
        if action is not None:
            act_id = f"aud_{submission.ulid}"
            act = Act(id=act_id, by=by, action=action, transaction=outcome.transaction)
            self._acts.append(act)

    def _atomic(self, group: Atomic) -> tuple[Answer, ...]:
        saved = (dict(self._books), dict(self._priors), len(self._transactions), len(self._answers))
        shared, acts = self._shared, len(self._acts)
        answers: list[Answer] = []
        for submission in group.submissions:
            answers.append(self._one(submission))
            if not isinstance(answers[-1].outcome, Recorded | Extended):
                self._books, self._priors, self._shared = saved[0], saved[1], shared
                del self._transactions[saved[2] :], self._answers[saved[3] :], self._acts[acts:]
                return tuple(self._aborted(group, answers))
        return tuple(answers)

    def _aborted(self, group: Atomic, answers: list[Answer]) -> Iterator[Answer]:
        failed = len(answers) - 1
        cause = answers[failed].outcome
        for index, submission in enumerate(group.submissions):
            prior = self._prior(submission)
            if prior is not None:
                yield _replayed(prior, submission)
                continue
            outcome = cause if index == failed else BatchAborted(failed)
            if isinstance(cause, BatchAborted) and cause.failed_index == index:
                outcome = self._undecided(submission) or outcome
            yield Answer(outcome, refusal_id=self._keep_key(submission, outcome))

    def _undecided(self, submission: Submission) -> Outcome | None:
        """Why an item failed that left its key unused, when its aborted batch comes again."""
        outcome = self._decision(submission)
        if isinstance(outcome, Decision):
            outcome = outcome.outcome
        undecided = isinstance(outcome, AnyRefusal) and not outcome.decided
        return outcome if undecided else None


def _replayed(prior: Prior, submission: Submission) -> Answer:
    """The answer that the key already stands for, if the request is the same.

    It counts as the first when this very submission led to it, in a commit whose answer was lost.
    """
    outcome = prior.outcome
    if prior.fingerprint != submission.fingerprint or isinstance(outcome, Claimed):
        return Answer(KeyReused(submission.command.idempotency_key or ""))
    own = isinstance(outcome, Recorded) and outcome.transaction.id.endswith(submission.ulid)
    return Answer(outcome, replayed=not own, refusal_id=prior.refusal_id)
