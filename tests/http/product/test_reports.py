"""Reports and exports over HTTP: who may ask, for which books, and in which form."""

from collections.abc import Callable, Iterator

import pytest

from served import Api, Json, Product

REPORTS = ("trial-balance", "revenue", "liability")
Call = Callable[[str], Api]


@pytest.fixture(scope="module")
def organization(product: Product, api: Api) -> str:
    """An organization with one wallet, 1,000 bought credits in it and 75 of them used."""
    organization_id = product.new_organization(f"books{api.new_key()}")
    wallet_id = api.new_wallet(organization_id=organization_id)
    product.buy(wallet_id, 1_000)
    api.consume(wallet_id, "AI_SUMMARY", quantity=5)
    return organization_id


@pytest.fixture(scope="module")
def accountant(product: Product, api: Api, organization: str) -> Iterator[Api]:
    """A caller of that organization who may read reports alone."""
    secret = api.new_api_key("reports:read", organization_id=organization)
    with product.api(secret) as caller:
        yield caller


def standing(report: Json, unit: str) -> dict[str, int]:
    (found,) = (each for each in report["units"] if each["unit"] == unit)
    assert found["debit"] == found["credit"]
    return {line["account"]: line["debit"] - line["credit"] for line in found["accounts"]}


def test_an_organization_reads_its_trial_balance(accountant: Api, organization: str) -> None:
    report = accountant.get("/v1/reports/trial-balance")
    assert report["of"] == {"organization_id": organization, "from": None, "to": None}
    assert standing(report, "INR") == {
        "gateway.offline": 10_000,
        "deferred_revenue": -9_250,
        "income.usage.AI": -750,
    }
    assert standing(report, "CREDIT") == {
        "available": 925,
        "consumed.AI": 75,
        "issued.purchase": -1_000,
    }


def test_revenue_is_of_a_period(accountant: Api) -> None:
    revenue = accountant.get("/v1/reports/revenue")
    assert revenue["income"] == [{"account": "income.usage.AI", "paise": 750}]
    assert revenue["deferred"]["closing"] == revenue["unearned_by_lots"] == 9_250
    before = accountant.get("/v1/reports/revenue", to="2026-01-01T00:00:00Z")
    assert (before["income"], before["deferred"]["closing"]) == ([], 0)
    later = accountant.get("/v1/reports/revenue", **{"from": "2099-01-01T00:00:00+05:30"})
    assert (later["income"], later["deferred"]["opening"]) == ([], 9_250)


def test_the_liability_names_wallets_and_kinds(accountant: Api) -> None:
    report = accountant.get("/v1/reports/liability", limit=1)
    assert [(kind["kind"], kind["available_credits"]) for kind in report["kinds"]] == [
        ("purchase", 925)
    ]
    assert [(each["credits"], each["deferred_paise"]) for each in report["wallets"]] == [
        (925, 9_250)
    ]
    assert (report["agrees"], report["wallet_count"], report["debt_credits"]) == (True, 1, 0)


@pytest.mark.parametrize("report", REPORTS)
def test_the_platform_reads_all_books_or_one_organizations(
    api: Api, accountant: Api, organization: str, report: str
) -> None:
    path = f"/v1/reports/{report}"
    named, own = api.get(path, organization_id=organization), accountant.get(path)
    assert {**named, "at": None} == {**own, "at": None}
    assert api.get(path) != own


@pytest.mark.parametrize("path", [*(f"/v1/reports/{each}" for each in REPORTS)])
def test_whose_books_they_are_not_is_refused(
    api: Api, accountant: Api, caller: Call, path: str
) -> None:
    foreign = accountant.ask("GET", path, query={"organization_id": "org_other"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "FORBIDDEN")
    unscoped = caller(api.new_api_key("wallets:read")).ask("GET", path)
    assert unscoped.json()["required_scope"] == "reports:read"
    owner = {"owner_type": "user", "owner_id": api.new_key()}
    bound = caller(api.new_api_key("*", **owner)).ask("GET", path)
    assert (bound.status_code, bound.json()["code"]) == (403, "FORBIDDEN")


def test_a_period_that_ends_before_it_begins_is_no_period(accountant: Api) -> None:
    query = {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    refused = accountant.ask("GET", "/v1/reports/revenue", query=query)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "to")


@pytest.mark.parametrize(
    ("form", "media", "begins"),
    [
        ("beancount", "text/x-beancount", "; Debits are positive."),
        ("hledger", "text/x-hledger", "; Khata"),
        ("csv", "text/csv", "day,at,id,wallet_id,title,account,unit,amount"),
    ],
)
def test_the_books_are_exported(accountant: Api, form: str, media: str, begins: str) -> None:
    answer = accountant.ask("GET", "/v1/ledger/export", query={"format": form})
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
    assert answer.text.startswith(begins)
    assert "Income:Usage:AI" in answer.text
    assert "-7.50" in answer.text
    assert "Asha" not in answer.text


def test_an_unknown_form_is_refused(accountant: Api) -> None:
    refused = accountant.ask("GET", "/v1/ledger/export", query={"format": "xlsx"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "format")
