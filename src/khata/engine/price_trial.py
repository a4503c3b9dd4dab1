"""The price trial of one wallet, fed with its transactions, and of all wallets together."""

from collections.abc import Mapping
from heapq import nsmallest

from msgspec import Struct
from msgspec.structs import replace

from khata.domain.evolve import evolve
from khata.domain.ids import GrantId, TransactionId
from khata.domain.ledger import USAGE_TYPES, Posting, Transaction, record
from khata.domain.lots import burn_order
from khata.domain.price_trial import (
    UNCOVERED,
    Charged,
    FeatureTried,
    PriceTrial,
    WalletTried,
    after_return,
    charged_again,
    decided_again,
    goes_on,
    lent,
    returned_again,
    stamp_of,
    trial_book,
    with_carried,
    with_clawback,
    with_hold,
)
from khata.domain.pricing import Price
from khata.domain.rules import Rules
from khata.domain.settle import settle
from khata.domain.wallet import NEVER_US, Book, Lot

_CHARGES_OR_RETURNS = USAGE_TYPES | {"REFUND"}
# These may touch lots from which everything has gone.
_TOUCH_SPENT_LOTS = frozenset({"REFUND", "LOCK", "UNLOCK", "CLAWBACK", "PAYOUT_RELEASE"})


class _Sums(Struct):
    category: str
    count: int = 0
    quantity: int = 0
    actual: int = 0
    proposed: int = 0

    def add(self, other: "_Sums") -> None:
        self.count += other.count
        self.quantity += other.quantity
        self.actual += other.actual
        self.proposed += other.proposed


class Tried:
    """Adds up the trials of wallets, and names up to `named` of them."""

    def __init__(self, proposed: Mapping[str, Price], named: int) -> None:
        self._proposed = proposed
        self._named = named
        self._features: dict[str, _Sums] = {}
        self._wallets: list[WalletTried] = []
        self._count = self._dry = 0

    def add(self, trial: "WalletTrial") -> None:
        """Adds a wallet, if it used anything."""
        if not trial.features:
            return
        outcome = trial.outcome()
        self._count += 1
        self._dry += outcome.runs_dry_at_us is not None
        self._wallets.append(outcome)
        if len(self._wallets) >= 2 * self._named:
            self._wallets = nsmallest(self._named, self._wallets, _urgency)
        for feature, sums in trial.features.items():
            self._features.setdefault(feature, _Sums(sums.category)).add(sums)

    def report(self, from_us: int, to_us: int) -> PriceTrial:
        """What was added."""
        features = sorted(self._features.items(), key=_cost)
        return PriceTrial(
            from_us=from_us,
            to_us=to_us,
            actual_credits=sum(sums.actual for _, sums in features),
            proposed_credits=sum(sums.proposed for _, sums in features),
            features=tuple(self._shown(feature, sums) for feature, sums in features),
            wallets=tuple(nsmallest(self._named, self._wallets, _urgency)),
            wallet_count=self._count,
            runs_dry_count=self._dry,
        )

    def _shown(self, feature: str, sums: _Sums) -> FeatureTried:
        return FeatureTried(
            feature=feature,
            category=sums.category,
            is_priced=feature in self._proposed,
            count=sums.count,
            quantity=sums.quantity,
            actual_credits=sums.actual,
            proposed_credits=sums.proposed,
        )


def _cost(of: tuple[str, _Sums]) -> tuple[int, str]:
    feature, sums = of
    return -max(sums.actual, sums.proposed), feature


def _urgency(wallet: WalletTried) -> tuple[int, int, str]:
    dry_at_us = NEVER_US if wallet.runs_dry_at_us is None else wallet.runs_dry_at_us
    change = abs(wallet.proposed_credits - wallet.actual_credits)
    return dry_at_us, -change, wallet.wallet_id


class WalletTrial:
    """Takes the transactions of one wallet in a period, by sequence.

    `opening` is its book at the period's start, with all lots of which anything may come back, and
    what its payouts held and clawbacks took by then. `refunded` are the charges that the period's
    refunds name: only these are remembered.
    """

    def __init__(
        self, opening: Book, rules: Rules, from_us: int, refunded: frozenset[TransactionId]
    ) -> None:
        self.book = trial_book(opening)
        self.features: dict[str, _Sums] = {}
        self.dry_at_us: int | None = None
        self._rules = rules
        self._from_us = from_us
        self._refunded = refunded
        self._charges: dict[TransactionId, Charged] = {}
        self._spent: dict[GrantId, Lot] = {}
        self._before: Transaction | None = None
        self._put_spent_aside()

    def take(self, t: Transaction) -> None:
        """Decides the next transaction again."""
        if t.type in _TOUCH_SPENT_LOTS:
            self._bring_spent_back()
        if self.book.due_us <= t.at_us and not goes_on(t, self._before):
            self._settle(t)
        self._before = t
        self.book = with_hold(with_carried(self.book, t), t, self._from_us)
        posting = self._returned(t) if t.type == "REFUND" else self._decided(t)
        if t.id in self._refunded:
            self._charges[t.id] = charged_again(t, posting)
        credits = 0 if posting is None else self._booked(posting, t)
        if t.type in _CHARGES_OR_RETURNS:
            self._count(t, credits)
        elif t.type == "CLAWBACK" and posting is not None:
            self.book = with_clawback(self.book, t, posting)
        self._tidy(t)

    def outcome(self) -> WalletTried:
        """What the wallet's usage was and would have been."""
        actual = sum(sums.actual for sums in self.features.values())
        proposed = sum(sums.proposed for sums in self.features.values())
        return WalletTried(self.book.wallet.id, actual, proposed, self.dry_at_us)

    def _decided(self, t: Transaction) -> Posting | None:
        verdict = decided_again(self.book, t, self._rules)
        if isinstance(verdict, UNCOVERED):
            assert self.dry_at_us is None, "what is lent covers everything"
            self.dry_at_us = t.at_us
            self._booked(lent(t.at_us), t)
            verdict = decided_again(self.book, t, self._rules)
        return verdict if isinstance(verdict, Posting) else None

    def _returned(self, t: Transaction) -> Posting | None:
        charge_id = TransactionId(t.source_id or "")
        known = self._charges.get(charge_id)
        posting = returned_again(self.book, t, known)
        if known is not None:
            self._charges[charge_id] = after_return(known, t, posting)
        return posting

    def _booked(self, posting: Posting, t: Transaction) -> int:
        """Books it; the credits that its counter-account got."""
        made = record(self.book, posting, stamp_of(t))
        self.book = evolve(self.book, made)
        return made.account_change

    def _settle(self, t: Transaction) -> None:
        book, _ = settle(self.book, stamp_of(t), self._rules)
        self.book = trial_book(book)

    def _count(self, t: Transaction, credits: int) -> None:
        feature = t.feature or ""
        sums = self.features.get(feature)
        if sums is None:
            sums = self.features[feature] = _Sums(t.category or "")
        sums.count += t.type in USAGE_TYPES
        sums.quantity += t.quantity or 0
        sums.actual += t.account_change
        sums.proposed += credits

    def _tidy(self, t: Transaction) -> None:
        """Keeps what later transactions may ask for, and nothing else at hand."""
        hold = t.facts.hold
        if hold is not None and hold.state != "open":
            holds = {id_: open_ for id_, open_ in self.book.holds.items() if id_ != hold.id}
            self.book = replace(self.book, holds=holds)
        self._put_spent_aside()

    def _put_spent_aside(self) -> None:
        spent = [lot for lot in self.book.lots if not (lot.available or lot.reserved or lot.locked)]
        if spent:
            self._spent.update((lot.id, lot) for lot in spent)
            left = tuple(lot for lot in self.book.lots if lot.id not in self._spent)
            self.book = replace(self.book, lots=left)

    def _bring_spent_back(self) -> None:
        lots = sorted((*self.book.lots, *self._spent.values()), key=burn_order)
        self.book = replace(self.book, lots=tuple(lots))
        self._spent = {}
