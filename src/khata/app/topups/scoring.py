"""What is known of a payer when an order is placed, and what the fraud rules make of it."""

from collections.abc import Mapping

from msgspec import Struct

from khata.app.audited import Change, note_change
from khata.app.risk import Circumstances, Knowledge, Whereabouts, risk_facts, whereabouts
from khata.app.topups.terms import SalesTerms
from khata.domain.actor import WORKER, Actor
from khata.domain.parties import Buyer
from khata.domain.quotes import Quote
from khata.domain.risk import RiskAssessment, assess
from khata.domain.risk_facts import Moment
from khata.domain.wallet import Wallet
from khata.payments.gateway import GatewayPayment, PaymentMethod
from khata.postgres import attempts
from khata.postgres.asking import Connection
from khata.postgres.orders import Order
from khata.postgres.payments import Payment

_ENDS: Mapping[str, attempts.Kind] = {"captured": "captured", "failed": "failed"}


class Payer(Struct, frozen=True, kw_only=True):
    """Who is at the other end: the client's address, and texts that it chose freely, by name.

    `address_by` is how the address was found, and `peer` the end of the connection that it was
    found behind. `by` is who placed the order.
    """

    address: str | None = None
    texts: Mapping[str, str] = {}
    address_by: str | None = None
    peer: str | None = None
    by: Actor = Actor(WORKER)


class Attempt(Struct, frozen=True, kw_only=True):
    """A wish to buy, as far as it is known before it is an order of that id."""

    order_id: str
    at_us: int
    wallet: Wallet
    quote: Quote
    payment_method: PaymentMethod
    buyer: Buyer
    payer: Payer
    moment: Moment


class Scoring:
    """Scores attempts to buy by the operator's policy, and keeps count of them."""

    def __init__(self, terms: SalesTerms, knowledge: Knowledge) -> None:
        self._terms = terms
        self._knowledge = knowledge

    async def assess(self, connection: Connection, attempt: Attempt) -> RiskAssessment:
        """The score of an attempt, with every reason. It counts for those to come."""
        where = whereabouts(self._knowledge, attempt.payer.address)
        tried = _tried(attempt, where)
        # A recharge is no attempt of anybody's: it must not make the next person look hasty.
        if attempt.moment != "recharge":
            await attempts.note_attempt(connection, tried)
        circumstances = Circumstances(
            payment_method=attempt.payment_method,
            wallet_since_us=attempt.wallet.created_at_us,
            moment=attempt.moment,
            texts={**attempt.payer.texts, **_texts_of(attempt.buyer)},
            billing_country=attempt.buyer.country,
            email_is_disposable=self._knowledge.suspects.is_disposable(attempt.buyer.email),
        )
        facts = await risk_facts(connection, tried, circumstances, where)
        return assess(facts, self._terms.risk)

    async def assess_payment(
        self, connection: Connection, order: Order, told: GatewayPayment, since_us: int
    ) -> RiskAssessment:
        """The score of a payment that was taken, now that it has shown what it was paid with."""
        where = whereabouts(self._knowledge, order.address)
        buyer = order.recipient.buyer
        tried = attempts.Attempt(
            id=order.id,
            kind="tried",
            at_us=order.created_at_us,
            wallet_id=order.wallet_id,
            amount_paise=order.quote.amount_paise,
            address=where.address,
            country=where.country,
            instrument=told.instrument,
            is_card=told.method == "card",
        )
        circumstances = Circumstances(
            payment_method=order.payment_method,
            wallet_since_us=since_us,
            moment="payment",
            texts=_texts_of(buyer),
            billing_country=buyer.country,
            email_is_disposable=self._knowledge.suspects.is_disposable(buyer.email),
            card_country=told.card_country,
            card_is_international=told.is_international if told.method == "card" else None,
        )
        facts = await risk_facts(connection, tried, circumstances, where)
        return assess(facts, self._terms.risk)

    async def note_blocked(self, connection: Connection, order: Order, payer: Payer) -> None:
        """Writes into the audit log that an order was blocked, for whom, and why."""
        counted = ", ".join(reason.sentence for reason in order.risk.counted)
        change = Change(
            organization_id=order.organization_id,
            action="order.blocked",
            subject=order.id,
            after={
                "wallet_id": order.wallet_id,
                "amount": order.quote.amount_paise,
                "score": order.risk.score,
                "reasons": counted,
                "address_by": payer.address_by,
                "peer": payer.peer,
            },
        )
        await note_change(connection, payer.by, change, order.created_at_us)

    async def note_payment(
        self, connection: Connection, order: Order, payment: Payment, told: GatewayPayment
    ) -> None:
        """Counts how a payment of an order ended, and what it was paid with."""
        kind = _ENDS.get(told.state)
        if kind is None:
            return
        where = whereabouts(self._knowledge, order.address)
        ended = attempts.Attempt(
            id=payment.id,
            kind=kind,
            at_us=payment.updated_at_us,
            wallet_id=order.wallet_id,
            amount_paise=order.quote.amount_paise,
            address=where.address,
            country=where.country,
            instrument=told.instrument,
            is_card=told.method == "card",
        )
        await attempts.note_attempt(connection, ended)


def _tried(attempt: Attempt, where: Whereabouts) -> attempts.Attempt:
    return attempts.Attempt(
        id=attempt.order_id,
        kind="tried",
        at_us=attempt.at_us,
        wallet_id=attempt.wallet.id,
        amount_paise=attempt.quote.amount_paise,
        address=where.address,
        country=where.country,
    )


def _texts_of(buyer: Buyer) -> Mapping[str, str]:
    chosen = {"name": buyer.name, "email": buyer.email, "address": buyer.address}
    return {f"buyer.{field}": text for field, text in chosen.items() if text}
