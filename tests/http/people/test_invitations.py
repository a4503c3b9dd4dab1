"""Invitations: made by who may, accepted by who has the token, once."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from desk import Clock
from served import Api, Json, Product
from signed_in import PASSWORD, Browser, addresses, invite, person

ACCEPT = "/v1/invitations/accept"


@pytest.fixture
def ravi() -> str:
    """An e-mail that nobody has yet."""
    return f"ravi-{next(addresses)}@delhi.example"


def accept(product: Product, token: str, password: str = PASSWORD) -> httpx2.Response:
    return Browser(product).ask("POST", ACCEPT, {"token": token, "password": password})


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_who_accepts_is_a_member_who_signs_in(product: Product, asha: Browser, ravi: str) -> None:
    team = asha.post("/v1/teams", {"name": "Support"})["id"]
    made = invite(asha, ravi.upper(), "billing", team_id=team)
    assert (made["state"], made["email"], made["role"]) == ("open", ravi, "billing")
    assert made["link"] == f"/accept-invitation#token={made['token']}"
    assert made["emailed"] is False  # no server is set
    listed = asha.get("/v1/invitations", state="open")["data"]
    assert listed == [{k: v for k, v in made.items() if k not in {"token", "link", "emailed"}}]
    browser = Browser(product)
    body = {"token": made["token"], "password": PASSWORD, "name": "Ravi Kumar"}
    told = browser.ask("POST", ACCEPT, body).json()
    assert (told["user"]["name"], told["role"]) == ("Ravi Kumar", "billing")
    member = asha.get(f"/v1/members/{told['member_id']}")
    assert (member["user_id"], member["team_id"]) == (told["user"]["id"], team)
    assert asha.get("/v1/invitations")["data"][0]["state"] == "accepted"
    assert code_of(accept(product, made["token"])) == (409, "INVITATION_NOT_OPEN")
    assert Browser(product).sign_in(ravi).status_code == 201
    rows = product.asked(
        "select action from audit_log where subject in ($1, $2) order by id",
        *(made["id"], member["id"]),
    )
    actions = [row[0] for row in rows]
    assert actions == ["invitation.created", "invitation.accepted", "member.joined"]


def test_a_member_there_is_comes_to_sign_in(product: Product, asha: Browser, ravi: str) -> None:
    member = asha.post("/v1/members", {"name": "Ravi", "external_id": "user-7"})
    token = invite(asha, ravi, "viewer", member_id=member["id"])["token"]
    told = accept(product, token).json()
    assert told["member_id"] == member["id"]
    found = asha.get(f"/v1/members/{member['id']}")
    assert (found["external_id"], found["role"], found["email"]) == ("user-7", "viewer", ravi)
    again = asha.refused("/v1/invitations", {"email": ravi, "name": "x", "role": "viewer"})
    assert again["errors"][0]["field"] == "email"


def test_who_is_removed_comes_back_by_no_invitation(
    product: Product, asha: Browser, ravi: str
) -> None:
    named = asha.post("/v1/members", {"name": "Ravi", "email": ravi})["id"]
    made = invite(asha, ravi, "admin", member_id=named)
    others = invite(asha, f"x-{ravi}", "viewer")
    assert asha.ask("DELETE", f"/v1/members/{named}").status_code == 200
    assert code_of(accept(product, made["token"])) == (409, "INVITATION_NOT_OPEN")
    assert asha.get(f"/v1/members/{named}")["state"] == "removed"
    states = {each["id"]: each["state"] for each in asha.get("/v1/invitations")["data"]}
    assert (states[made["id"]], states[others["id"]]) == ("revoked", "open")


@pytest.mark.parametrize("is_of_platform", [True, False])
def test_a_key_invites_nobody_who_may_do_more_than_itself(
    product: Product, api: Api, organization: str, ravi: str, is_of_platform: bool
) -> None:
    scopes = ["members:read", "members:write", "wallets:read", "pricing:read", "budgets:read"]
    within = {"organization_id": organization}
    of = {} if is_of_platform else within
    made = api.post("/v1/api-keys", {"name": "people", "scopes": scopes, **of})
    with product.api(made["secret"]) as narrow:
        body = {"email": ravi, "name": "Ravi", **within}
        for role in ("member", "billing", "admin"):
            refused = narrow.refused("/v1/invitations", {**body, "role": role})
            assert refused["code"] == "ROLE_OUT_OF_REACH"
        assert narrow.post("/v1/invitations", {**body, "role": "viewer"})["role"] == "viewer"
        member = narrow.post("/v1/members", {"name": "Zoya", "role": "admin", **within})["id"]
        wished = {**body, "role": "viewer", "member_id": member}
        assert narrow.refused("/v1/invitations", wished)["code"] == "ROLE_OUT_OF_REACH"


def test_an_admin_makes_nobody_who_may_set_payout_accounts(
    product: Product, api: Api, asha: Browser, organization: str
) -> None:
    admin = person(product, api, "admin", organization_id=organization)
    own = f"/v1/members/{admin.who()['member_id']}"
    refused = admin.ask("PATCH", own, {"role": "billing"})
    assert code_of(refused) == (403, "ROLE_OUT_OF_REACH")
    assert asha.ask("PATCH", own, {"role": "billing"}).json()["role"] == "billing"


def test_a_token_alone_opens_nobodys_account(
    product: Product, api: Api, asha: Browser, organization: str
) -> None:
    """The inviter has seen it too: a user there is must show the own password."""
    other = api.post("/v1/organizations", {"name": "Mumbai Makers"})["id"]
    ravi = person(product, api, "member", organization_id=other)
    token = invite(asha, ravi.who()["user"]["email"], "viewer")["token"]
    assert code_of(accept(product, token, "a password of mine")) == (401, "SIGN_IN_REFUSED")
    told = accept(product, token).json()
    assert told["user"]["id"] == ravi.who()["user"]["id"]
    assert told["organization_id"] == organization


def test_an_invitation_ends(product: Product, asha: Browser, ravi: str, clock: Clock) -> None:
    revoked = invite(asha, ravi, "viewer")
    gone = asha.ask("DELETE", f"/v1/invitations/{revoked['id']}")
    assert gone.json()["state"] == "revoked"
    assert asha.ask("DELETE", f"/v1/invitations/{revoked['id']}").json() == gone.json()
    assert code_of(accept(product, revoked["token"])) == (409, "INVITATION_NOT_OPEN")
    replaced, late = invite(asha, ravi, "viewer"), invite(asha, ravi, "member")
    assert accept(product, replaced["token"]).json()["state"] == "revoked"
    assert accept(product, "khi_none").json()["code"] == "INVITATION_NOT_FOUND"
    clock.turn(days=7)
    expired = accept(product, late["token"])
    assert (code_of(expired), expired.json()["state"]) == ((409, "INVITATION_NOT_OPEN"), "expired")
    cookie = asha.sign_in(asha_email(product, asha)).status_code
    assert cookie == 201
    states = [each["state"] for each in asha.get("/v1/invitations")["data"]]
    assert states == ["expired", "revoked", "revoked", "accepted"]  # Asha's own was the first
    for state, count in (("expired", 1), ("revoked", 2), ("open", 0), ("accepted", 1)):
        assert len(asha.get("/v1/invitations", state=state)["data"]) == count


def asha_email(product: Product, asha: Browser) -> str:
    """Of the user whose session this was."""
    rows = product.asked(
        "select u.email from users u join sessions s on s.user_id = u.id where s.address = $1",
        asha.address,
    )
    return rows[0][0]


def test_one_token_accepted_at_once_makes_one_member(
    product: Product, asha: Browser, ravi: str
) -> None:
    token = invite(asha, ravi, "viewer")["token"]

    def try_once(_: int) -> int:
        return accept(product, token).status_code

    with ThreadPoolExecutor(4) as crowd:
        found = sorted(crowd.map(try_once, range(4)))
    assert found == [201, 409, 409, 409]
    assert len(asha.get("/v1/members", q=ravi)["data"]) == 1


def test_two_organizations_invite_the_same_newcomer(
    product: Product, api: Api, asha: Browser, ravi: str
) -> None:
    other = api.post("/v1/organizations", {"name": "Mumbai Makers"})["id"]
    tokens = [
        invite(asha, ravi, "viewer")["token"],
        invite(api, ravi, "member", organization_id=other)["token"],
    ]

    def take(token: str) -> int:
        return accept(product, token).status_code

    with ThreadPoolExecutor(2) as crowd:
        assert list(crowd.map(take, tokens)) == [201, 201]
    browser = Browser(product)
    memberships = browser.sign_in(ravi).json()["memberships"]
    assert sorted(each["role"] for each in memberships) == ["member", "viewer"]


def test_nobody_invites_beyond_the_own_reach(
    product: Product, api: Api, asha: Browser, organization: str, ravi: str
) -> None:
    admin = person(product, api, "admin", organization_id=organization)
    wish: Json = {"email": ravi, "name": "Ravi", "role": "owner"}
    assert admin.refused("/v1/invitations", wish)["code"] == "ROLE_OUT_OF_REACH"
    owners = asha.post("/v1/invitations", wish)
    refused = admin.ask("DELETE", f"/v1/invitations/{owners['id']}")
    assert code_of(refused) == (403, "ROLE_OUT_OF_REACH")
    viewer = person(product, api, "viewer", organization_id=organization)
    assert viewer.refused("/v1/invitations", {**wish, "role": "viewer"})["status"] == 403
    paper = api.post("/v1/members", {"name": "x", "role": "owner", "organization_id": organization})
    wish = {**wish, "role": "viewer", "member_id": paper["id"]}
    assert admin.refused("/v1/invitations", wish)["code"] == "ROLE_OUT_OF_REACH"


def test_invitations_of_others_are_as_good_as_none(api: Api, asha: Browser, ravi: str) -> None:
    theirs = invite(api, ravi, "viewer")["id"]
    for invitation_id in (theirs, "ivt_none"):
        refused = asha.ask("DELETE", f"/v1/invitations/{invitation_id}")
        assert code_of(refused) == (404, "INVITATION_NOT_FOUND")
    assert theirs not in asha.ask("GET", "/v1/invitations").text
    assert api.get("/v1/invitations", state="open", limit=1)["data"][0]["id"] == theirs


WILL_NOT_DO: list[tuple[Json, str]] = [
    ({"email": "nobody"}, "email"),
    ({"role": "king"}, "role"),
    ({"name": ""}, "name"),
    ({"team_id": "tea_none"}, "team_id"),
    ({"member_id": "mem_none"}, "member_id"),
    ({"organization_id": "org_none"}, "organization_id"),
]


@pytest.mark.parametrize(("body", "field"), WILL_NOT_DO)
def test_invitations_that_will_not_do(asha: Browser, ravi: str, body: Json, field: str) -> None:
    wish = {"email": ravi, "name": "Ravi", "role": "viewer", **body}
    refused = asha.refused("/v1/invitations", wish)
    assert (refused["status"], refused["errors"][0]["field"]) == (422, field)


def test_a_password_that_will_not_do_leaves_the_invitation_open(
    product: Product, asha: Browser, ravi: str
) -> None:
    token = invite(asha, ravi, "viewer")["token"]
    for password in ("9 chars..", ravi.upper()):
        assert accept(product, token, password).json()["errors"][0]["field"] == "password"
    assert accept(product, token).status_code == 201
