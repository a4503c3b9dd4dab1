"""Whole lives of two wallets, for Hypothesis: all commands, with something to do with each other.

A life is told as moments: the seconds that pass, and then what is submitted at that instant.
"""

from collections.abc import Coroutine, Sequence
from typing import Any, NamedTuple, TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from khata.domain.budgets import Budget, BudgetUnit, Spender, outermost_first
from khata.domain.commands import (
    CaptureHold,
    Clawback,
    Command,
    Consume,
    ExtendHold,
    GrantCredits,
    HoldPayout,
    LockPurchase,
    OpenHold,
    Purchase,
    RefundUsage,
    ReleaseHold,
    ReleasePayout,
    RestoreRefund,
    SettleWallet,
    Transfer,
    UnlockPurchase,
)
from khata.domain.ids import HoldId, TransactionId, Ulid, WalletId
from khata.domain.inr import DisputeMoney, RefundMoney
from khata.domain.limits import HOUR_US
from khata.domain.pricing import Price
from khata.domain.rules import Rules
from khata.domain.wallet import NEVER_US, Wallet
from khata.engine.batch import Answers, Atomic, Item, Submission, run_batch
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
from khata.testing.builders import ulid_named

ACME, ZEN = wallet_id("acme"), wallet_id("zen")
NOBODY = wallet_id("nobody")
TOKENS, CALL = Price("TOKENS", "AI", 3, per=7), Price("CALL", "AI", 2, cap="AI")
RULES: Rules = rules(
    price_list(TOKENS, CALL),
    price_list(replace(TOKENS, per=5), CALL, version=2, effective_at_us=NEW_YEAR_US + 9_000_000),
    caps={"AI": 3},
)


def budget(name: str, unit: BudgetUnit, limit: int, **how: Any) -> Budget:
    """A budget of that name, of an hour of the whole wallet's spending unless told otherwise."""
    usual: dict[str, Any] = {"level": "organization", "window": "hour"}
    return Budget(id="bud_" + ulid_named(name), unit=unit, limit=limit, **{**usual, **how})


SHARED = (
    budget("shared", "credits", 18, time_zone="Asia/Kolkata"),
    budget("shared calls", "count", 7, window="day", time_zone="Europe/Berlin"),
    budget("shared keys", "credits", 11, level="key", time_zone="UTC"),
)
OF_ACME = (
    budget("members", "credits", 9, level="member"),
    budget("mem-1", "count", 3, level="member", subject="mem-1", window="day"),
    budget("ai", "credits", 10, category="AI", window="month"),
    budget("use", "credits", 9, feature="USE", on_limit="alert", window="lifetime"),
)
OF_ZEN = (budget("keys", "count", 3, level="key", alert_at_percent=80),)
# The second brings a spending limit of its own along.
LIMIT = budget("limit", "credits", 9, level="key", subject="key_b", time_zone="UTC")
SPENDERS = (Spender(), Spender(), Spender("key_a"), Spender("key_b", "org_1", LIMIT))


def two_wallets() -> tuple[Wallet, Wallet]:
    """The wallets of the lives: one with a cap of its own."""
    return wallet("acme"), replace(wallet("zen"), caps={"AI": 2})


def budgeted_wallets() -> tuple[Wallet, Wallet]:
    """The same with budgets of all kinds, some of them shared."""
    acme, zen = two_wallets()
    return (
        replace(acme, budgets=outermost_first((*SHARED, *OF_ACME))),
        replace(zen, budgets=outermost_first((*SHARED, *OF_ZEN))),
    )


ARMED = (
    st.none() | st.none() | st.tuples(st.sampled_from((ACME, ZEN)), st.none() | st.integers(0, 60))
)
MEMBERS = (None, "mem-1", "mem-2")

Result = TypeVar("Result")


class Moment(NamedTuple):
    """What is submitted at one instant, and which wallet is armed before it with which line."""

    at_us: int
    items: list[Item]
    armed: tuple[WalletId, int | None] | None = None


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
        self.refunds: list[tuple[WalletId, Ulid, str]] = []
        self.refunds_now: list[tuple[WalletId, Ulid, str]] = []
        self.payouts: list[tuple[WalletId, Ulid]] = []

    def birth(self) -> Moment:
        """Credits to begin with."""
        ulids = [self.ulids.for_wallet(each) for each in (ACME, ZEN)]
        bought = [self.purchase(ACME), self.purchase(ZEN)]
        said = [self.said_as(*each) for each in zip(bought, ulids, strict=True)]
        return Moment(self.at_us, [*said])

    def moment(self) -> Moment:
        usual = (0, 1, 999_999, 1_000_000, 3_000_000)
        self.at_us += self.draw(st.sampled_from((*usual, *usual, HOUR_US)))
        # What this moment charges can be refunded from the next one on, when its id is known.
        items = [self.item() for _ in range(self.draw(st.integers(1, 7)))]
        self.charges += self.charges_now
        self.charges_now = []
        self.refunds += self.refunds_now
        self.refunds_now = []
        return Moment(self.at_us, items, self.draw(ARMED))

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
        choices = (
            *(self.credits, self.usage, self.usage, self.hold, self.ended_hold),
            *(self.dispute, self.payout),
        )
        choose = self.draw(st.sampled_from(choices if keyed else (*choices, self.rest)))
        return self.said_as(choose(wallet, ulid), ulid)

    def said_as(self, command: Command, ulid: Ulid) -> Submission:
        """The command under the next key, remembered."""
        if not isinstance(command, SettleWallet):
            command = replace(command, idempotency_key=f"key-{len(self.said)}")
        spender = SPENDERS[len(self.said) % len(SPENDERS)]
        submission = Submission(command, ulid, fingerprint(command), None, spender)
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
        # Whoever sends it again: that is no part of what is asked for.
        return Submission(command, ulid, fingerprint(command), None, SPENDERS[-1])

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
        bought = Purchase(
            wallet_id=wallet,
            credits=self.draw(st.integers(20, 60)),
            bonus_credits=self.draw(st.integers(0, 9)),
            price_paise=self.amount(500),
            payment_id=f"pay-{self.payments}",
            expires_at_us=self.expiry(),
        )
        if self.draw(st.booleans()):
            return bought
        return replace(
            bought,
            order_id="ord-1",
            gateway="simulator",
            fee_paise=self.amount(),
            igst_paise=self.amount(),
            round_off_paise=self.draw(st.integers(-50, 50)),
            fee_deferred=self.draw(st.booleans()),
            under_review=self.draw(st.booleans()),
        )

    def usage(self, wallet: WalletId, ulid: Ulid) -> Command:
        self.charges_now.append((wallet, ulid))
        feature = self.draw(st.sampled_from(("USE", "USE", "TOKENS", "CALL", "UNKNOWN")))
        claim = self.draw(st.sampled_from((None, None, None, 2)))
        quantity = self.amount(3 if feature == "CALL" else 9)
        return Consume(
            wallet_id=wallet,
            feature=feature,
            quantity=quantity,
            credits=claim,
            member_id=MEMBERS[quantity % len(MEMBERS)],
        )

    def hold(self, wallet: WalletId, ulid: Ulid) -> Command:
        self.holds.append((wallet, ulid))
        by_credits = self.draw(st.booleans())
        return OpenHold(
            wallet_id=wallet,
            feature=self.draw(st.sampled_from(("USE", "TOKENS", "CALL"))),
            quantity=None if by_credits else self.amount(9),
            credits=self.amount(9) if by_credits else None,
            ttl_seconds=self.draw(st.sampled_from((60, 1, 3))),
            member_id=MEMBERS[len(self.holds) % len(MEMBERS)],
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

    def dispute(self, wallet: WalletId, ulid: Ulid) -> Command:
        payment_id = f"pay-{self.draw(st.integers(1, max(self.payments, 1)))}"
        dispute = DisputeMoney("disp-1", "simulator", self.amount(500))
        money = self.draw(st.sampled_from((None, dispute)))
        match self.draw(st.sampled_from(("lock", "unlock", "unspent", "whole", "restore"))):
            case "lock":
                return LockPurchase(wallet_id=wallet, payment_id=payment_id, dispute=money)
            case "unlock":
                return UnlockPurchase(wallet_id=wallet, payment_id=payment_id, dispute=money)
            case "unspent":
                return self.refunded(wallet, ulid, payment_id)
            case "whole":
                return Clawback(
                    wallet_id=wallet, payment_id=payment_id, reach="whole", dispute=money
                )
            case _:
                return self.restored(wallet, ulid, payment_id)

    def refunded(self, wallet: WalletId, ulid: Ulid, payment_id: str) -> Command:
        part = self.draw(st.none() | st.integers(1, 9))
        taken = Clawback(wallet_id=wallet, payment_id=payment_id, reach="unspent", credits=part)
        if self.draw(st.booleans()):
            return taken
        self.refunds_now.append((wallet, ulid, payment_id))
        money = RefundMoney("rfnd-1", self.amount(500), igst_paise=self.amount())
        return replace(taken, refund=money)

    def restored(self, wallet: WalletId, ulid: Ulid, payment_id: str) -> Command:
        ours = [refund for refund in self.refunds if refund[0] == wallet]
        if not ours:
            return self.refunded(wallet, ulid, payment_id)
        _, refund_ulid, payment_id = self.draw(st.sampled_from(ours[-3:]))
        refund_id = TransactionId("txn_" + refund_ulid)
        return RestoreRefund(wallet_id=wallet, transaction_id=refund_id, payment_id=payment_id)

    def payout(self, wallet: WalletId, ulid: Ulid) -> Command:
        ours = [payout for payout in self.payouts if payout[0] == wallet]
        if ours and self.draw(st.booleans()):
            payout_id = "pyo_" + self.draw(st.sampled_from(ours[-3:]))[1]
            return ReleasePayout(wallet_id=wallet, payout_id=payout_id)
        self.payouts.append((wallet, ulid))
        return HoldPayout(wallet_id=wallet, credits=self.amount())

    def rest(self, wallet: WalletId, ulid: Ulid) -> Command:  # noqa: ARG002
        match self.draw(st.sampled_from(("refund", "refund", "transfer", "settle"))):
            case "refund":
                ours = [charge for charge in self.charges if charge[0] == wallet]
                if not ours:
                    return SettleWallet(wallet_id=wallet)
                return RefundUsage(
                    wallet_id=wallet,
                    transaction_id=TransactionId("txn_" + self.draw(st.sampled_from(ours[-5:]))[1]),
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


def resent(item: Item, ulids: CountedUlids) -> Item:
    """The same request, come to the door once more."""
    if isinstance(item, Submission):
        return item._replace(ulid=ulids.for_wallet(item.command.wallet_id))
    again = (
        each._replace(ulid=ulids.for_wallet(each.command.wallet_id)) for each in item.submissions
    )
    return item._replace(submissions=tuple(again))


def new_books() -> MemoryBooks:
    """Two wallets with a cap and budgets of their own, some of which they share."""
    return MemoryBooks(*budgeted_wallets())


def done(running: Coroutine[object, None, Result]) -> Result:
    """The result of a coroutine that waits for nobody."""
    try:
        running.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits for something")


def carry_out(
    books: MemoryBooks, items: Sequence[Item], at_us: int, given: Rules = RULES
) -> list[Answers]:
    """What a batch of these answers."""
    return done(run_batch(books, items, given, at_us))


def arm(books: MemoryBooks, moment: Moment) -> None:
    """Arms whom the moment arms."""
    if moment.armed is not None:
        books.arm(*moment.armed)
