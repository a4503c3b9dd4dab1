"""The replay of a wallet's ledger and its fast path, over ledgers that the rules made."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.commands import Command, SettleWallet, decide
from khata.domain.consume import Consume
from khata.domain.difference import Difference
from khata.domain.disputes import Clawback, LockPurchase, UnlockPurchase
from khata.domain.grants import GrantCredits, Purchase
from khata.domain.holds import CaptureHold, OpenHold, ReleaseHold
from khata.domain.ids import HoldId, OrganizationId, Ulid, WalletId
from khata.domain.ledger import USAGE_TYPES, Facts, Stamp, Transaction
from khata.domain.payouts import HoldPayout, ReleasePayout
from khata.domain.pricing import Price, PriceList, PriceLists
from khata.domain.refunds import RefundUsage
from khata.domain.rules import Rules
from khata.domain.wallet import NEVER_US, Book, Charge, Draw, Hold, Wallet
from khata.engine import ledger_row
from khata.engine.ledger_row import AT, Row
from khata.engine.replay import Replay
from ledger_rows import chained, row_of

START_US = 1_795_000_000_000_000
MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
WALLET = WalletId("wal_01M8254JZ50AJ6BZEFX60J77VS")
PRICES = [
    Price("AI_SUMMARY", "AI", 15, cap="AI"),
    Price("AI_SEARCH", "AI", 12, cap="AI"),
    Price("EMAIL_SEND", "QUEUE", 1, cap="EMAILS"),
    Price("API_BASIC_REQUEST", "API", 1),
    Price("TOKENS_IN", "AI", 3, per=1000),
    Price("TOKENS_OUT", "AI", 7, per=900, cap="AI"),
]
FEATURES = {price.feature: price for price in PRICES}
RULES = Rules(PriceLists((PriceList(1, 0, FEATURES),)), {"AI": 30, "EMAILS": 1000})

encoded = msgspec.json.Encoder().encode


class Act(NamedTuple):
    """One thing that happens to the wallet, `minutes` after the one before."""

    what: str
    minutes: int
    amount: int
    which: int


# Most of what happens is usage, so that stretches of it come about.
ACTS = st.builds(
    Act,
    st.sampled_from(
        ["use"] * 12
        + ["grant", "purchase", "hold", "hold", "capture", "release", "refund", "lock", "unlock"]
        + ["clawback", "take back", "settle", "payout", "recall"]
    ),
    st.sampled_from([0, 0, 0, 1, 7, 40, 700]),
    st.integers(1, 400),
    st.integers(0, 9),
)


class Scribe:
    """Keeps one wallet's book, act after act, as the engine does."""

    def __init__(self) -> None:
        zone = "Australia/Lord_Howe"
        wallet = Wallet(WALLET, OrganizationId("org_1"), "user", "u", "n", 0, 0, time_zone=zone)
        self.book = Book(wallet)
        self.transactions: list[Transaction] = []
        self.at_us = START_US
        self._made = 0

    def act(self, act: Act) -> None:
        """Lets it happen; what the rules refuse leaves no trace."""
        self.at_us += act.minutes * MINUTE_US
        self._made += 1
        command = self._command(act)
        if command is None:
            return
        ulid = Ulid(f"01M8254JZ5{WALLET[14:16]}{self._made:010}0000")
        decision = decide(self.book, command, Stamp(ulid, self.at_us, bytes(16)), RULES)
        self.book = decision.book
        self.transactions.extend(decision.transactions)

    def _command(self, act: Act) -> Command | None:
        key: dict[str, Any] = {"wallet_id": WALLET, "idempotency_key": f"key-{self._made:05}"}
        payment = f"pay_{act.which % 3}"
        match act.what:
            case "use":
                return self._use(act, key)
            case "grant":
                return self._grant(act, key)
            case "purchase":
                return self._purchase(act, key, payment)
            case "take back":
                return GrantCredits(**key, kind="adjustment", credits=-act.amount, note="")
            case "settle":
                return SettleWallet(wallet_id=WALLET)
            case "lock" | "unlock" | "clawback":
                return self._dispute(act, key, payment)
            case "payout" | "recall":
                return self._payout(act, key)
            case _:
                return self._about_earlier(act, key)

    def _payout(self, act: Act, key: dict[str, Any]) -> Command:
        if act.what == "payout":
            return HoldPayout(**key, credits=act.amount)
        made = [*self.book.payouts, "pyo_none"]
        return ReleasePayout(**key, payout_id=made[act.which % len(made)])

    def _use(self, act: Act, key: dict[str, Any]) -> Command:
        feature = PRICES[act.which % len(PRICES)].feature
        return Consume(
            **key,
            feature=feature,
            quantity=act.amount if "TOKENS" in feature else 1 + act.amount % 2,
            member_id="mem_1" if act.which > 6 else None,
            metadata='{"request":"é"}' if act.which == 5 else None,
        )

    def _purchase(self, act: Act, key: dict[str, Any], payment: str) -> Command:
        return Purchase(
            **key,
            credits=act.amount * 10,
            price_paise=act.amount * 100 + act.which,
            payment_id=payment,
            bonus_credits=act.which * 5,
        )

    def _dispute(self, act: Act, key: dict[str, Any], payment: str) -> Command:
        if act.what == "lock":
            return LockPurchase(**key, payment_id=payment)
        if act.what == "unlock":
            return UnlockPurchase(**key, payment_id=payment)
        reach = "whole" if act.which > 5 else "unspent"
        return Clawback(**key, payment_id=payment, reach=reach)

    def _grant(self, act: Act, key: dict[str, Any]) -> Command:
        kinds: list[Literal["bonus", "promo", "plan", "adjustment"]]
        kinds = ["bonus", "promo", "plan", "adjustment"]
        expires_at_us = self.at_us + 90 * MINUTE_US if act.which > 5 else NEVER_US
        return GrantCredits(
            **key,
            kind=kinds[act.which % 4],
            credits=act.amount * 3,
            note="a gift",
            expires_at_us=expires_at_us,
            priority=50 - act.which % 2,
        )

    def _about_earlier(self, act: Act, key: dict[str, Any]) -> Command | None:
        if act.what == "hold":
            feature = PRICES[act.which % 2].feature
            return OpenHold(**key, feature=feature, credits=act.amount, ttl_seconds=3600)
        if act.what == "refund":
            charges = [t for t in self.transactions if t.type in USAGE_TYPES and t.account_change]
            if not charges:
                return None
            charge = self._charge(charges[act.which % len(charges)])
            self.book = msgspec.structs.replace(self.book, charges={charge.id: charge})
            return RefundUsage(
                **key, transaction_id=charge.id, reason="", credits=act.amount % 9 + 1
            )
        holds = [hold.id for hold in self.book.holds.values() if hold.state == "open"]
        if not holds:
            return None
        hold_id = holds[act.which % len(holds)]
        if act.what == "release":
            return ReleaseHold(**key, hold_id=hold_id)
        return CaptureHold(**key, hold_id=hold_id, credits=act.amount, over_capture="if_available")

    def _charge(self, t: Transaction) -> Charge:
        refunds = (r for r in self.transactions if r.type == "REFUND" and r.source_id == t.id)
        refunded = sum(refund.available_change for refund in refunds)
        return Charge(t.id, t.account_change, refunded, t.draws, t.feature, t.category, t.member_id)


def ledger(acts: Sequence[Act]) -> Scribe:
    scribe = Scribe()
    for act in (Act("purchase", 0, 300, 1), Act("grant", 0, 90, 0), *acts):
        scribe.act(act)
    return scribe


def replayed(scribe: Scribe, rows: list[Row], *, plainly: bool, piece: int = 1000) -> Replay:
    replay = Replay(scribe.book.wallet, plainly=plainly)
    for start in range(0, len(rows), piece):
        replay.take(rows[start : start + piece])
    return replay


def state_of(replay: Replay) -> dict[str, object]:
    state = replay.state
    return {
        "accounts": state.accounts,
        "lots": state.lots,
        "holds": state.holds,
        "caps": state.caps,
        "meters": state.meters,
        "paise": state.paise,
        "usage": state.usage.closed(NEVER_US),
        "closed": replay.closed_taken(),
        "made": replay.holds_made,
        "differences": replay.differences_taken(),
    }


@given(st.lists(ACTS, max_size=60), st.integers(1, 70))
def test_a_sound_ledger_replays_to_the_very_book(acts: list[Act], piece: int) -> None:
    scribe = ledger(acts)
    replay = replayed(scribe, [row_of(t) for t in scribe.transactions], plainly=True, piece=piece)
    book, state = scribe.book, replay.state
    assert replay.differences_taken() == []
    assert state.accounts == book.accounts
    assert state.lots == {lot.id: lot for lot in book.lots}
    closed = {hold.id: hold for hold in replay.closed_taken()}
    assert {**state.holds, **closed} == book.holds
    assert state.caps == book.caps
    assert state.meters == book.meters
    assert state.payouts == book.payouts


@given(st.lists(ACTS, max_size=60), st.integers(1, 70))
def test_the_fast_path_leads_to_the_same_as_single_steps(acts: list[Act], piece: int) -> None:
    scribe = ledger(acts)
    rows = [row_of(t) for t in scribe.transactions]
    quick = replayed(scribe, rows, plainly=True, piece=piece)
    slow = replayed(scribe, rows, plainly=False)
    assert state_of(quick) == state_of(slow)


def other(name: str, value: object, draw: Any) -> object:
    """Another value such as might stand in the same column."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + draw(st.sampled_from([-20, -1, 1, 15]))
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, str):
        swap = draw(st.sampled_from(["1:2", "5:6", "grt:grx", "AI:API", ",:, ", "E:", "0:1"]))
        old, new = swap.split(":")
        return value.replace(old, new)
    return 7 if name in {"quantity", "price_version"} else "AI"


@given(st.lists(ACTS, min_size=5, max_size=40), st.integers(1, 50), st.booleans(), st.data())
def test_the_fast_path_finds_what_single_steps_find(
    acts: list[Act], piece: int, forged: bool, data: st.DataObject
) -> None:
    scribe = ledger(acts)
    rows = [row_of(t) for t in scribe.transactions]
    place = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(ledger_row.COLUMNS[1:-1]))
    fields = list(rows[place])
    fields[AT[column]] = other(column, fields[AT[column]], data.draw)
    rows[place] = tuple(fields)
    if forged:
        rows = chained(rows)
    quick = state_of(replayed(scribe, rows, plainly=True, piece=piece))
    slow = state_of(replayed(scribe, rows, plainly=False))
    assert quick == slow
    changed = fields[AT[column]] != row_of(scribe.transactions[place])[AT[column]]
    assert bool(slow["differences"]) or not changed or forged


def usages() -> Scribe:
    return ledger([Act("grant", 0, 7, 4), *(Act("use", 1, 10, n % 6) for n in range(18))])


def other_fields(row: Row) -> Iterator[dict[str, object]]:
    """A row's every field as it is not."""
    for name in ledger_row.COLUMNS[1:-1]:
        value = row[AT[name]]
        if isinstance(value, bool):
            yield {name: not value}
        elif isinstance(value, int):
            for change in (1, DAY_US, -DAY_US):
                yield {name: value + change}
        elif isinstance(value, bytes):
            yield {name: bytes(len(value))}
        else:
            yield {name: None} if value is not None and name in NULLABLE else {name: f"{value}x"}
            yield {name: "AI_SUMMARY"}


def other_meanings(scribe: Scribe, row: Row) -> Iterator[dict[str, object]]:
    """Draws and facts that are none of this row's."""
    small = min(scribe.book.lots, key=lambda lot: lot.granted)
    drawn = msgspec.json.decode(row[AT["draws_text"]])
    for draws in (
        [[small.id, credits] for _, credits in drawn],
        [[lot, credits + 1] for lot, credits in drawn],
        [[lot, -credits] for lot, credits in drawn],
        [*drawn, [small.id, 0]],
        [*drawn, *drawn],
    ):
        yield {"draws_text": encoded(draws).decode()}
    hold = Hold(HoldId("hld_x"), "AI_SUMMARY", "AI", 1, 1, 1, 1, ())
    for facts in (Facts(hold=hold), Facts(note="x"), Facts(clawed=(Draw(small.id, 1),))):
        yield {"facts_text": encoded(facts).decode()}
    for old, new in (('"day":', '"day":1'), ('"cap":"AI"', '"cap":"EMAILS"'), ("{", "{ ")):
        yield {"facts_text": (row[AT["facts_text"]] or "{}").replace(old, new)}


NULLABLE = {"feature", "category", "member_id", "metadata", "idempotency_key", "facts_text"}


@pytest.mark.parametrize("forged", [False, True])
@pytest.mark.parametrize("place", [5, 6, 7, 9, 20])
def test_the_fast_path_lets_nothing_pass_that_a_step_would_name(place: int, forged: bool) -> None:
    scribe = usages()
    rows = [row_of(t) for t in scribe.transactions]
    for changes in (*other_fields(rows[place]), *other_meanings(scribe, rows[place])):
        # A fault that is repeated must not pass for a habit.
        changed = [
            with_changes(row, changes) if at >= place and at % 2 == place % 2 else row
            for at, row in enumerate(rows)
        ]
        for planted in ([*rows[:place], changed[place], *rows[place + 1 :]], changed):
            found = chained(planted) if forged else planted
            quick = state_of(replayed(scribe, found, plainly=True))
            slow = state_of(replayed(scribe, found, plainly=False))
            assert quick == slow, changes


def with_changes(row: Row, changes: dict[str, object]) -> Row:
    fields = list(row)
    for name, value in changes.items():
        fields[AT[name]] = value
    return tuple(fields)


def differences_after(change: dict[str, object], place: int) -> set[tuple[str, str]]:
    acts = [Act("use", 1, 10, which) for which in (0, 3, 4, 0, 4, 3)]
    scribe = ledger(acts)
    rows = [row_of(t) for t in scribe.transactions]
    rows[place] = with_changes(rows[place], change)
    found: list[Difference] = replayed(scribe, rows, plainly=True).differences_taken()
    return {(difference.row, difference.field) for difference in found}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"metadata": '{"x":1}'}, {("sequence 5", "hash")}),
        ({"organization_id": "org_2"}, {("sequence 5", "organization_id")}),
        ({"has_fingerprint": False}, {("sequence 5", "fingerprint")}),
        ({"at_us": START_US - 1}, {("sequence 5", "at"), ("sequence 5", "hash")}),
        ({"recognized_paise": 7}, {("sequence 5", "recognized_paise"), ("sequence 5", "hash")}),
        ({"id": "txn_0"}, {("sequence 5", "id"), ("sequence 5", "hash")}),
        (
            {"hash": bytes(32)},
            {("sequence 5", "hash"), ("sequence 6", "previous_hash")},
        ),
    ],
)
def test_a_changed_row_is_named(change: dict[str, object], found: set[tuple[str, str]]) -> None:
    assert differences_after(change, 4) == found
