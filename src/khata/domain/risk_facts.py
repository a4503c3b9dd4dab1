"""What is known of a top-up when its risk is scored: all that the rules look at, as one value."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from khata.domain.providers import PaymentMethod

Moment = Literal["order", "payment", "recharge"]

# Why an address has no country, where nobody gave another reason.
NO_GEOIP = "no GeoIP file"


class QuickSpend(Struct, frozen=True, gc=False):
    """What an API key used or moved of a top-up's credits, `seconds` after they came."""

    spent_credits: int
    bought_credits: int
    seconds: int
    key_is_new: bool


class Attempts(Struct, frozen=True, gc=False):
    """How often somebody tried to pay of late. `failed_1h` of `ended_1h` came to nothing."""

    in_10_minutes: int = 0
    in_1_hour: int = 0
    ended_1h: int = 0
    failed_1h: int = 0
    accounts_10_minutes: int = 1


class RiskFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt to buy credits. Where a fact is None it is unknown, and its rules abstain.

    `amount_paise` is the price before tax. `texts` are those that people chose freely, by name:
    the idempotency key as it came, the buyer's name and address, a note. `account` and `address`
    are the attempts of the wallet's owner and of the client's address. `countries_2h` are those
    that the account was seen in during the last two hours, this attempt's own included. `moment`
    tells a recharge, which a mandate pays with nobody at the keyboard, from an order.
    """

    amount_paise: int
    payment_method: PaymentMethod
    moment: Moment = "order"
    home_country: str = "IN"
    ip_country: str | None = None
    no_country: str = NO_GEOIP
    countries_2h: frozenset[str] | None = None
    ip_is_hosting: bool | None = None
    texts: Mapping[str, str] = {}
    email_is_disposable: bool | None = None
    billing_country: str | None = None
    card_country: str | None = None
    card_is_international: bool | None = None
    account_age_seconds: int | None = None
    median_paise_90_days: int | None = None
    captured_payments: int | None = None
    captured_payments_older_than_30_days: int | None = None
    earlier_disputes: int | None = None
    account: Attempts | None = None
    address: Attempts | None = None
    cards_24h: int | None = None
    accounts_of_instrument_24h: int | None = None
    small_cards_1h: int | None = None
    quick_spend: QuickSpend | None = None
