"""What happens by itself when its time has come, each at its own moment, in order."""

from collections.abc import Callable
from typing import Final

from khata.payments.simulator.checkout import grant
from khata.payments.simulator.debits import debit
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.disputes import open_dispute
from khata.payments.simulator.documents import Doc, plan
from khata.payments.simulator.notices import deliver_notice
from khata.payments.simulator.payments import give_up
from khata.payments.simulator.refunds import fail_refund, give_back, succeed
from khata.payments.simulator.settlements import settle_due
from khata.payments.simulator.tokens import confirm


def _dispute(desk: Desk, payment: Doc) -> None:
    plan(payment, None)
    desk.put(payment)
    open_dispute(desk, {"payment_id": payment["id"], "phase": "fraud"})


def _give_back(desk: Desk, payment: Doc) -> None:
    give_back(desk, payment)


_PLANS: Final[dict[str, Callable[[Desk, Doc], None]]] = {
    "no_answer": give_up,
    "late": grant,
    "expiry": _give_back,
    "debit": debit,
    "approval": give_up,
    "dispute": _dispute,
    "refund_success": succeed,
    "refund_failure": fail_refund,
    "confirm": confirm,
    "notice": deliver_notice,
    "settle": settle_due,
}


def let_time_pass(desk: Desk) -> None:
    """Lets everything happen that is due by now. What it leads to has its own time."""
    now = desk.clock.now()
    while doc := desk.store.next_due(now):
        with desk.at(doc["_due"]):
            _PLANS[doc["_plan"]](desk, doc)
