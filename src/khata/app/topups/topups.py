"""Top-ups as one thing: all that the doors and the worker need of them."""

from collections.abc import Callable, Mapping
from typing import Literal

import structlog
from msgspec import Struct

from khata.app.risk import Knowledge
from khata.app.topups.call_counts import CallCounts
from khata.app.topups.captures import Captures
from khata.app.topups.dispute_events import DisputeEvents
from khata.app.topups.disputes import DISPUTE_JOB, Disputes
from khata.app.topups.gateways import Gateways
from khata.app.topups.inbox import Inbox
from khata.app.topups.invoices import Invoices
from khata.app.topups.known_payments import KnownPayments
from khata.app.topups.opening import OpenGateways
from khata.app.topups.orders import ORDER_JOB, Orders
from khata.app.topups.payment_events import PaymentEvents
from khata.app.topups.profiles import Profiles
from khata.app.topups.refund_events import RefundEvents
from khata.app.topups.refund_steps import RefundSteps
from khata.app.topups.refunds import REFUND_JOB, Refunds
from khata.app.topups.reviews import Reviews
from khata.app.topups.scoring import Scoring
from khata.app.topups.settlements import Settlements
from khata.app.topups.steps import OrderSteps
from khata.app.topups.terms import SalesTerms
from khata.app.topups.unheard import Unheard
from khata.app.worker import Step
from khata.engine.books import Unavailable
from khata.engine.confined import unconfined
from khata.engine.engine import Engine
from khata.payments.gateway import GatewayUnavailable
from khata.payments.simulator_control import SimulatedPayer
from khata.postgres.bought import INVOICE_JOB, REVIEW_JOB
from khata.postgres.connect import Pool
from khata.postgres.orders import Order

Outcome = Literal["success", "fail", "pending", "duplicate", "late"]

_log = structlog.get_logger()


class TopUps(Struct, frozen=True):
    """Top-ups of one Khata. `payer` plays the customer where there is a simulator."""

    orders: Orders
    captures: Captures
    steps: OrderSteps
    refunds: Refunds
    refund_steps: RefundSteps
    refund_events: RefundEvents
    disputes: Disputes
    reviews: Reviews
    settlements: Settlements
    inbox: Inbox
    profiles: Profiles
    invoices: Invoices
    gateways: Gateways
    calls: CallCounts
    payer: SimulatedPayer | None

    @property
    def jobs(self) -> Mapping[str, Step]:
        """What the worker does for orders, by kind."""
        return {
            ORDER_JOB: self.steps.step,
            INVOICE_JOB: self.invoices.step,
            REFUND_JOB: self.refund_steps.step,
            DISPUTE_JOB: self.disputes.step,
            REVIEW_JOB: self.reviews.step,
        }

    async def play(
        self, order: Order, outcome: Outcome, delay_ms: int, vpa: str | None = None
    ) -> Order:
        """The order after the simulator's customer and bank did this, as far as it shows by now.

        What it leads to comes as from any gateway: by a signed event, or by asking. Raises
        `GatewayRefused` where the order takes no payment, and `GatewayUnavailable`.
        """
        assert self.payer is not None, "an order at the simulator has one"
        order = await self.orders.made_at_gateway(order)
        assert order.gateway_order_id is not None, f"{order.id} was made at its gateway"
        with_what = (order.payment_method, outcome, delay_ms, vpa)
        await self.payer.pay(order.gateway_order_id, *with_what)
        return await self.looked_at(order)

    async def looked_at(self, order: Order) -> Order:
        """The order after its gateway was asked about it, if that can be asked now."""
        try:
            with unconfined():  # a gateway's word is booked as from anywhere, whoever asked for it
                await self.steps.step(order.id, order.wallet_id)
        except (GatewayUnavailable, Unavailable) as error:
            # What became of it the gateway's event tells, or the order's next step.
            _log.warning("look_put_off", order_id=order.id, reason=str(error))
        return await self.orders.by_id(order.id) or order


def top_ups(
    pool: Pool,
    engine: Engine,
    opened: OpenGateways,
    terms: SalesTerms,
    knowledge: Knowledge,
    now_us: Callable[[], int],
) -> TopUps:
    """Top-ups over these gateways."""
    gateways, scoring = opened.gateways, Scoring(terms, knowledge)
    orders = Orders(pool, gateways, terms, scoring, now_us)
    captures = Captures(pool, engine, terms, scoring, now_us)
    refunds = Refunds(pool, engine, terms, now_us)
    refund_steps = RefundSteps(pool, engine, refunds, gateways, now_us)
    disputes = Disputes(pool, engine, gateways, now_us)
    known = KnownPayments(pool, captures, gateways)
    refund_events = RefundEvents(pool, refunds, refund_steps, known)
    unheard = Unheard(pool, gateways, refund_events, disputes)
    readings = [
        PaymentEvents(captures, orders).read,
        refund_events.read,
        DisputeEvents(disputes, known).read,
    ]
    return TopUps(
        orders=orders,
        captures=captures,
        steps=OrderSteps(pool, orders, captures, gateways, now_us),
        refunds=refunds,
        refund_steps=refund_steps,
        refund_events=refund_events,
        disputes=disputes,
        reviews=Reviews(pool, engine, refunds, now_us),
        settlements=Settlements(pool, gateways, known, unheard, now_us),
        inbox=Inbox(pool, gateways, readings, now_us),
        profiles=Profiles(pool, now_us),
        invoices=Invoices(pool, terms, gateways, now_us),
        gateways=gateways,
        calls=opened.calls,
        payer=opened.payer,
    )
