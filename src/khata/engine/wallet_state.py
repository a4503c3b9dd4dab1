"""A wallet's state while its ledger is replayed, from which `evolve` is lent what it needs."""

import re
from functools import lru_cache

from khata.domain.budgets import NO_COUNTS, Counter, Counts
from khata.domain.evolve import evolve
from khata.domain.ids import ALPHABET, BUCKETS, TransactionId, bucket_of
from khata.domain.inr import Legs, legs_of
from khata.domain.ledger import Transaction
from khata.domain.payouts import PAYOUT_TYPES
from khata.domain.pricing import Remainder
from khata.domain.restores import taken_back
from khata.domain.wallet import Accounts, Book, Draw, Hold, Lot, TakenBack, Wallet
from khata.engine.recount import Recount

_SHAPE = re.compile(f"[a-z]{{3}}_[0-7][{ALPHABET}]{{25}}")
# The two characters of an id in which its bucket stands.
_MARKS = slice(-16, -14)


class WalletState:
    """Everything by its key, so that a step costs what it touches and not what the wallet has.

    `evolve` is lent a book of just those lots, holds and counters that a transaction names, as
    the engine loads only these. `holds` are the open ones,
    `paise` what the legs of all transactions sum to by account.
    """

    def __init__(self, wallet: Wallet) -> None:
        self.wallet = wallet
        self.accounts = Accounts()
        self.lots: dict[str, Lot] = {}
        self.holds: dict[str, Hold] = {}
        self.caps: dict[tuple[str, int], int] = {}
        self.counters: dict[Counter, int] = {}
        # What the wallet added to budgets that it shares with others.
        self.shared: dict[Counter, int] = {}
        self.meters: dict[str, Remainder] = {}
        self.clawbacks: dict[TransactionId, TakenBack] = {}
        self.paise: dict[str, int] = {}
        self.payouts: dict[str, tuple[Draw, ...]] = {}
        self.usage = Recount(wallet)
        self.marks = marks_of(bucket_of(wallet.id))

    def lent(self, transaction: Transaction) -> Book:
        """The book with what this transaction names, as far as the wallet has it."""
        t, facts = transaction, transaction.facts
        hold = None if facts.hold is None else self.holds.get(facts.hold.id)
        drawn = (*t.draws, *facts.clawed, *(() if hold is None else hold.draws))
        named = {draw.grant_id: None for draw in drawn}
        if facts.grants:
            named.update({lot.id: None for lot in facts.grants})
        feature = t.feature or ""
        uses = ((use.cap, use.day) for use in facts.caps)
        return Book(
            self.wallet,
            self.accounts,
            lots=tuple(self.lots[grant_id] for grant_id in named if grant_id in self.lots),
            holds={} if hold is None else {hold.id: hold},
            caps={use: self.caps[use] for use in uses if use in self.caps},
            meters={feature: self.meters[feature]} if feature in self.meters else {},
            clawbacks=self.clawbacks if t.type == "CLAWBACK" else {},
            payouts=self.payouts if t.type in PAYOUT_TYPES else {},
            counts=self._counts(t) if facts.budgets else NO_COUNTS,
        )

    def take(self, book: Book, transaction: Transaction) -> Book:
        """Evolves a lent book and keeps what came of it. Returns the book after."""
        after = evolve(book, transaction)
        self.accounts = after.accounts
        for lot in after.lots:
            self.lots[lot.id] = lot
        for hold in after.holds.values():
            self.holds[hold.id] = hold
        self.caps.update(after.caps)
        self.meters.update(after.meters)
        if transaction.facts.budgets:
            self._keep_counts(after, transaction)
        self.add_legs(legs_of(transaction))
        if transaction.type == "CLAWBACK":
            self._keep_clawback(after, transaction)
        self.payouts.update(after.payouts)
        return after

    def add_legs(self, legs: Legs) -> None:
        """Adds legs in INR to what their accounts sum to."""
        for leg in legs:
            self.paise[leg.account] = self.paise.get(leg.account, 0) + leg.paise

    def _counts(self, t: Transaction) -> Counts:
        named = (use.counter for use in t.facts.budgets if not use.is_shared)
        return Counts({each: self.counters[each] for each in named if each in self.counters})

    def _keep_counts(self, after: Book, t: Transaction) -> None:
        self.counters.update(after.counts.own)
        for use in t.facts.budgets:
            if use.is_shared:
                self.shared[use.counter] = self.shared.get(use.counter, 0) + use.amount

    def _keep_clawback(self, after: Book, t: Transaction) -> None:
        self.clawbacks = dict(after.clawbacks)
        taken = taken_back(t.id, t.draws, t.facts) if t.source == "payment" else None
        if taken is not None:
            self.clawbacks[t.id] = taken


def is_of_bucket(wallet_owned_id: str, prefix: str, marks: frozenset[str]) -> bool:
    """Whether it is an id with this prefix and one of these marks of a bucket."""
    id_ = wallet_owned_id
    return id_.startswith(prefix) and id_[_MARKS] in marks and _SHAPE.fullmatch(id_) is not None


@lru_cache(maxsize=BUCKETS)
def marks_of(bucket: int) -> frozenset[str]:
    """The pairs of characters that may stand for a bucket in an id."""
    five_bits, three_bits = ALPHABET[bucket >> 3], (bucket & 7) << 2
    return frozenset(five_bits + ALPHABET[three_bits | rest] for rest in range(4))
