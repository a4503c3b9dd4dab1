"""The batch: each item on its own, or all of one wallet or none."""

import pytest

from served import Api, Json

NO_WALLET = "wal_01K9Z3NDEKTSV4RRFFQ69G5FAV"


def consume(api: Api, wallet_id: str, **body: object) -> Json:
    key = {"wallet_id": wallet_id, "idempotency_key": api.new_key()}
    return {"op": "consume", **key, "feature": "API_HEAVY_QUERY", **body}


def run(api: Api, items: list[Json], **more: object) -> list[Json]:
    answer = api.ask("POST", "/v1/batch", {"items": items, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def outcomes(results: list[Json]) -> list[tuple[int, str | None]]:
    return [(result["status"], result.get("code")) for result in results]


def test_every_operation_answers_as_on_its_own_route(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    charge = api.consume(wallet_id)["transaction"]["id"]
    captured, released = (api.hold(wallet_id, credits=10)["hold"]["id"] for _ in range(2))
    items: list[Json] = [
        consume(api, wallet_id, member_id="mem-1", metadata={"a": 1}),
        {"op": "hold", "feature": "AI_SUMMARY", "quantity": 1},
        {"op": "capture", "hold_id": captured, "credits": 4},
        {"op": "release", "hold_id": released},
        {"op": "grant", "kind": "bonus", "credits": 7, "note": "x"},
        {"op": "refund", "transaction_id": charge, "reason": "x"},
    ]
    named = [{"wallet_id": wallet_id, "idempotency_key": api.new_key(), **item} for item in items]
    results = run(api, named)
    assert [result["status"] for result in results] == [200, 201, 200, 200, 201, 201]
    assert [result["wallet"]["available_credits"] for result in results] == [70, 55, 61, 71, 78, 83]
    paths = ("consume", "holds", f"holds/{captured}/capture", f"holds/{released}/release")
    for path, item, result in zip((*paths, "grants", "refunds"), named, results, strict=True):
        body = {
            name: value
            for name, value in item.items()
            if name not in {"op", "wallet_id", "idempotency_key", "hold_id"}
        }
        single = api.ask(
            "POST", f"/v1/wallets/{wallet_id}/{path}", body, key=item["idempotency_key"]
        )
        assert single.headers["Idempotent-Replayed"] == "true"
        assert {"status": single.status_code, **single.json()} == result


def test_each_independent_item_stands_alone(api: Api) -> None:
    first, second = api.new_wallet(5), api.new_wallet(100)
    twice = consume(api, second)
    results = run(
        api,
        [
            consume(api, first),
            consume(api, first),
            consume(api, NO_WALLET),
            consume(api, "nonsense"),
            consume(api, second, quantity=0),
            {**consume(api, second), "idempotency_key": None},
            {**consume(api, second), "idempotency_key": "a b"},
            twice,
            twice,
            {**twice, "feature": "AI_SUMMARY"},
        ],
    )
    assert outcomes(results) == [
        (200, None),
        (402, "INSUFFICIENT_CREDITS"),
        (404, "WALLET_NOT_FOUND"),
        (404, "WALLET_NOT_FOUND"),
        (422, "INVALID_QUANTITY"),
        (400, "IDEMPOTENCY_KEY_REQUIRED"),
        (400, "INVALID_IDEMPOTENCY_KEY"),
        (200, None),
        (200, None),
        (409, "IDEMPOTENCY_KEY_REUSED"),
    ]
    assert results[7] == results[8]
    assert (api.available(first), api.available(second)) == (0, 95)


def test_a_batch_is_safe_to_send_again_whole(api: Api) -> None:
    wallet_id = api.new_wallet(12)
    items = [consume(api, wallet_id) for _ in range(3)]
    first = api.ask("POST", "/v1/batch", {"items": items})
    again = api.ask("POST", "/v1/batch", {"items": items}, key=api.new_key())
    assert first.content == again.content
    assert api.available(wallet_id) == 2


def test_all_of_an_atomic_batch(api: Api) -> None:
    wallet_id = api.new_wallet(10)
    items = [consume(api, wallet_id) for _ in range(2)]
    assert outcomes(run(api, items, mode="atomic")) == [(200, None)] * 2
    assert api.available(wallet_id) == 0


def test_nothing_of_an_atomic_batch(api: Api) -> None:
    wallet_id = api.new_wallet(12)
    items = [consume(api, wallet_id) for _ in range(3)]
    first = api.ask("POST", "/v1/batch", {"items": items, "mode": "atomic"})
    results = first.json()["results"]
    assert outcomes(results) == [
        (409, "BATCH_ABORTED"),
        (409, "BATCH_ABORTED"),
        (402, "INSUFFICIENT_CREDITS"),
    ]
    assert results[0]["failed_index"] == 2
    assert api.available(wallet_id) == 12
    api.grant(wallet_id, 100)
    assert api.ask("POST", "/v1/batch", {"items": items, "mode": "atomic"}).content == first.content


def test_what_the_door_refuses_aborts_an_atomic_batch_and_leaves_its_keys_unused(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    items = [consume(api, wallet_id), consume(api, wallet_id, quantity=-1)]
    aborted = [(409, "BATCH_ABORTED"), (422, "INVALID_QUANTITY")]
    assert outcomes(run(api, items, mode="atomic")) == aborted
    assert api.available(wallet_id) == 100
    assert outcomes(run(api, items[:1])) == [(200, None)]


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"op": "pay"}, "items[1].op"),
        ({}, "items[1].op"),
        ({"op": "release", "wallet_id": "w", "hold_id": 7}, "items[1].hold_id"),
        ({"op": "release", "wallet_id": "w"}, "items[1].hold_id"),
        ({"op": "consume", "wallet_id": "w", "feature": "A", "x": 1}, "items[1].x"),
        ({"op": "consume", "wallet_id": "w", "feature": "A", "quantity": "1"}, "items[1].quantity"),
        ("consume", "items[1]"),
    ],
)
@pytest.mark.parametrize("mode", ["independent", "atomic"])
def test_an_item_of_a_wrong_shape_stops_them_all(
    api: Api, item: object, field: str, mode: str
) -> None:
    wallet_id = api.new_wallet(100)
    body = {"items": [consume(api, wallet_id), item], "mode": mode}
    answer = api.ask("POST", "/v1/batch", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")
    assert answer.json()["errors"][0]["field"] == field
    assert api.available(wallet_id) == 100


@pytest.mark.parametrize(
    ("count", "more", "field"),
    [(0, {}, "items"), (1001, {}, "items"), (1, {"mode": "both"}, "mode"), (1, {"x": 1}, "x")],
)
def test_a_batch_that_will_not_do(api: Api, count: int, more: Json, field: str) -> None:
    wallet_id = api.new_wallet(100)
    items = [consume(api, wallet_id) for _ in range(count)]
    answer = api.ask("POST", "/v1/batch", {"items": items, **more})
    assert answer.json()["errors"][0]["field"] == field
    assert api.available(wallet_id) == 100


def test_an_atomic_batch_is_of_one_wallet(api: Api) -> None:
    wallets = [api.new_wallet(100), api.new_wallet(100)]
    items = [consume(api, wallet_id) for wallet_id in wallets]
    answer = api.ask("POST", "/v1/batch", {"items": items, "mode": "atomic"})
    assert answer.json()["errors"][0]["field"] == "items[1].wallet_id"
    assert [api.available(wallet_id) for wallet_id in wallets] == [100, 100]


def test_a_thousand_items(api: Api) -> None:
    wallets = [api.new_wallet(2000) for _ in range(4)]
    items = [consume(api, wallets[number % 4]) for number in range(1000)]
    assert outcomes(run(api, items)) == [(200, None)] * 1000
    assert [api.available(wallet_id) for wallet_id in wallets] == [750] * 4
