"""Which addresses a request on a customer's behalf never goes to: all but the public Internet's.

The list is our own, for `is_global` of Python 3.11 finds multicast, NAT64 and 6to4 global, and
other versions judge otherwise. Of IPv6 only 2000::/3 has been given out, so all else is forbidden,
and with it whatever wraps an IPv4 address.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

FORBIDDEN_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # behind a carrier's NAT
            "127.0.0.0/8",  # this machine
            "169.254.0.0/16",  # link-local, and the clouds' metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocols
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
GIVEN_OUT_V6 = IPv6Network("2000::/3")
FORBIDDEN_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols: Teredo, ORCHID, benchmarks
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, which wraps any IPv4 address
            "3fff::/20",  # documentation
        ),
    )
)


def is_forbidden(address: Address) -> bool:
    """Whether nothing may be sent there. An IPv4 address mapped into IPv6 is judged as itself."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped
        if inner is None:
            return address not in GIVEN_OUT_V6 or _is_in(address, FORBIDDEN_V6)
        address = inner
    return _is_in(address, FORBIDDEN_V4) or not address.is_global


def _is_in(address: Address, networks: tuple[IPv4Network, ...] | tuple[IPv6Network, ...]) -> bool:
    return any(address in network for network in networks)
