"""What each role may do: every route of the document, asked by somebody of every role."""

from typing import get_args

import pytest

from khata.domain.roles import SCOPES_OF, Role
from served import DOCUMENT, Api, Product
from signed_in import Browser, person

NO_WALLET = "wal_01K9Z3NDEKTSV4RRFFQ69G5FAV"
# A live stream ends where it is asked for what there is, and goes on for ever otherwise.
ENDING = {f"/v1/{of}events": {"follow": "false"} for of in ("", "wallets/{wallet_id}/")}


def scoped_routes() -> list[tuple[str, str, str]]:
    return [
        (method.upper(), template, operation["x-required-scope"])
        for template, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        if "x-required-scope" in operation
    ]


@pytest.mark.parametrize("role", get_args(Role))
def test_a_role_opens_its_routes_and_no_others(
    product: Product, api: Api, organization: str, role: Role
) -> None:
    who = person(product, api, role, organization_id=organization)
    for method, template, needed in scoped_routes():
        path = template.replace("{wallet_id}", NO_WALLET)
        answer = who.ask(method, path, key=who.new_key(), query=ENDING.get(template))
        if needed in SCOPES_OF[role]:
            refused = answer.status_code == 403 and "required_scope" in answer.json()
            assert not refused, (method, path)
        else:
            assert answer.status_code == 403, (method, path)
            assert answer.json()["required_scope"] == needed


def wallet_routes() -> list[tuple[str, str]]:
    return [(method, path) for method, path, _ in scoped_routes() if "{wallet_id}" in path]


def test_a_foreign_wallet_is_as_good_as_none(api: Api, asha: Browser, organization: str) -> None:
    own, foreign = api.new_wallet(1, organization_id=organization), api.new_wallet(100)
    assert asha.ask("GET", f"/v1/wallets/{own}").status_code == 200
    for method, template in wallet_routes():
        operation = DOCUMENT["paths"][template][method.lower()]
        body = None
        if "requestBody" in operation:
            body = operation["requestBody"]["content"]["application/json"].get("example", {})
            body = {**body, "to_wallet_id": own} if "to_wallet_id" in body else body
        query = {"feature": "AI_SUMMARY"} if template.endswith("/gate") else ENDING.get(template)
        told: list[str] = []
        for wallet_id in (foreign, NO_WALLET):
            path = template.replace("{wallet_id}", wallet_id)
            answer = asha.ask(method, path, body, key=asha.new_key(), query=query)
            assert answer.status_code in {403, 404}, (method, path)
            told.append(answer.text.replace(wallet_id, "<wallet>"))
        assert told[0] == told[1]
    assert api.available(foreign) == 100


def test_keys_made_by_a_person_can_do_no_more(asha: Browser, organization: str) -> None:
    made = asha.post("/v1/api-keys", {"name": "Ours", "scopes": ["wallets:consume"]})
    assert made["organization_id"] == organization
    refused = asha.refused("/v1/api-keys", {"name": "Ours", "scopes": ["wallets:grant"]})
    assert (refused["status"], refused["required_scope"]) == (403, "wallets:grant")


def test_owners_rule_themselves_and_admins_do_not_reach_them(
    product: Product, api: Api, asha: Browser, organization: str
) -> None:
    admin = person(product, api, "admin", organization_id=organization)
    owner_id, admin_id = asha.who()["member_id"], admin.who()["member_id"]
    for method, member_id, body in (
        ("PATCH", owner_id, {"role": "viewer"}),
        ("PATCH", admin_id, {"role": "owner"}),
        ("DELETE", owner_id, None),
    ):
        refused = admin.ask(method, f"/v1/members/{member_id}", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_OUT_OF_REACH")
    last = asha.ask("DELETE", f"/v1/members/{owner_id}")
    assert (last.status_code, last.json()["code"]) == (409, "LAST_OWNER")
    assert asha.ask("PATCH", f"/v1/members/{admin_id}", {"role": "owner"}).status_code == 200
    assert admin.ask("DELETE", f"/v1/members/{owner_id}").status_code == 200
    assert asha.ask("GET", "/v1/members").status_code == 403


def test_somebody_of_no_scope_reads_no_books(product: Product, api: Api, organization: str) -> None:
    viewer = person(product, api, "viewer", organization_id=organization)
    auditor = person(product, api, "auditor", organization_id=organization)
    assert viewer.ask("GET", "/v1/reports/trial-balance").status_code == 403
    assert auditor.ask("GET", "/v1/reports/trial-balance").status_code == 200
    refused = auditor.ask("GET", "/v1/reports/liability", query={"organization_id": "org_none"})
    assert refused.status_code == 403
