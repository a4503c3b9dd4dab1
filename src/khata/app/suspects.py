"""Lists that the operator brings: networks of hosters and VPNs, and domains of disposable e-mail.

Each is a text file with an entry a line; what follows a # is a remark. Without a file nobody knows,
and the rules that ask abstain.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from ipaddress import ip_network
from pathlib import Path

from khata.domain.addresses import Address


class ListUnusable(Exception):
    """A list can't be used; the message names the file and the line."""


class Networks:
    """Networks that an address may be in. They may overlap."""

    def __init__(self, networks: Iterable[str]) -> None:
        spans: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
        for name in networks:
            network = ip_network(name, strict=False)
            span = int(network.network_address), int(network.broadcast_address)
            spans[network.version].append(span)
        self._spans = {version: _joined(sorted(found)) for version, found in spans.items()}
        self._starts = {
            version: [start for start, _ in each] for version, each in self._spans.items()
        }

    def __contains__(self, address: Address) -> bool:
        """Whether the address is in one of them."""
        number, version = int(address), address.version
        place = bisect_right(self._starts[version], number) - 1
        return place >= 0 and number <= self._spans[version][place][1]


class Suspects:
    """What the operator's lists say of addresses and e-mail domains."""

    def __init__(
        self, networks: Networks | None = None, domains: frozenset[str] | None = None
    ) -> None:
        self._networks = networks
        self._domains = domains

    def is_hosting(self, address: Address | None) -> bool | None:
        """Whether the address belongs to a hoster or VPN; None where nobody knows."""
        if self._networks is None or address is None:
            return None
        return address in self._networks

    def is_disposable(self, email: str | None) -> bool | None:
        """Whether the address's domain, or one above it, is of disposable e-mail."""
        if self._domains is None or not email:
            return None
        labels = email.rpartition("@")[2].lower().strip().rstrip(".").split(".")
        names = (".".join(labels[start:]) for start in range(len(labels)))
        return any(name in self._domains for name in names)


def open_suspects(networks: Path | None, domains: Path | None) -> Suspects:
    """The lists in these files. Raises `ListUnusable`."""
    return Suspects(
        None if networks is None else _networks(networks),
        None if domains is None else frozenset(entry.lower() for _, entry in _entries(domains)),
    )


def _networks(file: Path) -> Networks:
    entries = _entries(file)
    for line, entry in entries:
        try:
            ip_network(entry, strict=False)
        except ValueError as error:
            raise ListUnusable(f"{file}, line {line}: {entry!r} is no network.") from error
    return Networks(entry for _, entry in entries)


def _entries(file: Path) -> Sequence[tuple[int, str]]:
    """The entries of a file with the numbers of their lines."""
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ListUnusable(f"The list {file} can't be read: {error}") from error
    entries = ((number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1))
    return [(number, entry) for number, entry in entries if entry]


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans, with those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
