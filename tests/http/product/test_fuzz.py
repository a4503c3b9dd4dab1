"""Whatever the document allows, and much that it does not, is answered as the document says."""

# schemathesis is typed in part only.
# pyright: reportUnknownMemberType=none, reportUnknownVariableType=none
# pyright: reportUntypedFunctionDecorator=none

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import CHECKS, load_all_checks

from fuzzing import one_key_only
from served import DOCUMENT, OWNER_KEY, Api, Json, Product

load_all_checks()
schema = schemathesis.openapi.from_dict(DOCUMENT, config=one_key_only())
EXAMPLES = 10
# That a request is well shaped does not make it acceptable: credits may be too few, a cursor ours.
TAKEN: Any = CHECKS.get_one("positive_data_acceptance")
# A gateway's no is a 502 that the document lists, and no failure of ours.
FAILED: Any = CHECKS.get_one("not_a_server_error")
# What is wrong with one item of a batch is told in its own result.
REFUSED: Any = CHECKS.get_one("negative_data_rejection")


# schemathesis names its cases in a way that pytest 9.2 does not take into their ids; a parameter of
# ours does it, and xdist runs cases of one id only once.
@pytest.fixture(params=["owner"])
def things(api: Api) -> Json:
    """What there is to meet, the prices those of the beginning and no budget left."""
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
def test_every_answer_is_documented(case: Case[Any], product: Product, things: Json) -> None:
    for name in set(case.path_parameters or {}) & set(things):
        case.path_parameters[name] = things[name]
    if case.path.endswith("/events"):  # which would have no end
        case.query["follow"] = "false"
    headers = {"Authorization": f"Bearer {OWNER_KEY}"}
    excluded = [TAKEN, REFUSED] if case.path == "/v1/batch" else [TAKEN]
    answer = case.call(base_url=product.url, headers=headers)
    if answer.status_code == 502 and answer.json()["code"] == "GATEWAY_REFUSED":
        excluded.append(FAILED)
    sent = {"base_url": product.url, "headers": headers}
    case.validate_response(answer, headers=headers, excluded_checks=excluded, transport_kwargs=sent)
