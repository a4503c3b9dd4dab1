"""The verbs of a story that become commands, and the names a story gives to what they make."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal

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
from khata.domain.holds import DEFAULT_TTL_SECONDS
from khata.domain.ids import GrantId, HoldId, TransactionId, WalletId
from khata.domain.inr import OFFLINE, DisputeMoney, RefundMoney
from khata.domain.ledger import Transaction
from khata.domain.money import PAISE_PER_CREDIT
from khata.domain.wallet import NEVER_US
from khata.testing.story_text import Line

if TYPE_CHECKING:
    from khata.testing.story import Story

Verb = Callable[[Line, "Story"], Command]
Kind = Literal["bonus", "promo", "adjustment", "plan"]
KINDS: Mapping[str, Kind] = {
    "bonus": "bonus",
    "promo": "promo",
    "adjustment": "adjustment",
    "plan": "plan",
}


class Names:
    """What lots, holds, charges and payouts are called in a story, and how far each ledger was
    read."""

    def __init__(self) -> None:
        self.lots: dict[GrantId, str] = {}
        self.holds: dict[str, HoldId] = {}
        self.charges: dict[str, TransactionId] = {}
        self.clawbacks: dict[str, tuple[TransactionId, str]] = {}
        self.payouts: dict[str, str] = {}
        self.seen: dict[WalletId, int] = {}

    def hold(self, line: Line) -> HoldId:
        """The hold that a line's first word names."""
        name = line.word(0, "the name of a hold")
        if name not in self.holds:
            raise line.wrong(f"no hold is called “{name}”")
        return self.holds[name]

    def charge(self, line: Line) -> TransactionId:
        """The charge that a line's first word names."""
        name = line.word(0, "the name of a charge")
        if name not in self.charges:
            raise line.wrong(f"no charge is called “{name}”")
        return self.charges[name]

    def clawback(self, line: Line) -> tuple[TransactionId, str]:
        """The clawback that a line's first word names, and its purchase."""
        name = line.word(0, "the name of a clawback")
        if name not in self.clawbacks:
            raise line.wrong(f"no clawback is called “{name}”")
        return self.clawbacks[name]

    def payout(self, line: Line) -> str:
        """The payout that a line's first word names; any other word is an id that nobody made."""
        name = line.word(0, "the name of a payout")
        return self.payouts.get(name, name)

    def take(self, line: Line, own: Transaction, made: Iterable[Transaction]) -> None:
        """Note the names of what a line made: lots after their kind or `as`, others after `as`."""
        for t in made:
            for lot in t.facts.grants:
                given = lot.from_grant_id and self.lots[lot.from_grant_id]
                bonus_of_a_purchase = lot.kind == "bonus" and lot.payment_id
                usual = f"{lot.payment_id} bonus" if bonus_of_a_purchase else lot.payment_id
                called = line.options.get("as") if usual is None else usual
                self.lots.setdefault(lot.id, given or called or lot.kind)
        self._take_own(line, own)

    def _take_own(self, line: Line, own: Transaction) -> None:
        called = line.options.get("as", "it")
        name = own.facts.hold.id if own.facts.hold else None
        if own.type == "HOLD" and name is not None:
            self.holds[called] = name
        elif own.type == "HOLD_CAPTURE":
            self.charges[line.words[0]] = own.id
        elif own.type == "USAGE_DEDUCTION":
            self.charges[called] = own.id
        elif own.type == "CLAWBACK":
            self.clawbacks[called] = (own.id, own.facts.payment_id or "")
        elif own.type == "PAYOUT_HOLD" and own.source_id is not None:
            self.payouts[called] = own.source_id


def _grant(line: Line, story: "Story") -> Command:
    kind = line.word(0, "paid, bonus, promo, plan or adjustment")
    credits = line.number(1, "credits")
    expires_at_us = story.time_of(line, "until", NEVER_US)
    if kind == "paid":
        return Purchase(
            wallet_id=story.wallet_of(line),
            credits=credits,
            price_paise=_paise(line, credits),
            payment_id=line.options.get("as", "paid"),
            expires_at_us=expires_at_us,
        )
    if kind not in KINDS:
        raise line.wrong(f"nobody grants “{kind}”: paid, bonus, promo, plan or adjustment")
    return GrantCredits(
        wallet_id=story.wallet_of(line),
        kind=KINDS[kind],
        credits=credits,
        note="told",
        expires_at_us=expires_at_us,
        priority=line.whole(line.options.get("priority", "50"), "a priority"),
        transferable=False if "personal" in line.words else None,
    )


def _buy(line: Line, story: "Story") -> Command:
    credits, bonus = line.number(0, "credits"), line.number(2, "bonus credits after a +")
    return Purchase(
        wallet_id=story.wallet_of(line),
        credits=credits,
        bonus_credits=bonus,
        price_paise=_paise(line, credits),
        payment_id=line.options.get("as", "paid"),
        expires_at_us=story.time_of(line, "until", NEVER_US),
        gateway=line.options.get("through", OFFLINE),
        fee_paise=line.paise("fee"),
        igst_paise=line.paise("tax"),
        under_review="review" in line.words,
    )


def _paise(line: Line, credits: int) -> int:
    return line.paise("for") if "for" in line.options else credits * PAISE_PER_CREDIT


def _consume(line: Line, story: "Story") -> Command:
    claimed = line.options.get("claiming")
    return Consume(
        wallet_id=story.wallet_of(line),
        quantity=line.number(0, "a quantity"),
        feature=_feature(line),
        member_id=line.options.get("by"),
        credits=None if claimed is None else line.whole(claimed, "credits"),
    )


def _hold(line: Line, story: "Story") -> Command:
    amount = line.number(0, "a quantity")
    ttl = line.options.get("for")
    return OpenHold(
        wallet_id=story.wallet_of(line),
        feature=_feature(line),
        quantity=None if "credits" in line.words else amount,
        credits=amount if "credits" in line.words else None,
        ttl_seconds=DEFAULT_TTL_SECONDS if ttl is None else line.seconds(ttl),
        member_id=line.options.get("by"),
    )


def _capture(line: Line, story: "Story") -> Command:
    amount = line.number(1, "a quantity")
    return CaptureHold(
        wallet_id=story.wallet_of(line),
        hold_id=story.names.hold(line),
        quantity=None if "credits" in line.words else amount,
        credits=amount if "credits" in line.words else None,
        over_capture="if_available" if "over" in line.words else "reject",
    )


def _release(line: Line, story: "Story") -> Command:
    return ReleaseHold(wallet_id=story.wallet_of(line), hold_id=story.names.hold(line))


def _extend(line: Line, story: "Story") -> Command:
    return ExtendHold(
        wallet_id=story.wallet_of(line),
        hold_id=story.names.hold(line),
        ttl_seconds=line.seconds(line.options.get("for", "10m")),
    )


def _refund(line: Line, story: "Story") -> Command:
    return RefundUsage(
        wallet_id=story.wallet_of(line),
        transaction_id=story.names.charge(line),
        credits=line.number(1, "credits") if len(line.words) > 1 else None,
        reason="told",
    )


def _give(line: Line, story: "Story") -> Command:
    return Transfer(
        wallet_id=story.wallet_of(line),
        to_wallet_id=story.wallet_of(line, "to"),
        credits=line.number(0, "credits"),
        note="told",
    )


def _lock(line: Line, story: "Story") -> Command:
    return LockPurchase(
        wallet_id=story.wallet_of(line),
        payment_id=line.word(0, "a purchase"),
        dispute=_disputed(line),
    )


def _unlock(line: Line, story: "Story") -> Command:
    return UnlockPurchase(
        wallet_id=story.wallet_of(line),
        payment_id=line.word(0, "a purchase"),
        dispute=_disputed(line),
    )


def _clawback(line: Line, story: "Story") -> Command:
    whole = "whole" in line.words
    part = line.number(1, "credits") if len(line.words) > 1 and not whole else None
    return Clawback(
        wallet_id=story.wallet_of(line),
        payment_id=line.word(0, "a purchase"),
        reach="whole" if whole else "unspent",
        credits=part,
        refund=_refunded(line),
        dispute=_disputed(line),
    )


def _undo(line: Line, story: "Story") -> Command:
    transaction_id, payment_id = story.names.clawback(line)
    return RestoreRefund(
        wallet_id=story.wallet_of(line), transaction_id=transaction_id, payment_id=payment_id
    )


def _refunded(line: Line) -> RefundMoney | None:
    if "refunding" not in line.options:
        return None
    return RefundMoney("told", line.paise("refunding"), igst_paise=line.paise("tax"))


def _disputed(line: Line) -> DisputeMoney | None:
    if "disputed" not in line.options:
        return None
    gateway = line.options.get("through", OFFLINE)
    return DisputeMoney("told", gateway, line.paise("disputed"))


def _payout(line: Line, story: "Story") -> Command:
    return HoldPayout(wallet_id=story.wallet_of(line), credits=line.number(0, "credits"))


def _recall(line: Line, story: "Story") -> Command:
    return ReleasePayout(wallet_id=story.wallet_of(line), payout_id=story.names.payout(line))


def _sweep(line: Line, story: "Story") -> Command:
    return SettleWallet(wallet_id=story.wallet_of(line))


def _feature(line: Line) -> str:
    capitals = (word for word in line.words[1:] if word.isupper())
    return next(capitals, "USE")


VERBS: Mapping[str, Verb] = {
    "grant": _grant,
    "buy": _buy,
    "consume": _consume,
    "hold": _hold,
    "capture": _capture,
    "release": _release,
    "extend": _extend,
    "refund": _refund,
    "give": _give,
    "lock": _lock,
    "unlock": _unlock,
    "clawback": _clawback,
    "undo": _undo,
    "payout": _payout,
    "recall": _recall,
    "sweep": _sweep,
}
