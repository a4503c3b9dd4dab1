"""Whatever the document allows, and much that it does not, is answered as the document says."""

# schemathesis is typed in part only.
# pyright: reportUnknownMemberType=none, reportUnknownVariableType=none
# pyright: reportUntypedFunctionDecorator=none

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import CHECKS, load_all_checks

from desk import Clock
from khata.postgres.server import Server
from served import DOCUMENT, OWNER_KEY, Api, Json, Product

load_all_checks()
schema = schemathesis.openapi.from_dict(DOCUMENT)
EXAMPLES = 10
# That a request is well shaped does not make it acceptable: credits may be too few, a cursor ours.
TAKEN: Any = CHECKS.get_one("positive_data_acceptance")
# A gateway's no is a 502 that the document lists, and no failure of ours.
FAILED: Any = CHECKS.get_one("not_a_server_error")
# What is wrong with one item of a batch is told in its own result.
REFUSED: Any = CHECKS.get_one("negative_data_rejection")


@pytest.fixture(scope="module")
def fuzzed(
    new_database: Callable[[], AbstractContextManager[Server]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    """A product of its own: prices are published at random here."""
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    with new_database() as database, Product(database, folder, Clock()) as product:
        yield product


@pytest.fixture
def things(fuzzed: Product) -> Json:
    """What there is to meet, the prices those of the beginning and no budget left."""
    with Api(fuzzed.url, OWNER_KEY) as api:
        *_, first = api.get("/v1/pricing/versions", limit=200)["data"]
        api.ask("PUT", "/v1/pricing", {"features": first["features"]})
        for budget in api.get("/v1/budgets", limit=200)["data"]:
            api.ask("DELETE", f"/v1/budgets/{budget['id']}")
        wallet_id = api.new_wallet(10**9)
        return {
            "wallet_id": wallet_id,
            "hold_id": api.hold(wallet_id, credits=5)["hold"]["id"],
            "transaction_id": api.consume(wallet_id)["transaction"]["id"],
        }


# The product runs in a thread beside, and its pools of connections roll dice too.
@pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_answer_is_documented(case: Case[Any], fuzzed: Product, things: Json) -> None:
    for name in set(case.path_parameters or {}) & set(things):
        case.path_parameters[name] = things[name]
    if case.path.endswith("/events"):  # which would have no end
        case.query["follow"] = "false"
    headers = {"Authorization": f"Bearer {OWNER_KEY}"}
    excluded = [TAKEN, REFUSED] if case.path == "/v1/batch" else [TAKEN]
    answer = case.call(base_url=fuzzed.url, headers=headers)
    if answer.status_code == 502 and answer.json()["code"] == "GATEWAY_REFUSED":
        excluded.append(FAILED)
    sent = {"base_url": fuzzed.url, "headers": headers}
    case.validate_response(answer, headers=headers, excluded_checks=excluded, transport_kwargs=sent)
