"""Wallets, prices and ids made from a few words, the same on every run."""

from collections.abc import Mapping
from hashlib import blake2b

from msgspec.structs import replace

from khata.domain.commands import Command, Decision, decide
from khata.domain.ids import ALPHABET, OrganizationId, Ulid, WalletId, bucket_of, derived
from khata.domain.ledger import Stamp
from khata.domain.pricing import Price, PriceList, PriceLists
from khata.domain.rules import Rules
from khata.domain.wallet import Book, Wallet
from khata.testing.clock import NEW_YEAR_US

ORGANIZATION = OrganizationId("org_" + "0" * 26)
USE = Price("USE", "API", 1)


def ulid_named(name: str) -> Ulid:
    """A ULID that belongs to this name alone."""
    value = int.from_bytes(blake2b(name.encode(), digest_size=16).digest(), "big")
    return Ulid("".join(ALPHABET[value >> shift & 31] for shift in range(125, -1, -5)))


def wallet_id(name: str) -> WalletId:
    """The id of the wallet that a test calls by this name."""
    return WalletId("wal_" + ulid_named(name))


def wallet(name: str = "acme", time_zone: str = "Asia/Kolkata") -> Wallet:
    """An active wallet of a community."""
    return Wallet(
        wallet_id(name),
        ORGANIZATION,
        "community",
        name,
        name,
        created_at_us=NEW_YEAR_US,
        updated_at_us=NEW_YEAR_US,
        time_zone=time_zone,
    )


def empty_book(name: str = "acme", time_zone: str = "Asia/Kolkata") -> Book:
    """The book of a wallet in which nothing has happened yet."""
    return Book(wallet(name, time_zone))


def price_list(*prices: Price, version: int = 1, effective_at_us: int = 0) -> PriceList:
    """A version of the price list with these features and `USE`, one credit a piece."""
    features = {price.feature: price for price in (USE, *prices)}
    return PriceList(version, effective_at_us, features)


def rules(*lists: PriceList, caps: Mapping[str, int] | None = None) -> Rules:
    """The operator's rules: these versions of the price list (or `USE` alone), and daily caps."""
    return Rules(PriceLists(lists or (price_list(),)), caps or {})


class CountedUlids:
    """ULIDs that count up, each in its wallet's bucket. Those of different names differ."""

    def __init__(self, name: str = "ulid") -> None:
        self._name = name
        self._next = 0

    def for_wallet(self, wallet: WalletId) -> Ulid:
        """A ULID that was not given before, and leaves room for further ones of its decision."""
        self._next += 1
        return derived(ulid_named(f"{self._name} {self._next}"), 0, bucket_of(wallet))


def in_organization(book: Book, name: str) -> Book:
    """The same book in the organization of that name."""
    organization = OrganizationId("org_" + ulid_named(name))
    return replace(book, wallet=replace(book.wallet, organization_id=organization))


def decided(
    book: Book,
    command: Command,
    at_us: int = NEW_YEAR_US,
    given: Rules | None = None,
    counterpart: Book | None = None,
) -> Decision:
    """What the rules make of a command on a book, with no engine and no store between."""
    name = f"{book.accounts.sequence} {command}"
    ulid = derived(ulid_named(name), 0, bucket_of(book.wallet.id))
    fingerprint = blake2b(name.encode(), digest_size=16).digest()
    return decide(book, command, Stamp(ulid, at_us, fingerprint), given or rules(), counterpart)
