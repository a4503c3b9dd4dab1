"""What attempts from an address are counted by."""

from ipaddress import ip_address

import pytest

from khata.domain.addresses import velocity_group


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
    ],
)
def test_attempts_are_counted_by_what_one_customer_has(address: str, group: str) -> None:
    assert velocity_group(ip_address(address)) == group
