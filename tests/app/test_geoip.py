"""The country of an address: by a real file, by a damaged one, and by none."""

import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from khata.app.geoip import Countries, GeoipUnusable, NoCountries, open_countries
from khata.domain.risk import assess
from khata.domain.risk_facts import RiskFacts
from mmdb import MARKER, write_mmdb

NETWORKS = {
    "203.0.113.0/24": {"country": {"iso_code": "IN"}, "continent": {"code": "AS"}},
    "198.51.100.0/25": {"country_code": "ae"},
    "198.51.100.128/25": {"country": {"iso_code": "India"}},
    "192.0.2.0/24": {"registered_country": {"iso_code": "IN"}},
    "2001:db8:1::/48": {"country": {"iso_code": "SG"}},
}


@pytest.fixture
def countries(tmp_path: Path) -> Countries:
    return open_countries(write_mmdb(tmp_path / "countries.mmdb", NETWORKS))


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("203.0.113.9", "IN"),
        ("198.51.100.7", "AE"),
        ("198.51.100.200", None),
        ("192.0.2.1", None),
        ("8.8.8.8", None),
        ("2001:db8:1:2::3", "SG"),
        ("2001:db8:2::", None),
    ],
)
def test_the_country_of_an_address(countries: Countries, address: str, country: str | None) -> None:
    assert countries.country_of(ip_address(address)) == country


def test_no_address_has_no_country(countries: Countries) -> None:
    assert countries.country_of(None) is None


def test_a_file_of_ipv4_only_knows_no_ipv6(tmp_path: Path) -> None:
    only = {"203.0.113.0/24": {"country_code": "IN"}}
    countries = open_countries(write_mmdb(tmp_path / "four.mmdb", only, ip_version=4))
    assert countries.country_of(ip_address("203.0.113.9")) == "IN"
    assert countries.country_of(ip_address("2001:db8::1")) is None


def test_without_a_file_whoever_asks_abstains_and_says_so() -> None:
    countries = open_countries(None)
    assert isinstance(countries, NoCountries)
    facts = RiskFacts(
        amount_paise=50_000,
        payment_method="upi",
        ip_country=countries.country_of(ip_address("203.0.113.9")),
        no_country=countries.silence,
    )
    said = {reason.rule: reason.sentence for reason in assess(facts).reasons}
    assert said["R2"] == "R2 abstained: no GeoIP file"


def test_an_address_that_the_file_does_not_know_is_told_apart(countries: Countries) -> None:
    assert countries.silence == "the GeoIP file does not know the address"


def test_a_file_that_is_not_there_or_not_whole_is_explained(tmp_path: Path) -> None:
    with pytest.raises(GeoipUnusable, match=r"missing\.mmdb can't be read"):
        open_countries(tmp_path / "missing.mmdb")
    other = tmp_path / "other.mmdb"
    other.write_text("no database")
    with pytest.raises(GeoipUnusable, match="Bring a whole one"):
        open_countries(other)


def test_a_record_that_is_damaged_is_a_country_unknown(tmp_path: Path) -> None:
    file = write_mmdb(tmp_path / "countries.mmdb", {"203.0.113.0/24": {"country_code": "IN"}})
    tree, marker, metadata = file.read_bytes().partition(MARKER)
    file.write_bytes(tree[:-4] + b"\xff\xff\xff\xff" + marker + metadata)
    assert open_countries(file).country_of(ip_address("203.0.113.9")) is None


def test_without_the_reader_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    with pytest.raises(GeoipUnusable, match=r"pip install 'khata\[geoip\]'"):
        open_countries(tmp_path / "countries.mmdb")
