"""A key's first decision stays with it, byte for byte, whoever asks again and when."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import httpx2
import pytest

from desk import Clock
from khata.domain.times import rfc3339
from served import Api, Json, Product


class Asked(NamedTuple):
    """An operation on a wallet: where, and with which body."""

    path: str
    body: Json


def wallet_of(api: Api) -> str:
    return f"/v1/wallets/{api.new_wallet(100)}"


def held(api: Api, wallet: str) -> str:
    body = {"feature": "AI_SUMMARY", "quantity": 2, "metadata": {"z": 1, "a": "ü"}}
    return f"{wallet}/holds/{api.post(f'{wallet}/holds', body)['hold']['id']}"


def consume(api: Api) -> Asked:
    body = {"feature": "AI_SUMMARY", "member_id": "m", "metadata": {"z": [1.5, None], "a": "ü"}}
    return Asked(f"{wallet_of(api)}/consume", body)


def refused_consume(api: Api) -> Asked:
    return Asked(f"{wallet_of(api)}/consume", {"feature": "AI_SUMMARY", "quantity": 100})


def mismatched_consume(api: Api) -> Asked:
    return Asked(f"{wallet_of(api)}/consume", {"feature": "AI_SUMMARY", "credits": 1})


def capped_consume(api: Api) -> Asked:
    wallet = wallet_of(api)
    api.ask("PATCH", wallet, {"caps": {"AI": 0}})
    return Asked(f"{wallet}/consume", {"feature": "AI_SUMMARY"})


def hold(api: Api) -> Asked:
    return Asked(f"{wallet_of(api)}/holds", {"feature": "AI_SUMMARY", "quantity": 1})


def capture(api: Api) -> Asked:
    return Asked(f"{held(api, wallet_of(api))}/capture", {"quantity": 1})


def refused_capture(api: Api) -> Asked:
    return Asked(f"{held(api, wallet_of(api))}/capture", {"quantity": 3})


def release(api: Api) -> Asked:
    return Asked(f"{held(api, wallet_of(api))}/release", {})


def refused_release(api: Api) -> Asked:
    hold_path = held(api, wallet_of(api))
    api.post(f"{hold_path}/release")
    return Asked(f"{hold_path}/release", {})


def extend(api: Api) -> Asked:
    return Asked(f"{held(api, wallet_of(api))}/extend", {"ttl_seconds": 86_400})


def grant(api: Api) -> Asked:
    body = {"kind": "promo", "credits": 5, "note": "x", "expires_at": "2999-01-01T05:30:00+05:30"}
    return Asked(f"{wallet_of(api)}/grants", body)


def take_back(api: Api) -> Asked:
    return Asked(f"{wallet_of(api)}/grants", {"kind": "adjustment", "credits": -5, "note": "x"})


def refund(api: Api) -> Asked:
    wallet = wallet_of(api)
    charge = api.post(f"{wallet}/consume", {"feature": "AI_SUMMARY"})["transaction"]["id"]
    return Asked(f"{wallet}/refunds", {"transaction_id": charge, "credits": 3, "reason": "x"})


def transfer(api: Api) -> Asked:
    body = {"to_wallet_id": api.new_wallet(), "credits": 5, "note": "x"}
    return Asked(f"{wallet_of(api)}/transfers", body)


OPERATIONS = (
    consume,
    refused_consume,
    mismatched_consume,
    capped_consume,
    hold,
    capture,
    refused_capture,
    release,
    refused_release,
    extend,
    grant,
    take_back,
    refund,
    transfer,
)
Prepare = Callable[[Api], Asked]


def same(first: httpx2.Response, again: httpx2.Response) -> bool:
    """Whether the second repeats the first."""
    return (
        (again.status_code, again.content) == (first.status_code, first.content)
        and "Idempotent-Replayed" not in first.headers
        and again.headers["Idempotent-Replayed"] == "true"
    )


@pytest.mark.parametrize("prepare", OPERATIONS)
def test_a_replay_is_the_first_answer_to_the_byte(api: Api, prepare: Prepare) -> None:
    asked, key = prepare(api), api.new_key()
    wallet = asked.path[: len("/v1/wallets/") + 30]
    first = api.ask("POST", asked.path, asked.body, key=key)
    stands = api.get(wallet)
    api.grant(wallet.rpartition("/")[2], 1000)
    assert same(first, api.ask("POST", asked.path, asked.body, key=key))
    assert api.get(wallet)["available_credits"] == stands["available_credits"] + 1000


@pytest.mark.parametrize("prepare", OPERATIONS)
def test_a_key_is_of_one_request(api: Api, prepare: Prepare) -> None:
    asked, key = prepare(api), api.new_key()
    wallet = asked.path[: len("/v1/wallets/") + 30]
    api.ask("POST", asked.path, asked.body, key=key)
    stands = api.get(wallet)
    for path, body in (
        (f"{wallet}/consume", {"feature": "INVITE_MEMBER"}),
        (f"{wallet}/grants", {"kind": "plan", "credits": 1, "note": "another"}),
    ):
        reused = api.ask("POST", path, body, key=key)
        assert (reused.status_code, reused.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert api.get(wallet) == stands


@pytest.mark.parametrize("prepare", OPERATIONS)
def test_of_two_at_once_one_is_the_replay(product: Product, api: Api, prepare: Prepare) -> None:
    asked, key = prepare(api), api.new_key()
    with product.api() as other, ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(caller.ask, "POST", asked.path, asked.body, key=key)
            for caller in (api, other)
        ]
        first, again = sorted(
            (each.result() for each in both), key=lambda answer: len(answer.headers)
        )
    assert same(first, again)


def test_the_same_key_is_free_on_another_wallet(api: Api) -> None:
    key = api.new_key()
    for _ in range(2):
        path = f"{wallet_of(api)}/consume"
        answer = api.ask("POST", path, {"feature": "AI_SUMMARY"}, key=key)
        assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (200, False)


def test_what_is_left_out_and_what_is_its_default_are_the_same_request(api: Api) -> None:
    path, key = f"{wallet_of(api)}/consume", api.new_key()
    first = api.ask("POST", path, {"feature": "AI_SUMMARY"}, key=key)
    spelled = {"feature": "AI_SUMMARY", "quantity": 1, "metadata": None}
    assert same(first, api.ask("POST", path, spelled, key=key))


def test_metadata_is_the_same_in_any_order(api: Api) -> None:
    path, key = f"{wallet_of(api)}/consume", api.new_key()
    first, again = (
        api.ask("POST", path, {"feature": "AI_SUMMARY", "metadata": metadata}, key=key)
        for metadata in ({"a": {"x": 1, "y": 2}, "b": 3}, {"b": 3, "a": {"y": 2, "x": 1}})
    )
    assert same(first, again)


def test_a_grant_is_replayed_after_its_expiry(api: Api, clock: Clock) -> None:
    wallet, key = wallet_of(api), api.new_key()
    expires_at = rfc3339(clock.at_us + 60_000_000)
    body = {"kind": "bonus", "credits": 5, "note": "x", "expires_at": expires_at}
    first = api.ask("POST", f"{wallet}/grants", body, key=key)
    clock.turn(seconds=120)
    assert first.status_code == 201
    assert same(first, api.ask("POST", f"{wallet}/grants", body, key=key))


def test_a_replay_does_not_need_the_price_to_be_there_still(api: Api) -> None:
    features = api.get("/v1/pricing")["features"]
    code = f"GONE_{api.new_key()[4:10].upper()}"
    extra = {"feature": code, "category": "API", "credits": 2}
    api.ask("PUT", "/v1/pricing", {"features": [*features, extra]})
    path, key = f"{wallet_of(api)}/consume", api.new_key()
    first = api.ask("POST", path, {"feature": code}, key=key)
    api.ask("PUT", "/v1/pricing", {"features": features})
    assert api.refused(path, {"feature": code})["code"] == "UNKNOWN_FEATURE"
    assert same(first, api.ask("POST", path, {"feature": code}, key=key))
