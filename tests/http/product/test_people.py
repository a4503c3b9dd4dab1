"""Organizations, members and teams over HTTP: made, listed, changed, removed, and written down."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from served import Api, Json, Product

Caller = Callable[[str], Api]


def audited(product: Product, subject: str) -> list[tuple[str, str | None, str | None]]:
    return product.asked(
        "select action, before, after from audit_log where subject = $1 order by id", subject
    )


def change(caller: Api, path: str, body: Json) -> httpx2.Response:
    return caller.ask("PATCH", path, body)


def test_the_platform_makes_organizations_and_each_knows_itself(
    api: Api, admin: Api, organization: str, product: Product
) -> None:
    known = api.get(f"/v1/organizations/{organization}")
    assert (known["name"], known["is_default"]) == ("Delhi Devs", False)
    assert admin.get("/v1/organizations")["data"] == [known]
    assert known in api.get("/v1/organizations", limit=200)["data"]
    renamed = change(admin, f"/v1/organizations/{organization}", {"name": "Delhi Devs LLP"}).json()
    assert (
        renamed
        == {**known, "name": "Delhi Devs LLP"}
        == admin.get(f"/v1/organizations/{organization}")
    )
    assert audited(product, organization) == [
        ("organization.created", None, '{"name":"Delhi Devs"}'),
        ("organization.changed", '{"name":"Delhi Devs"}', '{"name":"Delhi Devs LLP"}'),
    ]


def test_an_organization_makes_no_other_and_learns_of_none(api: Api, admin: Api) -> None:
    assert admin.refused("/v1/organizations", {"name": "x"})["code"] == "FORBIDDEN"
    other = api.post("/v1/organizations", {"name": "Other"})["id"]
    for answer in (
        admin.ask("GET", f"/v1/organizations/{other}"),
        change(admin, f"/v1/organizations/{other}", {"name": "Ours"}),
        api.ask("GET", "/v1/organizations/org_none"),
        change(api, "/v1/organizations/org_none", {"name": "Ours"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "ORGANIZATION_NOT_FOUND")


def test_a_member_comes_changes_and_goes(admin: Api, organization: str, product: Product) -> None:
    body = {"name": "Asha", "external_id": "user-1", "email": "Asha@Delhi.example"}
    made = admin.ask("POST", "/v1/members", body)
    member = made.json()
    assert made.status_code == 201
    assert member == {
        "id": member["id"],
        "organization_id": organization,
        "user_id": None,
        "team_id": None,
        "external_id": "user-1",
        "name": "Asha",
        "email": "asha@delhi.example",
        "role": "member",
        "state": "active",
        "created_at": member["created_at"],
        "updated_at": member["created_at"],
    }
    again = admin.ask("POST", "/v1/members", {**body, "name": "Somebody else"})
    assert (again.status_code, again.json()) == (200, member)
    where = f"/v1/members/{member['id']}"
    changed = change(admin, where, {"role": "billing", "email": None}).json()
    assert changed == {**member, "role": "billing", "email": None} == admin.get(where)
    removed = admin.ask("DELETE", where).json()
    assert removed["state"] == "removed"
    assert admin.ask("DELETE", where).json() == removed
    assert change(admin, where, {"role": "admin"}).json() == removed
    assert admin.get("/v1/members")["data"] == []
    assert admin.get("/v1/members", state="removed")["data"] == [removed]
    back = admin.ask("POST", "/v1/members", {**body, "role": "viewer"})
    assert back.status_code == 201
    assert (back.json()["id"], back.json()["role"]) == (member["id"], "viewer")
    actions = [action for action, _, _ in audited(product, member["id"])]
    assert actions == ["member.created", "member.changed", "member.removed", "member.created"]


def test_members_are_found_by_what_they_are(admin: Api) -> None:
    team = admin.post("/v1/teams", {"name": "Support"})["id"]
    asha = admin.post("/v1/members", {"name": "Asha Rao", "role": "admin", "email": "a@x.in"})
    ravi = admin.post("/v1/members", {"name": "Ravi", "external_id": "R%1", "team_id": team})
    zoya = admin.post("/v1/members", {"name": "Zoya", "external_id": "z-1"})

    def found(**query: str | int) -> list[str]:
        return [member["name"] for member in admin.get("/v1/members", **query)["data"]]

    assert found() == ["Asha Rao", "Ravi", "Zoya"]
    assert found(role="admin") == ["Asha Rao"]
    assert found(team_id=team) == ["Ravi"]
    assert found(external_id="z-1") == ["Zoya"]
    assert found(q="RAO") == ["Asha Rao"]
    assert found(q="A@x") == ["Asha Rao"]
    assert found(q="%") == ["Ravi"]
    assert found(q="nobody") == []
    first = admin.get("/v1/members", limit=2)
    assert first["data"] == [asha, ravi]
    second = admin.get("/v1/members", limit=2, cursor=first["next_cursor"])
    assert second == {"data": [zoya], "next_cursor": None}


def test_a_team_is_of_its_organization(api: Api, admin: Api, product: Product) -> None:
    team = admin.post("/v1/teams", {"name": "Support"})
    assert admin.ask("POST", "/v1/teams", {"name": "Support"}).json() == team
    where = f"/v1/teams/{team['id']}"
    member = admin.post("/v1/members", {"name": "Asha", "team_id": team["id"]})
    assert admin.get("/v1/teams")["data"] == [{**team, "members": 1}]
    admin.post("/v1/teams", {"name": "Sales"})
    assert change(admin, where, {"name": "Sales"}).status_code == 422
    assert change(admin, where, {"name": "Desk"}).json() == {**team, "name": "Desk"}
    stranger = api.post("/v1/members", {"name": "Ravi"})
    refused = change(api, f"/v1/members/{stranger['id']}", {"team_id": team["id"]})
    assert refused.json()["errors"][0]["field"] == "team_id"
    assert admin.ask("DELETE", where).json()["name"] == "Desk"
    assert admin.ask("DELETE", where).status_code == 404
    assert admin.get(f"/v1/members/{member['id']}")["team_id"] is None
    assert [action for action, _, _ in audited(product, team["id"])] == [
        "team.created",
        "team.changed",
        "team.removed",
    ]


def test_the_platforms_own_name_means_one_member_however_many_ask(admin: Api) -> None:
    body = {"name": "Asha", "external_id": "user-1"}

    def make(_: int) -> httpx2.Response:
        return admin.ask("POST", "/v1/members", body)

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(make, range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_two_owners_who_remove_each_other_at_once_leave_one(api: Api, organization: str) -> None:
    within = {"organization_id": organization, "role": "owner"}
    pair = [api.post("/v1/members", {"name": name, **within})["id"] for name in ("Asha", "Ravi")]

    def remove(member_id: str) -> httpx2.Response:
        return api.ask("DELETE", f"/v1/members/{member_id}")

    with ThreadPoolExecutor(2) as crowd:
        answers = list(crowd.map(remove, pair))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (last,) = api.get("/v1/members", organization_id=organization)["data"]
    demoted = change(api, f"/v1/members/{last['id']}", {"role": "admin"})
    assert (demoted.status_code, demoted.json()["code"]) == (409, "LAST_OWNER")


def test_only_the_platform_and_owners_make_owners(api: Api, admin: Api, organization: str) -> None:
    wish = {"name": "Asha", "role": "owner"}
    refused = admin.refused("/v1/members", wish)
    assert (refused["code"], refused["role"]) == ("ROLE_OUT_OF_REACH", "owner")
    owner = api.post("/v1/members", {**wish, "organization_id": organization})
    member = admin.post("/v1/members", {"name": "Ravi"})
    for answer in (
        change(admin, f"/v1/members/{member['id']}", {"role": "owner"}),
        change(admin, f"/v1/members/{owner['id']}", {"role": "admin"}),
        admin.ask("DELETE", f"/v1/members/{owner['id']}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_OUT_OF_REACH")
    assert change(admin, f"/v1/members/{owner['id']}", {"name": "Asha Rao"}).status_code == 403
    assert change(admin, f"/v1/members/{member['id']}", {"role": "admin"}).status_code == 200


@pytest.fixture(params=["organization", "owner"])
def stranger(request: pytest.FixtureRequest, api: Api, product: Product) -> Iterator[Api]:
    """Who holds a key of another organization, or of one owner."""
    bounds: Json = {"owner_type": "user", "owner_id": api.new_key()}
    if request.param == "organization":
        bounds = {"organization_id": api.post("/v1/organizations", {"name": "Other"})["id"]}
    with product.api(api.new_api_key("*", **bounds)) as opened:
        yield opened


def test_people_of_others_are_as_good_as_none(stranger: Api, api: Api) -> None:
    member = api.post("/v1/members", {"name": "Asha"})["id"]
    team = api.post("/v1/teams", {"name": api.new_key()})["id"]
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        for kind, there, nowhere in (
            ("members", member, "mem_none"),
            ("teams", team, "tea_none"),
        ):
            told = [stranger.ask(method, f"/v1/{kind}/{each}", body) for each in (there, nowhere)]
            texts = [answer.text.replace(there, nowhere) for answer in told]
            assert told[0].status_code == 404, (method, kind)
            assert texts[0] == texts[1]
    assert api.get(f"/v1/members/{member}")["name"] == "Asha"


def test_who_names_another_organization_is_refused(stranger: Api, organization: str) -> None:
    """As if there were none of that id; a key of one owner has no say at all."""
    for named in (organization, "org_none"):
        body = {"name": "x", "organization_id": named}
        for answer in (
            stranger.ask("POST", "/v1/members", body),
            stranger.ask("POST", "/v1/teams", body),
            stranger.ask("GET", "/v1/members", query={"organization_id": named}),
            stranger.ask("GET", "/v1/teams", query={"organization_id": named}),
        ):
            assert answer.status_code in {403, 422}
            assert named not in answer.text


WILL_NOT_DO: list[tuple[Json, str]] = [
    ({"name": ""}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\x00"}, "name"),
    ({"role": "king"}, "role"),
    ({"email": "nobody"}, "email"),
    ({"email": "two @x.in"}, "email"),
    ({"email": "a@" + "x" * 253}, "email"),
    ({"external_id": "mem_1"}, "external_id"),
    ({"external_id": ""}, "external_id"),
    ({"external_id": "x" * 121}, "external_id"),
    ({"team_id": "tea_none"}, "team_id"),
    ({"organization_id": "org_none"}, "organization_id"),
    ({"user_id": "usr_1"}, "user_id"),
]


@pytest.mark.parametrize(("body", "field"), WILL_NOT_DO)
def test_members_that_will_not_do(api: Api, body: Json, field: str) -> None:
    refused = api.refused("/v1/members", {"name": "Asha", **body})
    assert (refused["status"], refused["errors"][0]["field"]) == (422, field)


def test_a_name_of_the_platform_is_not_given_twice(admin: Api) -> None:
    admin.post("/v1/members", {"name": "Asha", "external_id": "user-1"})
    ravi = admin.post("/v1/members", {"name": "Ravi"})
    refused = change(admin, f"/v1/members/{ravi['id']}", {"external_id": "user-1"})
    assert refused.json()["errors"][0]["field"] == "external_id"
