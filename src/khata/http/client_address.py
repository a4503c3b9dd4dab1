"""Whose address a request comes from, where proxies that we trust stand in between.

Only the peer of the connection is known for sure. If it is a proxy of the operator's, it is
believed who it got the request from, and so on, from the right of X-Forwarded-For to the left, as
far as trusted proxies reach. What is left of them was written by the client, who may write
anything. Other headers of this kind are not read at all: a proxy may let the client's own pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, Literal, NamedTuple

from khata.domain.addresses import Address

Network = IPv4Network | IPv6Network

FORWARDED_FOR: Final = b"x-forwarded-for"
_WITH_PORT: Final = re.compile(r"(\d+(?:\.\d+){3}):\d{1,5}")
_IN_BRACKETS: Final = re.compile(r"\[([^\]]*)\](?::\d{1,5})?")


class Client(NamedTuple):
    """The client's address, how it was found, and the peer that the request came through.

    There is no address at all where a request comes over a unix socket and nobody is trusted.
    """

    address: Address | None
    method: Literal["peer", "x-forwarded-for"]
    peer: str | None

    @property
    def shown(self) -> str | None:
        """The address as a text, if there is one."""
        return None if self.address is None else str(self.address)


def client_address(
    peer: str | None, forwarded_for: Iterable[str], trusted: Sequence[Network]
) -> Client:
    """The client of a request: `forwarded_for` are all lines of X-Forwarded-For, in order."""
    nearest = parsed(peer) if peer is not None else None
    if nearest is None or not _is_trusted(nearest, trusted):
        return Client(nearest, "peer", peer)
    client = nearest
    for entry in reversed(",".join(forwarded_for).split(",")):
        address = parsed(entry)
        if address is None:
            break
        client = address
        if not _is_trusted(address, trusted):
            break
    return Client(client, "peer" if client is nearest else "x-forwarded-for", peer)


def parsed(entry: str) -> Address | None:
    """The address in an entry, without port, brackets and zone, IPv4 in IPv6 as what it is."""
    text = entry.strip()
    if match := _WITH_PORT.fullmatch(text) or _IN_BRACKETS.fullmatch(text):
        text = match[1]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
