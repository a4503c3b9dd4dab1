"""What is known of an attempt to buy, from the address to the rules' word."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from desk import Clock, Desk
from khata.app.geoip import NoCountries, open_countries
from khata.app.risk import Circumstances, Knowledge, Whereabouts, risk_facts, whereabouts
from khata.app.suspects import Networks, Suspects
from khata.domain.ids import WalletId
from khata.domain.risk import RiskAssessment, assess
from khata.postgres.asking import borrowed
from khata.postgres.attempts import Attempt, Kind, note_attempt
from mmdb import write_mmdb

NOTHING = Knowledge(NoCountries(), Suspects())


@pytest.fixture
def known(tmp_path: Path) -> Knowledge:
    networks = {
        "203.0.113.0/24": {"country_code": "IN"},
        "198.51.100.0/24": {"country_code": "AE"},
        "2001:db8:1::/48": {"country_code": "IN"},
    }
    countries = open_countries(write_mmdb(tmp_path / "countries.mmdb", networks))
    return Knowledge(
        countries, Suspects(Networks(["198.51.100.128/25"]), frozenset({"no.example"}))
    )


class Customer:
    """Tries to buy, and is scored each time."""

    def __init__(self, desk: Desk, knowledge: Knowledge) -> None:
        self.desk = desk
        self.knowledge = knowledge
        self.how = Circumstances(payment_method="upi", wallet_since_us=desk.wallet.created_at_us)
        self.tries = 0

    async def tries_to_buy(
        self, rupees: int = 500, address: str | None = "203.0.113.9", wallet: str | None = None
    ) -> RiskAssessment:
        where = whereabouts(self.knowledge, address)
        attempt = self.attempt("tried", rupees, where, wallet)
        async with borrowed(self.desk.khata.registries) as connection:
            await note_attempt(connection, attempt)
            return assess(await risk_facts(connection, attempt, self.how, where))

    async def has_paid(self, rupees: int = 500) -> None:
        attempt = self.attempt("captured", rupees, Whereabouts(None, None, ""), None)
        async with borrowed(self.desk.khata.registries) as connection:
            await note_attempt(connection, attempt)

    def attempt(self, kind: Kind, rupees: int, where: Whereabouts, wallet: str | None) -> Attempt:
        self.tries += 1
        return Attempt(
            id=f"ord_{self.tries}",
            kind=kind,
            at_us=self.desk.clock(),
            wallet_id=WalletId(wallet or self.desk.wallet.id),
            amount_paise=rupees * 100,
            address=where.address,
            country=where.country,
        )


@pytest.fixture
def customer(desk: Desk, known: Knowledge) -> Customer:
    return Customer(desk, known)


def states(assessment: RiskAssessment) -> dict[str, str]:
    return {reason.rule: reason.state for reason in assessment.reasons}


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("203.0.113.9", ("203.0.113.9", "IN")),
        ("198.51.100.7", ("198.51.100.7", "AE")),
        ("2001:db8:1:2:3::4", ("2001:db8:1:2::/64", "IN")),
        ("8.8.8.8", ("8.8.8.8", None)),
        (None, (None, None)),
    ],
)
def test_whereabouts_of_an_address(
    known: Knowledge, address: str | None, where: tuple[str | None, str | None]
) -> None:
    found = whereabouts(known, address)
    assert (found.address, found.country) == where


def test_why_a_country_is_unknown_is_told() -> None:
    assert whereabouts(NOTHING, "8.8.8.8").no_country == "no GeoIP file"
    assert whereabouts(NOTHING, None).no_country == "the client's address is unknown"


async def test_the_decided_rules_count(customer: Customer, clock: Clock) -> None:
    clock.turn(days=2)
    assert (await customer.tries_to_buy()).score == 0
    assert (await customer.tries_to_buy(10_001)).score == 45
    assert (await customer.tries_to_buy(500, "198.51.100.7")).score == 30
    blocked = await customer.tries_to_buy(10_001, "198.51.100.7")
    assert (blocked.score, blocked.decision) == (75, "block")


async def test_without_a_file_the_rules_of_countries_abstain(desk: Desk) -> None:
    customer = Customer(desk, NOTHING)
    assessment = await customer.tries_to_buy(10_001, "198.51.100.7")
    assert (assessment.score, assessment.decision) == (45, "allow")
    found = states(assessment)
    assert (found["R2"], found["R17"]) == ("abstained", "abstained")


async def test_haste_shows_in_shadow(customer: Customer, clock: Clock) -> None:
    clock.turn(days=2)
    for _ in range(5):
        assert "R7" not in states(await customer.tries_to_buy())
    hasty = await customer.tries_to_buy()
    assert states(hasty)["R7"] == "shadow_hit"
    assert hasty.score == 0
    clock.turn(seconds=3_600)
    assert "R7" not in states(await customer.tries_to_buy())


async def test_many_wallets_at_one_address_show_too(customer: Customer, clock: Clock) -> None:
    clock.turn(days=2)
    for number in range(10):
        await customer.tries_to_buy(wallet=f"wal_{number:026}")
    found = {reason.rule: reason for reason in (await customer.tries_to_buy()).reasons}
    assert (found["R10"].state, found["R10"].weight) == ("shadow_hit", 40)


async def test_travel_faster_than_anybody(customer: Customer, clock: Clock) -> None:
    await customer.tries_to_buy()
    clock.turn(seconds=7_199)
    found = states(await customer.tries_to_buy(500, "198.51.100.7"))
    assert (found["R2"], found["R17"]) == ("hit", "shadow_hit")
    clock.turn(seconds=7_200)
    assert "R17" not in states(await customer.tries_to_buy())


async def test_a_young_wallet_and_its_first_payment(customer: Customer, clock: Clock) -> None:
    found = {reason.rule: reason for reason in (await customer.tries_to_buy(6_000)).reasons}
    assert (found["R5"].weight, found["R6"].weight) == (20, 15)
    clock.turn(days=1)
    await customer.has_paid()
    assert not {"R5", "R6"} & states(await customer.tries_to_buy(2_000)).keys()
    assert states(await customer.tries_to_buy(2_501))["R4"] == "shadow_hit"


async def test_trust_takes_a_while(customer: Customer, clock: Clock) -> None:
    for _ in range(3):
        await customer.has_paid()
    assert "A1" not in states(await customer.tries_to_buy())
    clock.turn(days=30)
    assert states(await customer.tries_to_buy())["A1"] == "shadow_hit"


async def test_after_the_payment_the_card_is_known(customer: Customer, clock: Clock) -> None:
    clock.turn(days=2)
    customer.how = replace(
        customer.how, moment="payment", card_country="US", card_is_international=True
    )
    assert states(await customer.tries_to_buy())["R13"] == "shadow_hit"


async def test_the_operators_lists_are_asked(customer: Customer, clock: Clock) -> None:
    clock.turn(days=2)
    found = states(await customer.tries_to_buy(500, "198.51.100.200"))
    assert (found["R15"], found["R16"]) == ("shadow_hit", "abstained")
    assert "R15" not in states(await customer.tries_to_buy(500, "198.51.100.7"))
    customer.how = replace(customer.how, email_is_disposable=True)
    assert states(await customer.tries_to_buy())["R16"] == "shadow_hit"
