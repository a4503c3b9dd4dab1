"""Recharges as one thing: all that the doors, the worker and the inbox need of them."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from khata.app.recharge.events import RechargeEvents
from khata.app.recharge.lines import LINE_JOB, Lines
from khata.app.recharge.methods import METHOD_JOB, PaymentMethods
from khata.app.recharge.settings import AutoRecharges
from khata.app.recharge.steps import RechargeSteps
from khata.app.topups.topups import TopUps
from khata.app.worker import Step
from khata.postgres.connect import Pool
from khata.postgres.recharges import RECHARGE_JOB


class Recharging(Struct, frozen=True):
    """Auto-recharge of one Khata."""

    settings: AutoRecharges
    methods: PaymentMethods
    steps: RechargeSteps
    lines: Lines
    events: RechargeEvents

    @property
    def jobs(self) -> Mapping[str, Step]:
        """What the worker does for recharges, by kind."""
        return {
            RECHARGE_JOB: self.steps.step,
            LINE_JOB: self.lines.step,
            METHOD_JOB: self.methods.step,
        }


def recharging(pool: Pool, topups: TopUps, now_us: Callable[[], int]) -> Recharging:
    """Auto-recharge over these top-ups, whose inbox tells it of mandates and notices."""
    orders, gateways = topups.orders, topups.gateways
    lines = Lines(pool, now_us)
    methods = PaymentMethods(pool, gateways, lines, now_us)
    steps = RechargeSteps(pool, orders, topups.steps.step, gateways, lines, now_us)
    events = RechargeEvents(pool, methods, steps, orders, gateways)
    topups.inbox.ask_first(events.read)
    return Recharging(
        settings=AutoRecharges(pool, lines, orders.terms.topups, now_us),
        methods=methods,
        steps=steps,
        lines=lines,
        events=events,
    )
