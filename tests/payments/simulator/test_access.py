"""Who may call what."""

from base64 import b64encode

import pytest

from simulated import CONTROL, KEY, Stage


def basic(scheme: str, key_id: str, secret: str) -> str:
    return f"{scheme} {b64encode(f'{key_id}:{secret}'.encode()).decode()}"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        basic("Basic", KEY[0], "wrong"),
        basic("Basic", "rzp_test_other", KEY[1]),
        basic("basic", *KEY),
        basic("BASIC", *KEY),
        "Bearer merchant-secret",
    ],
)
async def test_without_the_key_nothing_is_told(stage: Stage, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = await stage.http.get("/v1/orders", headers=headers)
    assert response.status_code == 401
    error = response.json()["error"]
    assert (error["code"], error["description"]) == ("BAD_REQUEST_ERROR", "Authentication failed")


@pytest.mark.parametrize("token", [None, "", "wrong", "cöntrol"])
async def test_without_the_token_nothing_is_played(stage: Stage, token: str | None) -> None:
    headers = {} if token is None else {b"X-Emu-Token": token.encode()}
    response = await stage.http.get("/_emu/state", headers=headers)
    assert response.status_code == 401


async def test_the_key_does_not_open_the_control_api(stage: Stage) -> None:
    response = await stage.http.get("/_emu/state", auth=KEY)
    assert response.status_code == 401
    response = await stage.http.get("/v1/orders", headers={"X-Emu-Token": CONTROL})
    assert response.status_code == 401


@pytest.mark.parametrize(
    "call",
    [
        "GET /orders/order_x",
        "GET /payments/pay_x",
        "GET /refunds/rfnd_x",
        "GET /customers/cust_x",
        "GET /disputes/disp_x",
        "GET /settlements/setl_x",
        "POST /disputes/disp_x/accept",
        "GET /orders/order_x/payments",
    ],
)
async def test_an_unknown_id_is_a_bad_request(stage: Stage, call: str) -> None:
    response = await stage.raw_api(call)
    assert response.status_code == 400
    assert response.json()["error"]["description"] == "The id provided does not exist"


@pytest.mark.parametrize("call", ["GET /nothing", "PUT /orders", "GET /orders/a/b/c"])
async def test_an_unknown_address_is_a_bad_request(stage: Stage, call: str) -> None:
    response = await stage.raw_api(call)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["description"] == "The requested URL was not found on the server."


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[1]", b'"text"'])
async def test_a_body_that_is_no_object_is_refused(stage: Stage, body: bytes) -> None:
    response = await stage.http.post("/v1/orders", content=body, auth=KEY)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "BAD_REQUEST_ERROR"
