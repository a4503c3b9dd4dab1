"""Whose address a request comes from: what proxies of ours say is believed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from ipaddress import ip_network

import httpx2
import pytest
from msgspec import Struct
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from khata.http.call import Call, Caller, Nobody
from khata.http.client_address import Network, client_address, parsed
from khata.http.edge import HttpSettings
from khata.http.layer import application
from khata.http.routes import ANYONE, Routes

Serve = Callable[[ASGIApp], AbstractContextManager[tuple[str, object]]]

PROXIES = ("10.0.0.0/8", "192.0.2.7/32", "fd00::/8")
TRUSTED = [ip_network(network) for network in PROXIES]


def client_of(peer: str | None, *lines: str, trusts: bool = True) -> tuple[str, str]:
    client = client_address(peer, lines, TRUSTED if trusts else [])
    assert client.peer == peer
    return str(client.address), client.method


@pytest.mark.parametrize(
    ("peer", "lines", "address", "method"),
    [
        # Nobody stands in between, or nobody that we trust: the peer, whatever the headers say.
        ("203.0.113.9", [], "203.0.113.9", "peer"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9", "peer"),
        ("192.0.2.8", ["10.0.0.1"], "192.0.2.8", "peer"),
        ("2001:db8::5", ["198.51.100.1"], "2001:db8::5", "peer"),
        # One proxy, two, and one that speaks IPv6.
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9", "x-forwarded-for"),
        ("10.0.0.1", ["203.0.113.9, 10.1.1.1, 192.0.2.7"], "203.0.113.9", "x-forwarded-for"),
        ("fd00::1", ["2001:db8::9, fd00::2"], "2001:db8::9", "x-forwarded-for"),
        # What the client wrote itself is left of what our proxy added, and never reached.
        ("10.0.0.1", ["10.9.9.9, 203.0.113.9"], "203.0.113.9", "x-forwarded-for"),
        ("10.0.0.1", ["8.8.8.8, 203.0.113.9, 10.1.1.1"], "203.0.113.9", "x-forwarded-for"),
        ("10.0.0.1", ["'; drop, 203.0.113.9"], "203.0.113.9", "x-forwarded-for"),
        # Several lines are one, in their order.
        ("10.0.0.1", ["8.8.8.8", "203.0.113.9", "10.1.1.1"], "203.0.113.9", "x-forwarded-for"),
        ("10.0.0.1", ["8.8.8.8, 203.0.113.9", "10.1.1.1"], "203.0.113.9", "x-forwarded-for"),
        # An entry that is no address ends the walk at the last good one.
        ("10.0.0.1", ["203.0.113.9, unknown, 10.1.1.1"], "10.1.1.1", "x-forwarded-for"),
        ("10.0.0.1", ["203.0.113.9, unknown"], "10.0.0.1", "peer"),
        ("10.0.0.1", ["203.0.113.9,, 10.1.1.1"], "10.1.1.1", "x-forwarded-for"),
        ("10.0.0.1", ["203.0.113.9, 10.1.1.300"], "10.0.0.1", "peer"),
        ("10.0.0.1", [""], "10.0.0.1", "peer"),
        ("10.0.0.1", [], "10.0.0.1", "peer"),
        # Only proxies all the way: the one that is farthest.
        ("10.0.0.1", ["10.3.3.3, 10.2.2.2, 10.1.1.1"], "10.3.3.3", "x-forwarded-for"),
        # However it is written.
        ("10.0.0.1", ["203.0.113.9:50123"], "203.0.113.9", "x-forwarded-for"),
        ("10.0.0.1", ["[2001:db8::9]:50123"], "2001:db8::9", "x-forwarded-for"),
        ("10.0.0.1", ["[2001:db8::9]"], "2001:db8::9", "x-forwarded-for"),
        ("10.0.0.1", ["fe80::9%eth0"], "fe80::9", "x-forwarded-for"),
        ("10.0.0.1", ["::ffff:203.0.113.9, ::ffff:10.1.1.1"], "203.0.113.9", "x-forwarded-for"),
        ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9", "x-forwarded-for"),
        ("::ffff:203.0.113.9", ["198.51.100.1"], "203.0.113.9", "peer"),
        # No address at all: a unix socket, or something that is none.
        (None, ["203.0.113.9"], "None", "peer"),
        ("testclient", ["203.0.113.9"], "None", "peer"),
    ],
)
def test_the_client_behind_trusted_proxies(
    peer: str | None, lines: list[str], address: str, method: str
) -> None:
    assert client_of(peer, *lines) == (address, method)


@pytest.mark.parametrize("peer", ["10.0.0.1", "127.0.0.1", "::1", "203.0.113.9"])
def test_nobody_is_trusted_unless_said(peer: str) -> None:
    assert client_of(peer, "198.51.100.1", trusts=False) == (peer, "peer")


@pytest.mark.parametrize(
    "entry",
    [
        "",
        " ",
        "unknown",
        "_hidden",
        "010.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.4:",
        "1.2.3.4:123456",
        "[1.2.3.4",
        "[]",
        "[::1]x",
        "2001:db8::1::2",
        "for=1.2.3.4",
        '"1.2.3.4"',
        "3405803785",
        "1.2.3.4\u0660",
    ],
)
def test_an_entry_that_is_no_address(entry: str) -> None:
    assert parsed(entry) is None


class Seen(Struct, frozen=True):
    address: str
    method: str
    peer: str | None


async def _nobody(_: str, __: Mapping[bytes, bytes], ___: bool) -> Caller:
    return Nobody()


def mirror(trusted: Sequence[Network]) -> ASGIApp:
    """Says whose address it sees."""
    routes = Routes("Mirror")

    @routes.on("GET /client", scope=ANYONE)
    async def client(call: Call[Caller]) -> Seen:
        found = call.client
        return Seen(str(found.address), found.method, found.peer)

    settings = HttpSettings(trusted_proxies=tuple(trusted))
    return application(routes, _nobody, CollectorRegistry(), settings)


LINES = [
    ("X-Forwarded-For", "8.8.8.8"),
    ("X-Real-IP", "8.8.4.4"),
    ("X-Forwarded-For", "203.0.113.9"),
    ("Forwarded", "for=8.8.4.4"),
    ("x-forwarded-for", "127.0.0.2"),
]


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [
        ([], Seen("127.0.0.1", "peer", "127.0.0.1")),
        (["127.0.0.0/8"], Seen("203.0.113.9", "x-forwarded-for", "127.0.0.1")),
    ],
)
def test_a_call_knows_its_client(serve: Serve, trusted: list[str], seen: Seen) -> None:
    with serve(mirror([ip_network(network) for network in trusted])) as (url, _):
        assert httpx2.get(f"{url}/client", headers=LINES).json() == {
            "address": seen.address,
            "method": seen.method,
            "peer": seen.peer,
        }
