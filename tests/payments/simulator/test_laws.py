"""Whatever customers, banks and merchants do in whatever order, the simulator's own sums hold."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from khata.payments.simulator import VirtualClock
from khata.payments.simulator.acting import acting
from khata.payments.simulator.asked import Ask
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.failures import GatewayError
from khata.payments.simulator.faults import faults_in
from khata.payments.simulator.routes import CONTROL, PROVIDER, Run
from simulated import Doc, settings

RUNS: dict[str, Run] = {route.name: route.run for route in (*PROVIDER, *CONTROL)}
MINUTE = 60


class Play:
    """A simulator without sockets, to which moves are made."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.desk = Desk(settings(), self.clock)

    def make(self, move: "Move") -> None:
        what, which, size = move
        with suppress(GatewayError, IndexError):
            what(self, which, size)

    def all(self, kind: str) -> list[Doc]:
        return self.desk.store.all(kind)

    def pass_time(self) -> None:
        """Lets happen what is due by now."""
        with acting(self.desk):
            pass

    def _call(self, name: str, body: Doc | None = None, **path: str) -> None:
        ask = Ask(path=path, query={}, body=body or {}, headers={})
        with acting(self.desk):
            RUNS[name](self.desk, ask)

    def _one(self, kind: str, which: int) -> Doc:
        return self.all(kind)[-1 - which]

    def order(self, _: int, size: int) -> None:
        capture = "manual" if size % 3 == 0 else "automatic"
        body: Doc = {"amount": 1_000 * (size + 1), "currency": "INR"}
        self._call("POST /v1/orders", {**body, "payment": {"capture": capture}})

    def pay(self, which: int, size: int) -> None:
        outcomes = ("success", "fail", "pending", "duplicate", "late", "success")
        body: Doc = {
            "order_id": self._one("order", which)["id"],
            "method": ("upi", "card", "netbanking")[size % 3],
            "outcome": outcomes[size % len(outcomes)],
        }
        self._call("POST /_emu/checkout", body)

    def capture(self, which: int, _: int) -> None:
        payment = self._one("payment", which)
        body = {"amount": payment["amount"], "currency": "INR"}
        self._call("POST /v1/payments/{id}/capture", body, id=payment["id"])

    def refund(self, which: int, size: int) -> None:
        body: Doc = {"amount": 700 * size + 100} if size else {}
        self._call("POST /v1/payments/{id}/refund", body, id=self._one("payment", which)["id"])

    def failing_refund(self, which: int, size: int) -> None:
        with self.desk.faults.once(faults_in(f"refund_fails_later={600 * size}")):
            self.refund(which, size)

    def fail(self, which: int, _: int) -> None:
        self._call("POST /_emu/payments/{id}/fail", id=self._one("payment", which)["id"])

    def authorize_late(self, which: int, _: int) -> None:
        payment_id = self._one("payment", which)["id"]
        self._call("POST /_emu/payments/{id}/late_authorize", id=payment_id)

    def settle(self, _: int, __: int) -> None:
        self._call("POST /_emu/settle")

    def wait(self, _: int, size: int) -> None:
        self.clock.advance(size * 37 * MINUTE)

    def dispute(self, which: int, size: int) -> None:
        body = {"payment_id": self._one("payment", which)["id"], "amount": 500 * (size + 1)}
        self._call("POST /_emu/disputes", body)

    def verdict(self, which: int, size: int) -> None:
        step = ("under_review", "won", "lost", "close")[size % 4]
        self._call(
            "POST /_emu/disputes/{id}/{step}", id=self._one("dispute", which)["id"], step=step
        )


Move: TypeAlias = tuple[Callable[[Play, int, int], None], int, int]
"""What is done, to which of those there are, and how much of it."""

MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            (
                Play.order,
                Play.pay,
                Play.pay,
                Play.capture,
                Play.refund,
                Play.failing_refund,
                Play.fail,
                Play.authorize_late,
                Play.dispute,
                Play.verdict,
                Play.settle,
                Play.wait,
            )
        ),
        st.integers(0, 2),
        st.integers(0, 60),
    ),
    max_size=40,
)


@given(moves=MOVES)
def test_sums_hold_whatever_is_done(moves: list[Move]) -> None:
    play = Play()
    play.order(0, 5)
    for move in moves:
        play.make(move)
    play.pass_time()
    payments, refunds = play.all("payment"), play.all("refund")
    for order in play.all("order"):
        check_order(order, [one for one in payments if one["order_id"] == order["id"]])
    for payment in payments:
        check_payment(payment, [one for one in refunds if one["payment_id"] == payment["id"]])
    check_events(play)
    check_lines(play)
    play.desk.close()


def check_order(order: Doc, payments: list[Doc]) -> None:
    """It is paid by one captured payment or by none; no other money stays with it."""
    captured = [payment for payment in payments if payment["captured"]]
    assert len(captured) == (order["status"] == "paid")
    assert order["amount_paid"] == sum(payment["amount"] for payment in captured)
    assert order["amount_paid"] + order["amount_due"] == order["amount"]
    assert order["attempts"] == len(payments)
    authorized = [payment for payment in payments if payment["status"] == "authorized"]
    assert len(authorized) <= (order["status"] != "paid")


def check_payment(payment: Doc, refunds: list[Doc]) -> None:
    """What is told as refunded is what its refunds say, and never more than was paid."""
    back = sum(refund["amount"] for refund in refunds if refund["status"] != "failed")
    assert payment["amount_refunded"] == back <= payment["amount"]
    told = {0: None, payment["amount"]: "full"}.get(back, "partial")
    assert payment["refund_status"] == told
    assert (payment["status"] == "refunded") == (told == "full")
    assert (payment["fee"] is not None) == payment["captured"]


def check_events(play: Play) -> None:
    """Each step was told once."""
    told = Counter(event["event"] for event in play.all("event"))
    payments, refunds = play.all("payment"), play.all("refund")
    assert told["payment.captured"] == sum(payment["captured"] for payment in payments)
    assert told["order.paid"] == told["payment.captured"]
    assert told["refund.created"] == len(refunds)
    for status in ("processed", "failed"):
        assert told[f"refund.{status}"] == sum(one["status"] == status for one in refunds)
    assert told["payment.dispute.created"] == len(play.all("dispute"))


def check_lines(play: Play) -> None:
    """The account says what was taken, given back and withheld; and each line is paid out once."""
    lines = play.all("line")
    taken = sum(one["amount"] - one["fee"] for one in play.all("payment") if one["captured"])
    captured = {payment["id"] for payment in play.all("payment") if payment["captured"]}
    back = sum(
        refund["amount"]
        for refund in play.all("refund")
        if refund["status"] == "processed" and refund["payment_id"] in captured
    )
    withheld = sum(
        dispute["amount"]
        for dispute in play.all("dispute")
        if dispute["status"] in {"open", "under_review", "lost"}
    )
    assert sum(line["credit"] - line["debit"] for line in lines) == taken - back - withheld
    for settlement in play.all("settlement"):
        paid = [line for line in lines if line["settlement_id"] == settlement["id"]]
        assert settlement["amount"] == sum(line["credit"] - line["debit"] for line in paid)
