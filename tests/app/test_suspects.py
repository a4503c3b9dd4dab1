"""The operator's lists of networks and e-mail domains."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.app.suspects import ListUnusable, Networks, Suspects, open_suspects

NETWORKS = """
# hosters
203.0.113.0/24
198.51.100.7      # one machine
10.0.0.0/8
10.1.0.0/16
2001:db8::/32
"""


@pytest.fixture
def suspects(tmp_path: Path) -> Suspects:
    networks, domains = tmp_path / "networks", tmp_path / "domains"
    networks.write_text(NETWORKS)
    domains.write_text("Mailinator.com\n\nthrow.away.example # gone in an hour\n")
    return open_suspects(networks, domains)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("203.0.113.0", True),
        ("203.0.113.255", True),
        ("203.0.114.0", False),
        ("203.0.112.255", False),
        ("198.51.100.7", True),
        ("198.51.100.8", False),
        ("10.200.0.1", True),
        ("1.0.0.0", False),
        ("255.255.255.255", False),
        ("2001:db8:ffff::1", True),
        ("2001:db9::", False),
        ("::cb00:7101", False),
    ],
)
def test_an_address_is_of_a_hoster(suspects: Suspects, address: str, found: bool) -> None:
    assert suspects.is_hosting(ip_address(address)) is found


@pytest.mark.parametrize(
    ("email", "found"),
    [
        ("asha@mailinator.com", True),
        ("asha@MAILINATOR.com.", True),
        ("asha@eu.mailinator.com", True),
        ("asha@notmailinator.com", False),
        ("asha@throw.away.example", True),
        ("asha@away.example", False),
        ("mailinator.com@example.in", False),
        ("nonsense", False),
    ],
)
def test_an_email_address_is_disposable(suspects: Suspects, email: str, found: bool) -> None:
    assert suspects.is_disposable(email) is found


def test_without_lists_or_without_anything_to_look_up_nobody_knows(suspects: Suspects) -> None:
    none = open_suspects(None, None)
    assert none.is_hosting(ip_address("203.0.113.9")) is None
    assert none.is_disposable("asha@mailinator.com") is None
    assert suspects.is_hosting(None) is None
    assert suspects.is_disposable(None) is None
    assert suspects.is_disposable("") is None


def test_a_list_that_will_not_do_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "networks"
    file.write_text("10.0.0.0/8\n\n10.0.0.0/99\n")
    with pytest.raises(ListUnusable, match=r"line 3: '10\.0\.0\.0/99' is no network"):
        open_suspects(file, None)
    for files in ((tmp_path / "none", None), (None, tmp_path / "none")):
        with pytest.raises(ListUnusable, match="can't be read"):
            open_suspects(*files)


@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(24, 32)), max_size=12),
    st.integers(0, 255),
)
def test_it_finds_what_looking_at_each_network_finds(
    made: list[tuple[int, int]], last: int
) -> None:
    names = [f"192.0.2.{start}/{length}" for start, length in made]
    address = ip_address(f"192.0.2.{last}")
    found = any(address in ip_network(name, strict=False) for name in names)
    assert (address in Networks(names)) is found
