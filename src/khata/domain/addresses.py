"""What attempts from an address are counted by."""

from ipaddress import IPv4Address, IPv6Address, ip_network

Address = IPv4Address | IPv6Address

_CUSTOMER_PREFIX = 64


def velocity_group(address: Address) -> str:
    """An IPv4 address, or the /64 that one IPv6 customer has."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _CUSTOMER_PREFIX), strict=False))
