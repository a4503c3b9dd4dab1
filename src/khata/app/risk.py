"""What is known of an attempt to buy, gathered for the rules of risk.

What can't be found out stays unknown, and its rules abstain: nobody is turned away because a file
is missing here.
"""

from collections.abc import Mapping
from ipaddress import ip_address

from msgspec import Struct

from khata.app.geoip import Countries
from khata.app.suspects import Suspects
from khata.domain.addresses import velocity_group
from khata.domain.money import PAISE_PER_RUPEE
from khata.domain.providers import PaymentMethod
from khata.domain.risk_facts import Moment, RiskFacts
from khata.postgres.asking import Connection, across_organizations
from khata.postgres.attempts import Attempt, payer_history

CARD_TEST_PAISE = 200 * PAISE_PER_RUPEE

_SECOND_US = 1_000_000


class Knowledge(Struct, frozen=True):
    """What Khata knows of addresses and e-mail domains, from files that the operator brings."""

    countries: Countries
    suspects: Suspects


class Whereabouts(Struct, frozen=True):
    """Where an attempt comes from: what it is counted by, its country, or why none is known.

    `is_hosting` is None where no list tells.
    """

    address: str | None
    country: str | None
    no_country: str
    is_hosting: bool | None = None


class Circumstances(Struct, frozen=True, kw_only=True):
    """How somebody buys: what the order and, after the payment, the gateway say.

    `texts` are those that people chose freely, by name. `wallet_since_us` is when the wallet was
    made.
    """

    payment_method: PaymentMethod
    wallet_since_us: int
    moment: Moment = "order"
    texts: Mapping[str, str] = {}
    billing_country: str | None = None
    email_is_disposable: bool | None = None
    card_country: str | None = None
    card_is_international: bool | None = None


def whereabouts(knowledge: Knowledge, address: str | None) -> Whereabouts:
    """Where a client's address is."""
    if address is None:
        return Whereabouts(None, None, "the client's address is unknown")
    known, countries = ip_address(address), knowledge.countries
    return Whereabouts(
        velocity_group(known),
        countries.country_of(known),
        countries.silence,
        knowledge.suspects.is_hosting(known),
    )


async def risk_facts(
    connection: Connection, attempt: Attempt, how: Circumstances, where: Whereabouts
) -> RiskFacts:
    """The facts of an attempt, which should have been noted, for it counts like those before it."""
    async with across_organizations(connection):  # whoever pays in one, pays in many
        seen = await payer_history(connection, attempt, CARD_TEST_PAISE)
    countries = {*seen.countries_2h, where.country}
    return RiskFacts(
        amount_paise=attempt.amount_paise,
        payment_method=how.payment_method,
        moment=how.moment,
        ip_country=where.country,
        no_country=where.no_country,
        countries_2h=frozenset(country for country in countries if country) or None,
        ip_is_hosting=where.is_hosting,
        texts=how.texts,
        email_is_disposable=how.email_is_disposable,
        billing_country=how.billing_country,
        card_country=how.card_country,
        card_is_international=how.card_is_international,
        account_age_seconds=max(attempt.at_us - how.wallet_since_us, 0) // _SECOND_US,
        median_paise_90_days=seen.median_paise_90_days,
        captured_payments=seen.captured,
        captured_payments_older_than_30_days=seen.captured_older_than_30_days,
        earlier_disputes=seen.disputes,
        account=seen.account,
        address=seen.address,
        cards_24h=seen.cards_24h,
        accounts_of_instrument_24h=seen.accounts_of_instrument_24h,
        small_cards_1h=seen.small_cards_1h,
    )
