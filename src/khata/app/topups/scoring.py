"""What is known of a payer when an order is placed, and what the fraud rules make of it."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from khata.app.topups.terms import SalesTerms
from khata.domain.parties import Buyer
from khata.domain.quotes import Quote
from khata.domain.risk import RiskAssessment, assess
from khata.domain.risk_facts import RiskFacts
from khata.domain.wallet import Wallet
from khata.payments.gateway import PaymentMethod

Moment = Literal["order", "payment", "recharge"]


class Payer(Struct, frozen=True, kw_only=True):
    """Who is at the other end: the client's address, and texts that it chose freely, by name."""

    address: str | None = None
    texts: Mapping[str, str] = {}


class Attempt(Struct, frozen=True, kw_only=True):
    """A wish to buy, as far as it is known before it is an order."""

    wallet: Wallet
    quote: Quote
    payment_method: PaymentMethod
    buyer: Buyer
    payer: Payer
    moment: Moment


class Scoring:
    """Scores attempts to buy by the operator's policy."""

    def __init__(self, terms: SalesTerms) -> None:
        self._terms = terms

    def assess(self, attempt: Attempt) -> RiskAssessment:
        """The score of an attempt, with every reason."""
        facts = RiskFacts(
            amount_paise=attempt.quote.amount_paise,
            payment_method=attempt.payment_method,
            moment=attempt.moment,
            texts={**attempt.payer.texts, **_texts_of(attempt.buyer)},
            billing_country=attempt.buyer.country,
        )
        return assess(facts, self._terms.risk)


def _texts_of(buyer: Buyer) -> Mapping[str, str]:
    chosen = {"name": buyer.name, "email": buyer.email, "address": buyer.address}
    return {f"buyer.{field}": text for field, text in chosen.items() if text}
