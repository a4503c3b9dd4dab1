"""The rules of risk, as data: each has an id, a title, its weights, and one small pure function.

A rule finds nothing, hits (at one of its weights), or abstains and says what it would need to
know. Only R1, R2, R3 and R3b count unless an operator says so; the others are watched in shadow.
R20 is missing on purpose: a replayed or stale request is refused at the door and has no score.
"""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from khata.domain.injection import injection_in
from khata.domain.money import PAISE_PER_RUPEE
from khata.domain.risk_facts import Attempts, RiskFacts

Mode = Literal["counting", "shadow", "off"]

LARGE_PAISE = 10_000 * PAISE_PER_RUPEE
NOTABLE_PAISE = 5_000 * PAISE_PER_RUPEE
SMALL_PAISE = 2_000 * PAISE_PER_RUPEE
HOUR_SECONDS = 3_600
DAY_SECONDS = 86_400
QUICK_SECONDS = 600


class Hit(Struct, frozen=True):
    """The rule applies. `grade` chooses among its weights."""

    said: str
    grade: int = 0


class Abstains(Struct, frozen=True):
    """The rule can't tell."""

    said: str


Finding = Hit | Abstains | None


class Rule(Struct, frozen=True):
    """One sign of risk, and what it adds to the score: the weight of the grade of its hit."""

    id: str
    title: str
    weights: tuple[int, ...]
    find: Callable[[RiskFacts], Finding]
    mode: Mode = "shadow"
    looks_at_recharges: bool = True


def _large_amount(facts: RiskFacts) -> Finding:
    return Hit("the amount is over ₹10,000") if facts.amount_paise > LARGE_PAISE else None


def _foreign_address(facts: RiskFacts) -> Finding:
    if facts.ip_country is None:
        return Abstains(facts.no_country)
    if facts.ip_country == facts.home_country:
        return None
    return Hit(f"the payer's address is in {facts.ip_country}, not in {facts.home_country}")


def _injection(facts: RiskFacts) -> Finding:
    for name, text in facts.texts.items():
        if (found := injection_in(text)) is not None:
            return Hit(f"{name} looks like an SQL injection: {found}")
    return None


def _large_by_wallet(facts: RiskFacts) -> Finding:
    if facts.payment_method == "wallet" and facts.amount_paise > SMALL_PAISE:
        return Hit("over ₹2,000 by a gateway's wallet")
    return None


def _above_usual(facts: RiskFacts) -> Finding:
    if facts.median_paise_90_days is None:
        return Abstains("no top-ups in 90 days to compare with")
    if facts.amount_paise > max(5 * facts.median_paise_90_days, SMALL_PAISE):
        return Hit("over five times the account's usual amount")
    return None


def _young_account(facts: RiskFacts) -> Finding:
    age = facts.account_age_seconds
    if age is None:
        return Abstains("the account's age is unknown")
    if age < HOUR_SECONDS and facts.amount_paise > SMALL_PAISE:
        return Hit("the account is younger than an hour, the amount over ₹2,000", grade=1)
    return Hit("the account is younger than a day") if age < DAY_SECONDS else None


def _large_first_payment(facts: RiskFacts) -> Finding:
    if facts.captured_payments is None:
        return Abstains("earlier payments are unknown")
    if facts.captured_payments == 0 and facts.amount_paise > NOTABLE_PAISE:
        return Hit("the account's first payment, and over ₹5,000")
    return None


def _hasty_account(facts: RiskFacts) -> Finding:
    if (tried := facts.account) is None:
        return Abstains("the account's attempts are unknown")
    if tried.in_1_hour > 10:
        return Hit(f"{tried.in_1_hour} attempts of the account in an hour", grade=1)
    if tried.in_10_minutes > 5:
        return Hit(f"{tried.in_10_minutes} attempts of the account in 10 minutes")
    return None


def _many_cards(facts: RiskFacts) -> Finding:
    if facts.cards_24h is None:
        return Abstains("the account's cards are unknown")
    return Hit(f"{facts.cards_24h} cards in a day") if facts.cards_24h > 3 else None


def _shared_instrument(facts: RiskFacts) -> Finding:
    accounts = facts.accounts_of_instrument_24h
    if accounts is None:
        return Abstains("the card or VPA is unknown")
    return Hit(f"{accounts} accounts pay with this card or VPA") if accounts > 3 else None


def _hasty_address(facts: RiskFacts) -> Finding:
    if (tried := facts.address) is None:
        return Abstains("the address's attempts are unknown")
    if tried.in_10_minutes <= 10:
        return None
    said = f"{tried.in_10_minutes} attempts of {tried.accounts_10_minutes} accounts at one address"
    return Hit(said, grade=int(tried.accounts_10_minutes > 3))


def _mostly_failing(facts: RiskFacts) -> Finding:
    known = [tried for tried in (facts.account, facts.address) if tried is not None]
    if not known:
        return Abstains("earlier attempts are unknown")
    failing = next(filter(_fails_mostly, known), None)
    if failing is None:
        return None
    return Hit(f"{failing.failed_1h} of {failing.ended_1h} attempts failed within an hour")


def _fails_mostly(tried: Attempts) -> bool:
    return tried.failed_1h >= 5 and tried.failed_1h * 100 > tried.ended_1h * 60


def _card_testing(facts: RiskFacts) -> Finding:
    cards = facts.small_cards_1h
    if cards is None:
        return Abstains("the account's cards are unknown")
    return Hit(f"{cards} cards tried with ₹200 or less within an hour") if cards >= 3 else None


def _card_abroad(facts: RiskFacts) -> Finding:
    if facts.card_country is None:
        return Abstains("the card's country is unknown")
    if facts.ip_country is None:
        return Abstains(facts.no_country)
    if facts.card_country == facts.ip_country:
        return None
    return Hit(f"a card of {facts.card_country} is used from {facts.ip_country}")


def _billed_elsewhere(facts: RiskFacts) -> Finding:
    if facts.billing_country is None or facts.card_is_international is None:
        return Abstains("the billing address or the card is unknown")
    if facts.ip_country is None:
        return Abstains(facts.no_country)
    is_abroad = facts.ip_country not in {facts.home_country, facts.billing_country}
    if not is_abroad or facts.card_is_international:
        return None
    return Hit(f"a domestic card, billed in {facts.billing_country}, is used abroad")


def _hosting_address(facts: RiskFacts) -> Finding:
    if facts.ip_is_hosting is None:
        return Abstains("no list of hosting networks")
    return Hit("the address belongs to a hosting or VPN network") if facts.ip_is_hosting else None


def _disposable_email(facts: RiskFacts) -> Finding:
    if facts.email_is_disposable is None:
        return Abstains("no e-mail address, or no list of disposable domains")
    return Hit("the e-mail address is a disposable one") if facts.email_is_disposable else None


def _impossible_travel(facts: RiskFacts) -> Finding:
    if facts.countries_2h is None:
        return Abstains(facts.no_country)
    if len(facts.countries_2h) < 2:
        return None
    return Hit(f"seen in {' and '.join(sorted(facts.countries_2h))} within two hours")


def _disputed_before(facts: RiskFacts) -> Finding:
    if facts.earlier_disputes is None:
        return Abstains("earlier disputes are unknown")
    return Hit("there was a dispute or a fraud warning before") if facts.earlier_disputes else None


def _spent_at_once(facts: RiskFacts) -> Finding:
    if (spend := facts.quick_spend) is None:
        return Abstains("it is looked at after the payment")
    most = spend.spent_credits * 100 > spend.bought_credits * 80
    if spend.key_is_new and spend.seconds <= QUICK_SECONDS and most:
        return Hit("a new API key used over 80% of the top-up within 10 minutes")
    return None


def _trusted_account(facts: RiskFacts) -> Finding:
    payments = facts.captured_payments_older_than_30_days
    if payments is None or facts.earlier_disputes is None:
        return Abstains("earlier payments and disputes are unknown")
    if payments >= 3 and not facts.earlier_disputes:
        return Hit(f"{payments} payments older than 30 days and no dispute")
    return None


RULES: tuple[Rule, ...] = (
    Rule("R1", "Large amount", (45,), _large_amount, "counting"),
    Rule("R2", "Payer abroad", (30,), _foreign_address, "counting", looks_at_recharges=False),
    Rule("R3", "SQL injection", (60,), _injection, "counting"),
    Rule("R3b", "Large amount by wallet", (25,), _large_by_wallet, "counting"),
    Rule("R4", "Above the usual amount", (15,), _above_usual),
    Rule("R5", "Young account", (10, 20), _young_account, looks_at_recharges=False),
    Rule("R6", "Large first payment", (15,), _large_first_payment, looks_at_recharges=False),
    Rule("R7", "Hasty account", (20, 35), _hasty_account, looks_at_recharges=False),
    Rule("R8", "Many cards", (40,), _many_cards),
    Rule("R9", "Shared card or VPA", (40,), _shared_instrument),
    Rule("R10", "Hasty address", (20, 40), _hasty_address),
    Rule("R11", "Mostly failing", (30,), _mostly_failing),
    Rule("R12", "Card testing", (50,), _card_testing),
    Rule("R13", "Card used abroad", (20,), _card_abroad, looks_at_recharges=False),
    Rule("R14", "Billed elsewhere", (10,), _billed_elsewhere, looks_at_recharges=False),
    Rule("R15", "Hosting network", (20,), _hosting_address, looks_at_recharges=False),
    Rule("R16", "Disposable e-mail", (20,), _disposable_email, looks_at_recharges=False),
    Rule("R17", "Impossible travel", (25,), _impossible_travel, looks_at_recharges=False),
    Rule("R18", "Disputed before", (50,), _disputed_before),
    Rule("R19", "Spent at once", (25,), _spent_at_once),
    Rule("A1", "Trusted account", (-15,), _trusted_account),
)
RULE_IDS: frozenset[str] = frozenset(rule.id for rule in RULES)
