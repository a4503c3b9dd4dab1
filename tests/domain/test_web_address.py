"""Where a webhook may go: each form of an address that leads inside is refused."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.forbidden_addresses import is_forbidden
from khata.domain.web_address import ReachRules, WebAddress, read_web_address

RULES = ReachRules()
AT_HOME = ReachRules(allow_private=True)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://example.com", WebAddress("https", "example.com", 443, "/")),
        ("https://EXAMPLE.com:443/Hook", WebAddress("https", "example.com", 443, "/Hook")),
        (
            "https://example.com./x?y=1&z=%20@",
            WebAddress("https", "example.com", 443, "/x?y=1&z=%20@"),
        ),
        ("https://example.com?y=/", WebAddress("https", "example.com", 443, "/?y=/")),
        ("https://bücher.example/", WebAddress("https", "xn--bcher-kva.example", 443, "/")),
        ("https://exa。mple。com/", WebAddress("https", "exa.mple.com", 443, "/")),
        ("https://xn--bcher-kva.example/", WebAddress("https", "xn--bcher-kva.example", 443, "/")),
    ],
)
def test_a_url_of_the_public_internet_is_read(url: str, address: WebAddress) -> None:
    assert read_web_address(url, RULES) == address


@pytest.mark.parametrize(
    "url",
    [
        # other schemes, and what only looks like one
        *("http://example.com/", "ftp://example.com/", "file:///etc/passwd", "HTTPS://example.com"),
        *("//example.com", "https:/example.com", "https:example.com", "javascript:0", ""),
        # a user, a fragment, blanks and what parsers disagree on
        *("https://user@example.com/", "https://user:pass@example.com/", "https://@example.com/"),
        *("https://example.com#@evil.com/", "https://example.com/#x", "https://exa mple.com/"),
        *("https://example.com\\@evil.com/", "https://example.com/\\evil", "https://a.com/a b"),
        *("https://example.com\r\nHost: x/", "https://example.com/\n", "\thttps://example.com/"),
        *("https://example.com/ü", "https://example%2ecom/", "https:///example.com/"),
        # other ports
        *("https://example.com:80/", "https://example.com:8443/", "https://example.com:0/"),
        *("https://example.com:65536/", "https://example.com:99999999/", "https://example.com:/"),
        "https://example.com:443:443/",
        # addresses, also those in octal, hex, short and wide forms
        *("https://8.8.8.8/", "https://127.0.0.1/", "https://[::1]/", "https://[2606:4700::1]/"),
        *("https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://0x7f000001/", "https://127.1/"),
        *("https://2130706433/", "https://017700000001/", "https://127.0.0.1./", "https://0/"),
        *("https://1.1.1.0x1/", "https://\uff11\uff12\uff17.0.0.1/", "https://127。0。0。1/"),
        *("https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://[::1/"),
        *("https://example.com.0x/", "https://::1/"),
        # names of the inside
        *("https://localhost/", "https://localhost./", "https://a.localhost/", "https://printer/"),
        *("https://router.local/", "https://db.internal/", "https://x.onion/", "https://x.home.arpa/"),
        *("https://LOCALHOST/", "https://ⓛocalhost/", "https://metadata.google.internal/"),
        # names that are none
        *("https://a..b/", "https://.example.com/", "https://-a.example/", "https://xn--/"),
        *("https://example.com../", "https://" + "a" * 64 + ".com/", "https://./", "https://"),
        "https://example.com/" + "a" * 2_000,
    ],
)  # fmt: skip
def test_a_url_that_may_lead_inside_is_refused_with_what_it_must_be(url: str) -> None:
    why = read_web_address(url, RULES)
    assert isinstance(why, str)
    assert why.startswith("must ")


def test_other_ports_are_allowed_by_name() -> None:
    rules = ReachRules(ports=frozenset({443, 8443}))
    assert isinstance(read_web_address("https://example.com:8443/", rules), WebAddress)
    assert read_web_address("https://example.com:80/", rules) == "must use port 443 or 8443"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8080/x", WebAddress("http", "127.0.0.1", 8080, "/x")),
        ("http://localhost:1/", WebAddress("http", "localhost", 1, "/")),
        ("https://[::1]:8443/", WebAddress("https", "::1", 8443, "/")),
    ],
)
def test_a_developer_may_go_home(url: str, address: WebAddress) -> None:
    assert read_web_address(url, AT_HOME) == address


@pytest.mark.parametrize(
    "url", ["http://a@localhost/", "http://localhost:0/", "http://[::1%25lo]/", "ftp://localhost/"]
)
def test_even_at_home_there_is_one_form(url: str) -> None:
    assert isinstance(read_web_address(url, AT_HOME), str)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com/", "example.com"),
        ("http://example.com:80/", "example.com"),
        ("http://example.com:443/", "example.com:443"),
        ("https://[::1]/", "[::1]"),
        ("http://[::1]:81/", "[::1]:81"),
    ],
)
def test_the_host_header(url: str, host: str) -> None:
    address = read_web_address(url, AT_HOME)
    assert isinstance(address, WebAddress)
    assert address.authority == host


@given(st.text(max_size=80) | st.text(max_size=60).map(lambda host: f"https://{host}/"))
def test_whatever_is_sent_is_read_or_refused(url: str) -> None:
    for rules in (RULES, AT_HOME):
        read = read_web_address(url, rules)
        if isinstance(read, WebAddress):
            assert read.host.isascii()
            assert read.target.isascii()
            assert not set(read.host + read.target) & set(" \r\n\\#")


@pytest.mark.parametrize(
    "text",
    [
        *("0.0.0.1", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1"),
        *("127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1"),
        *("192.0.0.9", "192.0.0.10", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1"),
        *("198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255"),
        *("240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:100.64.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1"),
        *("2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1"),
        *("fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1", "fe80::1%eth0"),
        "::ffff:0:127.0.0.1",
    ],
)  # fmt: skip
def test_nothing_is_sent_to(text: str) -> None:
    assert is_forbidden(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        *("1.1.1.1", "8.8.8.8", "9.255.255.255", "100.63.255.255", "100.128.0.1", "172.15.0.1"),
        *("172.32.0.1", "192.0.1.1", "223.255.255.255"),
        *("2606:4700:4700::1111", "2a00:1450::1", "2400:cb00::1", "::ffff:8.8.8.8"),
    ],
)
def test_the_public_internet_may_be_reached(text: str) -> None:
    assert not is_forbidden(ip_address(text))
