"""The country of an address, from a database file that the operator brings.

Khata ships none: what is stale is wrong, and the licences say so too. Any `.mmdb` with a country
code will do, MaxMind's own (`country.iso_code`) or a flat one (`country_code`). Without a file
every country is unknown, and what asks for one abstains and says so; so it is where the file turns
out to be damaged, for nobody is turned away by a fault of ours.
"""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from khata.domain.addresses import Address
from khata.domain.risk_facts import NO_GEOIP

_CODE = re.compile(r"[A-Z]{2}")


class GeoipUnusable(Exception):
    """The GeoIP file can't be used; the message says why and what to do."""


class Reader(Protocol):
    """An open file of networks and their records, as `maxminddb` reads them."""

    def get(self, ip_address: Address) -> object:
        """The record of the network that the address is in, if any."""
        ...


class Countries(Protocol):
    """Who knows the countries of addresses."""

    @property
    def silence(self) -> str:
        """Why `country_of` may say nothing, in words for the reasons of a risk."""
        ...

    def country_of(self, address: Address | None) -> str | None:
        """The country's code, such as `IN`; none where it is not known."""
        ...


class NoCountries:
    """Knows no country, for there is no file."""

    silence = NO_GEOIP

    def country_of(self, address: Address | None) -> str | None:  # noqa: ARG002
        """None, always."""
        return None


class CountriesOfFile:
    """Looks countries up in a file that stays open."""

    silence = "the GeoIP file does not know the address"

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def country_of(self, address: Address | None) -> str | None:
        """The country's code; none for an address that is in no network of the file."""
        if address is None:
            return None
        try:
            return _country_in(self._reader.get(address))
        # Damaged (`InvalidDatabaseError` is one of these), or IPv6 in a file of IPv4 only.
        except (RuntimeError, ValueError):
            return None


def open_countries(file: Path | None) -> Countries:
    """Countries by this file, or none known without one. Raises `GeoipUnusable`."""
    if file is None:
        return NoCountries()
    try:
        open_file = cast("Callable[[Path], Reader]", import_module("maxminddb").open_database)
    except ModuleNotFoundError as missing:
        raise GeoipUnusable(
            "KHATA_GEOIP_MMDB needs the reader of such files: pip install 'khata[geoip]'."
        ) from missing
    try:
        return CountriesOfFile(open_file(file))
    except (OSError, RuntimeError) as error:
        raise GeoipUnusable(
            f"The GeoIP file {file} can't be read: {error} Bring a whole one, or leave"
            " KHATA_GEOIP_MMDB out."
        ) from error


def _country_in(record: object) -> str | None:
    code = _at(_at(record, "country"), "iso_code") or _at(record, "country_code")
    if not isinstance(code, str) or not _CODE.fullmatch(code.upper()):
        return None
    return code.upper()


def _at(record: object, name: str) -> object:
    return cast("Mapping[str, object]", record).get(name) if isinstance(record, Mapping) else None
