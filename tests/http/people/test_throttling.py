"""Throttling of sign-ins: who guesses waits, and strangers keep nobody out who was here before."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from desk import Clock
from khata.domain.pace import BY_ADDRESS, BY_EMAIL, FROM_KNOWN_ADDRESS
from served import Product
from signed_in import PASSWORD, Browser, addresses, link_token

GUESS = "no such brown cows"


@pytest.fixture(autouse=True)
def rested(clock: Clock) -> None:
    """Nobody has tried for a while."""
    clock.turn(seconds=3600)


def guess(product: Product, email: str, times: int) -> list[int]:
    """Guesses from an address each."""
    return [Browser(product).sign_in(email, GUESS).status_code for _ in range(times)]


def somebody() -> str:
    return f"nobody-{next(addresses)}@delhi.example"


def waits(answer: httpx2.Response) -> int:
    assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMITED")
    assert answer.json()["retry_after_seconds"] == int(answer.headers["retry-after"])
    return int(answer.headers["retry-after"])


def test_an_e_mail_is_guessed_at_so_often_and_then_by_the_clock(
    product: Product, asha: Browser, clock: Clock
) -> None:
    """The same for one that somebody has and for one that nobody has."""
    for email in (asha.who()["user"]["email"], somebody()):
        assert guess(product, email, BY_EMAIL.burst) == [401] * BY_EMAIL.burst
        seconds = waits(Browser(product).sign_in(email))
        assert seconds == BY_EMAIL.every_us // 1_000_000
        clock.turn(seconds=seconds - 1)
        assert waits(Browser(product).sign_in(email, GUESS)) == 1
        clock.turn(seconds=1)
        assert guess(product, email, 2) == [401, 429]


def test_strangers_keep_nobody_out_of_the_own_account(product: Product, asha: Browser) -> None:
    email = asha.who()["user"]["email"]
    assert 429 in guess(product, email, BY_EMAIL.burst + 1)
    assert asha.sign_in(email).status_code == 201
    guesses = [asha.sign_in(email, GUESS).status_code for _ in range(FROM_KNOWN_ADDRESS.burst + 1)]
    assert guesses == [401] * FROM_KNOWN_ADDRESS.burst + [429]


def test_an_address_tries_so_many_e_mails(product: Product) -> None:
    browser = Browser(product)
    tried = [browser.sign_in(somebody(), GUESS).status_code for _ in range(BY_ADDRESS.burst)]
    assert set(tried) == {401}
    assert waits(browser.sign_in(somebody(), GUESS)) == BY_ADDRESS.every_us // 1_000_000
    assert Browser(product).sign_in(somebody(), GUESS).status_code == 401


def test_links_and_invitations_are_not_tried_out_either(product: Product) -> None:
    browser = Browser(product)
    body = {"token": "khl_none", "password": PASSWORD}
    tried = [browser.ask("POST", "/v1/session", body) for _ in range(BY_ADDRESS.burst)]
    assert {answer.status_code for answer in tried} == {401}
    waits(browser.ask("POST", "/v1/session", body))
    waits(browser.ask("POST", "/v1/invitations/accept", body))


def test_a_good_link_tries_out_no_e_mails(product: Product, asha: Browser) -> None:
    """Whoever holds one does not learn by it who is a user here, however often it is shown."""
    email = asha.who()["user"]["email"]
    browser = Browser(product)
    body = {"token": link_token(product), "password": PASSWORD, "email": email}
    tried = [browser.ask("POST", "/v1/session", body) for _ in range(BY_ADDRESS.burst)]
    assert {answer.status_code for answer in tried} == {422}
    waits(browser.ask("POST", "/v1/session", body))
    del body["email"]
    assert Browser(product).ask("POST", "/v1/session", body).status_code == 201


def test_one_customers_ipv6_addresses_count_as_one(product: Product) -> None:
    within = [Browser(product, f"2001:db8:0:7::{n:x}") for n in range(1, BY_ADDRESS.burst + 2)]
    tried = [each.sign_in(somebody(), GUESS).status_code for each in within]
    assert tried == [401] * BY_ADDRESS.burst + [429]
    assert Browser(product, "2001:db8:0:8::1").sign_in(somebody(), GUESS).status_code == 401


def test_who_gets_in_pays_nothing(product: Product, asha: Browser) -> None:
    email = asha.who()["user"]["email"]
    elsewhere = Browser(product)
    for _ in range(BY_EMAIL.burst + 2):
        assert elsewhere.sign_in(email).status_code == 201
    assert guess(product, email, BY_EMAIL.burst) == [401] * BY_EMAIL.burst


def test_guesses_at_the_same_time_are_counted_one_by_one(product: Product) -> None:
    email = somebody()
    crowd = [Browser(product) for _ in range(BY_EMAIL.burst + 4)]

    def try_once(browser: Browser) -> int:
        return browser.sign_in(email, GUESS).status_code

    with ThreadPoolExecutor(len(crowd)) as threads:
        tried = sorted(threads.map(try_once, crowd))
    assert tried == [401] * BY_EMAIL.burst + [429] * 4


def test_the_current_password_is_not_guessed_from_within(product: Product, asha: Browser) -> None:
    body = {"password": "eight brown cows", "current_password": GUESS}
    tried = [
        asha.ask("PUT", "/v1/session/password", body).status_code
        for _ in range(FROM_KNOWN_ADDRESS.burst + 1)
    ]
    assert tried == [403] * FROM_KNOWN_ADDRESS.burst + [429]
    email = asha.who()["user"]["email"]
    link = {"token": link_token(product, email), "password": "nine brown cows"}
    assert Browser(product).ask("POST", "/v1/session", link).status_code == 201
