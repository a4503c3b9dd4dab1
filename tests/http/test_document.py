"""The OpenAPI document tells the truth: schemathesis asks the server everything it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from fuzzing import one_key_only

KEY = {"Authorization": "Bearer khk_all"}


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_documented(url: str, mode: GenerationMode) -> None:
    """Both to what the document allows and to what it forbids."""
    described: Any = schemathesis.openapi.from_url(f"{url}/openapi.json", config=one_key_only())
    for found in described.get_all_operations():
        if mode is GenerationMode.POSITIVE or _can_be_wrong(found.ok().definition.raw):
            _ask(found.ok().as_strategy(generation_mode=mode))


def _can_be_wrong(operation: dict[str, Any]) -> bool:
    said = [parameter["schema"] for parameter in operation["parameters"]]
    return "requestBody" in operation or any(one != {"type": "string"} for one in said)


def _ask(cases: Any) -> None:
    @settings(max_examples=20)
    @given(case=cases)
    def ask(case: Any) -> None:
        case.call_and_validate(headers=KEY, excluded_checks=list(_not_asked(case)))

    ask()


def _not_asked(case: Any) -> Iterator[object]:
    """What the document allows may still be refused: 1.0 is an integer to JSON Schema.

    And an empty parameter counts as not given, and schemathesis takes old dates for wrong.
    """
    yield vars(checks)["positive_data_acceptance"]
    if "from" in case.query or "" in case.query.values():
        yield vars(checks)["negative_data_rejection"]


def test_every_route_is_in_it_with_its_own_name(api: httpx2.Client) -> None:
    document = api.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    operations = [each for path in document["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]
    assert sorted(names) == sorted(set(names))
    assert {"take", "hot_take", "rows", "healthz", "metrics"} <= set(names)


def test_an_operation_says_all_that_the_route_declares(api: httpx2.Client) -> None:
    take = api.get("/openapi.json").json()["paths"]["/wallets/{wallet_id}/take"]["post"]
    assert (take["summary"], take["description"]) == ("Take", "At most 1,000 at once.")
    assert take["security"] == [{"apiKey": []}, {"session": []}]
    assert take["x-required-scope"] == "toy:write"
    assert [each["name"] for each in take["parameters"]] == ["wallet_id", "Idempotency-Key"]
    assert set(take["responses"]) >= {"200", "201", "400", "401", "402", "403", "413", "422"}
    assert take["responses"]["402"]["description"] == "INSUFFICIENT_CREDITS"
    (content,) = take["requestBody"]["content"].values()
    assert content["schema"] == {"$ref": "#/components/schemas/Order"}
    assert content["example"] == {"feature": "AI_SUMMARY"}
