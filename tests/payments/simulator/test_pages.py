"""The checkout page, its script, and what a browser without a key may do."""

import json
import re

import httpx2
import pytest

from mandated import customer
from simulated import Doc, Stage


async def page(stage: Stage, order: Doc, **wishes: str) -> httpx2.Response:
    return await stage.http.get(f"/checkout/{order['id']}", params=wishes)


def known(response: httpx2.Response) -> Doc:
    found = re.search(r'id="known">(.*)</script>', response.text)
    assert found
    return json.loads(found[1])


async def test_the_page_of_an_order(stage: Stage) -> None:
    order = await stage.order(12_040_050, receipt="ord_1")
    response = await page(stage, order, name="Khata", description="5,500 credits")
    assert response.headers["content-type"].startswith("text/html")
    assert "₹1,20,400.50" in response.text
    assert "<h1>Khata</h1>" in response.text
    for words in ("UPI", "Debit card", "Credit card", "Net banking", "Wallet"):
        assert f"<span>{words}</span>" in response.text
    for words in ("Payment succeeds", "Payment fails", "Stays pending"):
        assert words in response.text
    assert "[[" not in response.text
    assert known(response)["order"] == order["id"]


async def test_nothing_from_outside_gets_into_the_page(stage: Stage) -> None:
    order = await stage.order(receipt="</script><script>alert(1)")
    evil = "https://x.example/</script><script>alert(2)</script>"
    response = await page(stage, order, name="<img src=x>", callback_url=evil)
    assert "<img" not in response.text
    assert response.text.count("<script") == 2
    assert known(response)["callback_url"] == evil
    response = await page(stage, order, callback_url="javascript:alert(3)", opener="data:x")
    assert (known(response)["callback_url"], known(response)["opener"]) == (None, None)
    assert "script-src 'self'" in response.headers["content-security-policy"]


async def test_the_page_of_no_order(stage: Stage) -> None:
    response = await page(stage, {"id": "order_x"})
    assert response.status_code == 404


@pytest.mark.parametrize("name", ["page.js", "page.css"])
async def test_the_page_has_its_assets(stage: Stage, name: str) -> None:
    order = await stage.order()
    assert f"/checkout/assets/{name}" in (await page(stage, order)).text
    response = await stage.http.get(f"/checkout/assets/{name}")
    assert response.status_code == 200
    assert (await stage.http.get("/checkout/assets/checkout.js")).status_code == 404


async def test_the_stand_in_for_the_vendor_s_script(stage: Stage) -> None:
    response = await stage.http.get("/v1/checkout.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["access-control-allow-origin"] == "*"
    assert "window.Razorpay = Razorpay" in response.text


async def test_a_browser_pays_without_a_key(stage: Stage) -> None:
    order = await stage.order()
    call = f"/checkout/{order['id']}/pay"
    wish = {"method": "upi", "instrument": {"vpa": "failure@razorpay"}}
    failed = await stage.http.post(call, json=wish)
    assert failed.status_code == 400
    assert failed.json()["error"]["metadata"]["order_id"] == order["id"]
    left = await stage.http.post(call, json={"outcome": "pending"})
    assert left.json()["status"] == "created"
    paid = await stage.http.post(call, json={"method": "card"})
    assert paid.json()["razorpay_signature"]
    assert known(await page(stage, order))["status"] == "paid"
    again = await stage.http.post(call, json={})
    assert again.json()["error"]["reason"] == "order_already_paid"


async def test_the_page_of_a_mandate_offers_its_method_only(stage: Stage) -> None:
    payer = await customer(stage)
    order = await stage.order(
        100, method="card", customer_id=payer["id"], token={"max_amount": 100_000}
    )
    told = known(await page(stage, order))
    assert (told["method"], told["is_mandate"]) == ("card", True)
