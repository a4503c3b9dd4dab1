"""When nothing can be decided: 503, worth another try with the same key, and no word of why."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from desk import Clock
from khata.postgres.server import Server
from served import Product

Databases = Callable[[], AbstractContextManager[Server]]


@pytest.fixture
def drained(new_database: Databases, tmp_path: Path) -> Iterator[tuple[Product, str]]:
    """A product whose engine takes nothing more, and a wallet with credits."""
    with new_database() as database, Product(database, tmp_path, Clock()) as product:
        with product.api() as api:
            wallet_id = api.new_wallet(100)
        product.drain()
        yield product, wallet_id


def test_an_engine_that_takes_nothing(drained: tuple[Product, str]) -> None:
    product, wallet_id = drained
    with product.api() as api:
        path = f"/v1/wallets/{wallet_id}/consume"
        body = {"feature": "INVITE_MEMBER"}
        answer = api.ask("POST", path, body, key=api.new_key())
        assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
        assert answer.headers["Retry-After"] == "1"
        item = {"op": "consume", "wallet_id": wallet_id, "idempotency_key": "key-000001", **body}
        single = api.ask("POST", "/v1/batch", {"items": [item, {**item, "quantity": 0}]}).json()
        assert [result["status"] for result in single["results"]] == [503, 422]
        whole = api.ask("POST", "/v1/batch", {"items": [item], "mode": "atomic"})
        assert whole.status_code == 503
        assert api.available(wallet_id) == 100
