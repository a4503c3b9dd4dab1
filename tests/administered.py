"""How each administrative route is carried out by an estate, for the walk over all of them."""

from collections.abc import Callable, Mapping

import httpx2

from estate import METHOD, Estate, Operation, asked, mark
from khata.domain.times import rfc3339
from served import Json
from signed_in import PASSWORD, Browser, invite, person

Done = Callable[[Estate, Operation], httpx2.Response]

HOOKS = "/v1/webhook-endpoints"
HOOK = f"{HOOKS}/{{endpoint_id}}"
DAY_US = 86_400_000_000
HOLD_PAYOUT = Operation("POST", "/v1/wallets/{wallet_id}/payouts")
SET_ACCOUNT = Operation("PUT", "/v1/wallets/{wallet_id}/payout-account")
ACCOUNT = {
    "holder_name": "Asha Rao",
    "bank_name": "HDFC Bank",
    "ifsc": "HDFC0000001",
    "account_number": "123456789012",
}


def plain(body: Json | None = None, **ids: Callable[[Estate], str]) -> Done:
    """With the estate's own key, on what it has or on something new of these kinds."""

    def done(estate: Estate, operation: Operation) -> httpx2.Response:
        fresh = {name: made(estate) for name, made in ids.items()}
        return asked(estate.api, operation, {**estate.ids, **fresh}, body)

    return done


def by_the_platform(body: Callable[[Estate], Json]) -> Done:
    def done(estate: Estate, operation: Operation) -> httpx2.Response:
        return asked(estate.platform, operation, estate.ids, body(estate))

    return done


def named(**body: object) -> Done:
    """The same as `plain`, under a name that is new."""

    def done(estate: Estate, operation: Operation) -> httpx2.Response:
        return asked(estate.api, operation, estate.ids, {"name": mark("x"), **body})

    return done


def new_wallet(estate: Estate, operation: Operation) -> httpx2.Response:
    body = {"owner_type": "user", "owner_id": mark("owner"), "name": "x"}
    return asked(estate.api, operation, estate.ids, body)


def reviewed(estate: Estate, operation: Operation) -> httpx2.Response:
    order = estate.paid_order(pack_id=None, amount=1_000_010)
    assert order["status"] == "review"
    body = {"decision": "approve", "reason": "known to us"}
    return asked(estate.api, operation, {**estate.ids, "order_id": order["id"]}, body)


def released(estate: Estate, operation: Operation) -> httpx2.Response:
    estate.freeze()
    return asked(estate.api, operation, estate.ids)


def disabled_endpoint(estate: Estate) -> str:
    made = estate.new_endpoint()
    estate.api.post(f"{HOOKS}/{made}/disable")
    return made


def sent_again(estate: Estate, operation: Operation) -> httpx2.Response:
    at_us = estate.product.clock.at_us
    times = {"from": rfc3339(at_us - DAY_US), "to": rfc3339(at_us + DAY_US)}
    return asked(estate.api, operation, estate.ids, {**times, "state": "any"})


def invitation(estate: Estate) -> Json:
    return invite(estate.api, f"{mark('ravi')}@delhi.example", "billing")


def invited(estate: Estate, operation: Operation) -> httpx2.Response:
    body = {"email": f"{mark('ravi')}@delhi.example", "name": "Asha", "role": "billing"}
    return asked(estate.api, operation, estate.ids, body)


def accepted(estate: Estate, operation: Operation) -> httpx2.Response:
    body = {"token": invitation(estate)["token"], "password": PASSWORD}
    with Browser(estate.product) as browser:
        return asked(browser, operation, estate.ids, body)


def signed_in(estate: Estate, operation: Operation) -> httpx2.Response:
    with person(estate.product, estate.api, "billing") as browser:
        body = {"email": browser.who()["user"]["email"], "password": PASSWORD}
    with Browser(estate.product) as another:
        return asked(another, operation, estate.ids, body)


def in_a_browser(ids: Callable[[Browser], Mapping[str, str]], body: Json | None = None) -> Done:
    """By somebody who is signed in."""

    def done(estate: Estate, operation: Operation) -> httpx2.Response:
        with person(estate.product, estate.api, "billing") as browser:
            return asked(browser, operation, ids(browser), body)

    return done


def verified(estate: Estate, operation: Operation) -> httpx2.Response:
    wallet = {**estate.ids, "wallet_id": estate.api.new_wallet()}
    assert asked(estate.api, SET_ACCOUNT, wallet, ACCOUNT).is_success
    return asked(estate.platform, operation, wallet)


def published(estate: Estate) -> Json:
    return {"features": estate.platform.get("/v1/pricing")["features"]}


def granted(credits: int = 100) -> Json:
    return {"kind": "adjustment", "credits": credits, "note": "a correction"}


def refunded(estate: Estate, operation: Operation) -> httpx2.Response:
    charge = estate.api.consume(estate.wallet)["transaction"]["id"]
    body = {"transaction_id": charge, "reason": "It failed"}
    return asked(estate.api, operation, estate.ids, body)


def transferred(estate: Estate, operation: Operation) -> httpx2.Response:
    body = {"to_wallet_id": estate.api.new_wallet(), "credits": 5, "note": "A gift"}
    return asked(estate.api, operation, estate.ids, body)


def batched(estate: Estate, operation: Operation) -> httpx2.Response:
    item = {"op": "grant", "wallet_id": estate.wallet, "idempotency_key": estate.api.new_key()}
    body = {"items": [{**item, "kind": "bonus", "credits": 5, "note": "one of many"}]}
    return asked(estate.api, operation, estate.ids, body)


def paid_out(estate: Estate, operation: Operation) -> httpx2.Response:
    estate.product.buy(estate.wallet, 100)
    return asked(estate.api, operation, estate.ids, {"credits": 50})


def paid_back(estate: Estate, operation: Operation) -> httpx2.Response:
    held = paid_out(estate, HOLD_PAYOUT).json()["payout"]["id"]
    return asked(estate.api, operation, {**estate.ids, "payout_id": held})


HOW: Mapping[str, Done] = {
    "POST /v1/wallets": new_wallet,
    "PATCH /v1/wallets/{wallet_id}": named(),
    "POST /v1/wallets/{wallet_id}/protection/release": released,
    "POST /v1/wallets/{wallet_id}/grants": plain(granted()),
    "POST /v1/wallets/{wallet_id}/refunds": refunded,
    "POST /v1/wallets/{wallet_id}/transfers": transferred,
    "POST /v1/batch": batched,
    "POST /v1/wallets/{wallet_id}/payouts": paid_out,
    "POST /v1/wallets/{wallet_id}/payouts/{payout_id}/release": paid_back,
    "PUT /v1/pricing": by_the_platform(published),
    "PUT /v1/wallets/{wallet_id}/billing-profile": named(state_code="29"),
    "POST /v1/wallets/{wallet_id}/orders/{order_id}/refund": plain({"amount": 1_000}),
    "POST /v1/wallets/{wallet_id}/orders/{order_id}/review": reviewed,
    "PUT /v1/wallets/{wallet_id}/payout-account": plain(ACCOUNT),
    "PUT /v1/wallets/{wallet_id}/payout-account/verification": verified,
    "POST /v1/api-keys": named(scopes=["wallets:read"]),
    "POST /v1/api-keys/{key_id}/rotate": plain({"overlap_seconds": 60}),
    "PATCH /v1/api-keys/{key_id}": plain({"spending_limit": {"credits": 9, "window": "day"}}),
    "POST /v1/budgets": plain({"level": "key", "limit": 900}),
    "PATCH /v1/budgets/{budget_id}": plain({"limit": 800}),
    "DELETE /v1/budgets/{budget_id}": plain(budget_id=Estate.new_budget),
    "DELETE /v1/api-keys/{key_id}": plain(key_id=lambda e: e.new_key("wallets:read")["id"]),
    "PUT /v1/wallets/{wallet_id}/auto-recharge": plain({"enabled": False}),
    "POST /v1/wallets/{wallet_id}/payment-methods": plain(METHOD),
    "DELETE /v1/wallets/{wallet_id}/payment-methods/{method_id}": plain(
        method_id=Estate.new_method
    ),
    "POST /v1/wallets/{wallet_id}/alerts/{alert_id}/acknowledge": plain(alert_id=Estate.new_alert),
    "POST /v1/alerts/{alert_id}/acknowledge": plain(alert_id=Estate.new_alert),
    "PUT /v1/wallets/{wallet_id}/alert-rules": plain(
        {"rules": [{"type": "LOW_BALANCE", "email": False}]}
    ),
    "PUT /v1/alert-rules": plain({"rules": [{"type": "WEBHOOK_FAILING", "email": False}]}),
    "POST /v1/organizations": by_the_platform(lambda _: {"name": mark("Org")}),
    "PATCH /v1/organizations/{organization_id}": named(),
    f"POST {HOOKS}": plain({"url": "https://example.com/x"}),
    f"PATCH {HOOK}": plain({"description": "another"}, endpoint_id=Estate.new_endpoint),
    f"DELETE {HOOK}": plain(endpoint_id=Estate.new_endpoint),
    f"POST {HOOK}/rotate-secret": plain({"overlap_hours": 1}),
    f"POST {HOOK}/disable": plain(endpoint_id=Estate.new_endpoint),
    f"POST {HOOK}/enable": plain(endpoint_id=disabled_endpoint),
    f"POST {HOOK}/test": plain(),
    f"POST {HOOK}/deliveries/{{delivery_id}}/redeliver": plain(),
    f"POST {HOOK}/deliveries/redeliver": sent_again,
    "POST /v1/session": signed_in,
    "DELETE /v1/session": in_a_browser(lambda _: {}),
    "PUT /v1/session/password": in_a_browser(
        lambda _: {}, {"password": "eight brown cows", "current_password": PASSWORD}
    ),
    "DELETE /v1/sessions/{session_id}": in_a_browser(
        lambda browser: {"session_id": browser.get("/v1/sessions")["data"][0]["id"]}
    ),
    "POST /v1/invitations": invited,
    "DELETE /v1/invitations/{invitation_id}": plain(invitation_id=lambda e: invitation(e)["id"]),
    "POST /v1/invitations/accept": accepted,
    "POST /v1/members": named(),
    "PATCH /v1/members/{member_id}": named(),
    "DELETE /v1/members/{member_id}": plain(member_id=Estate.new_member),
    "POST /v1/teams": named(),
    "PATCH /v1/teams/{team_id}": named(),
    "DELETE /v1/teams/{team_id}": plain(team_id=Estate.new_team),
}
