"""What is known of a payer when an order is placed, and what the fraud rules make of it."""

from collections.abc import Mapping

from msgspec import Struct

from khata.app import risk
from khata.app.geoip import Countries
from khata.app.risk import risk_facts, whereabouts
from khata.domain.parties import Buyer
from khata.domain.providers import PaymentMethod
from khata.domain.quotes import Quote
from khata.domain.risk import RiskAssessment, RiskPolicy, assess
from khata.domain.risk_facts import Moment
from khata.domain.wallet import Wallet
from khata.postgres.asking import Connection
from khata.postgres.attempts import Attempt, note_attempt


class Payer(Struct, frozen=True, kw_only=True):
    """Who is at the other end: the client's address, and texts that it chose freely, by name."""

    address: str | None = None
    texts: Mapping[str, str] = {}


class Wanted(Struct, frozen=True, kw_only=True):
    """A wish to buy, as far as it is known before it is an order."""

    order_id: str
    wallet: Wallet
    quote: Quote
    payment_method: PaymentMethod
    buyer: Buyer
    payer: Payer
    moment: Moment
    at_us: int


class Scoring:
    """Scores wishes to buy by the operator's policy."""

    def __init__(self, policy: RiskPolicy, countries: Countries) -> None:
        self._policy = policy
        self._countries = countries

    async def assess(self, connection: Connection, wanted: Wanted) -> RiskAssessment:
        """The score of a wish, with every reason. The attempt counts from now on."""
        where = whereabouts(self._countries, wanted.payer.address)
        attempt = Attempt(
            id=wanted.order_id,
            kind="tried",
            at_us=wanted.at_us,
            wallet_id=wanted.wallet.id,
            amount_paise=wanted.quote.amount_paise,
            address=where.address,
            country=where.country,
        )
        await note_attempt(connection, attempt)
        payer = risk.Payer(
            payment_method=wanted.payment_method,
            wallet_since_us=wanted.wallet.created_at_us,
            moment=wanted.moment,
            texts={**wanted.payer.texts, **_texts_of(wanted.buyer)},
            billing_country=wanted.buyer.country,
        )
        return assess(await risk_facts(connection, attempt, payer, where), self._policy)


def _texts_of(buyer: Buyer) -> Mapping[str, str]:
    chosen = {"name": buyer.name, "email": buyer.email, "address": buyer.address}
    return {f"buyer.{field}": text for field, text in chosen.items() if text}
