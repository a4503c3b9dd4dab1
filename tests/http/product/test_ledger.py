"""What is read of the ledger: lists, receipts, CSV, and statements that prove themselves."""

import csv
import io

import pytest

from desk import Clock
from khata.domain.times import rfc3339
from khata.engine.statements import verify_statement
from served import Api, Json


def ids(page: Json) -> list[str]:
    return [row["id"] for row in page["data"]]


def test_transactions_come_newest_first(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    charged = [api.consume(wallet_id)["transaction"] for _ in range(3)]
    page = api.get(f"/v1/wallets/{wallet_id}/transactions")
    assert page["data"][:3] == charged[::-1]
    assert page["data"][3]["type"] == "BONUS_CREDIT"
    assert page["next_cursor"] is None
    one = api.get(f"/v1/wallets/{wallet_id}/transactions/{charged[0]['id']}")
    assert one == charged[0]


def test_a_cursor_stays_good_while_rows_are_added(api: Api) -> None:
    wallet_id = api.new_wallet(1000)
    for _ in range(6):
        api.consume(wallet_id)
    path = f"/v1/wallets/{wallet_id}/transactions"
    everything, seen, cursor = ids(api.get(path)), list[str](), ""
    while True:
        page = api.get(path, limit=3, cursor=cursor)
        seen += ids(page)
        api.consume(wallet_id)
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]
    assert seen == everything


def test_what_is_newer_than_an_answer_is_asked_for(api: Api) -> None:
    wallet_id = api.new_wallet(1000)
    path = f"/v1/wallets/{wallet_id}/transactions"
    newest = api.get(path)["newest_sequence"]
    assert api.get(path, newer_than=newest)["data"] == []
    charged = [api.consume(wallet_id)["transaction"]["id"] for _ in range(3)]
    page = api.get(path, newer_than=newest, limit=2, count="true")
    assert (ids(page), page["count"], page["newest_sequence"]) == (charged[:0:-1], 4, newest + 3)
    rest = api.get(path, newer_than=newest, limit=2, cursor=page["next_cursor"])
    assert (ids(rest), rest["next_cursor"]) == (charged[:1], None)
    rare = api.get(path, newer_than=newest, type="REFUND")
    assert (rare["data"], rare["newest_sequence"]) == ([], newest + 3)
    refused = api.ask("GET", path, query={"newer_than": -1})
    assert [each["field"] for each in refused.json()["errors"]] == ["newer_than"]


def test_transactions_are_counted(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    for feature in ("AI_SUMMARY", "API_HEAVY_QUERY", "API_HEAVY_QUERY"):
        api.consume(wallet_id, feature)
    path = f"/v1/wallets/{wallet_id}/transactions"
    assert "count" not in api.get(path)
    for query, expected in (({}, 4), ({"feature": "API_HEAVY_QUERY"}, 2), ({"q": "a start"}, 1)):
        for how in ("count", "count_far"):
            page = api.get(path, limit=1, **{how: "true"}, **query)
            assert (page["count"], page["count_is_capped"]) == (expected, False)


def test_each_filter(api: Api, clock: Clock) -> None:
    wallet_id = api.new_wallet(1000)
    early = api.consume(wallet_id, "AI_SUMMARY", member_id="mem-1", metadata={"order": "K-77"})
    clock.turn(seconds=10)
    middle = rfc3339(clock.at_us)
    late = api.consume(wallet_id, member_id="mem-2")
    first, second = early["transaction"]["id"], late["transaction"]["id"]
    path = f"/v1/wallets/{wallet_id}/transactions"
    for query, expected in (
        ({"type": "USAGE_DEDUCTION"}, [second, first]),
        ({"feature": "AI_SUMMARY"}, [first]),
        ({"category": "API"}, [second]),
        ({"member_id": "mem-2"}, [second]),
        ({"from": middle}, [second]),
        ({"to": middle, "type": "USAGE_DEDUCTION"}, [first]),
        ({"q": "k-77"}, [first]),
        ({"q": "100%"}, []),
        ({"type": "PAYOUT_HOLD"}, []),
        ({"type": "PAYOUT_HOLD,USAGE_DEDUCTION", "category": "AI"}, [first]),
        ({"type": "USAGE_DEDUCTION,USAGE_DEDUCTION", "category": "API,AI"}, [second, first]),
    ):
        assert ids(api.get(path, **query)) == expected, query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "WyJncmFudHMiLCJncnRfMSJd"}, "cursor"),
        ({"type": "PAYMENT"}, "type"),
        ({"type": "REFUND,PAYMENT"}, "type"),
        ({"type": "REFUND,"}, "type"),
        ({"category": "AI,,API"}, "category"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-11-22T10:00:00"}, "from"),
        ({"count": "maybe"}, "count"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_queries_that_will_not_do(api: Api, query: dict[str, str | int], field: str) -> None:
    path = f"/v1/wallets/{api.new_wallet()}/transactions"
    answer = api.ask("GET", path, query=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")
    assert answer.json()["errors"][0]["field"] == field


def test_unknown_transactions(api: Api) -> None:
    wallet_id, other = api.new_wallet(), api.new_wallet(10)
    elsewhere = api.get(f"/v1/wallets/{other}/transactions")["data"][0]["id"]
    for unknown in (elsewhere, "txn_01K9Z3NDEKTSV4RRFFQ69G5FAV", "nonsense"):
        for path in (unknown, f"{unknown}/receipt"):
            answer = api.ask("GET", f"/v1/wallets/{wallet_id}/transactions/{path}")
            assert answer.json()["code"] == "TRANSACTION_NOT_FOUND"


def test_a_receipt_tells_why(api: Api) -> None:
    wallet_id = api.new_wallet(10)
    api.grant(wallet_id, 90)
    charge = api.consume(wallet_id, "AI_SUMMARY")["transaction"]
    receipt = api.get(f"/v1/wallets/{wallet_id}/transactions/{charge['id']}/receipt")
    assert receipt["transaction"] == charge
    assert (receipt["price"]["credits"], receipt["price"]["per"]) == (15, 1)
    assert receipt["price"]["version"] == charge["price_version"]
    assert [lot["credits"] for lot in receipt["lots"]] == [10, 5]
    assert [cap["cap"] for cap in receipt["caps"]] == ["AI"]
    assert (receipt["caps"][0]["before"], receipt["caps"][0]["after"]) == (0, 1)
    assert receipt["worth"] == 150
    assert receipt["totals"] == [{"unit": "CREDIT", "debit": 15, "credit": 15}]
    hashes = {name: charge[name] for name in ("sequence", "hash", "previous_hash")}
    assert receipt["chain"] == {**hashes, "verified": True, "fault": None}


def test_the_receipt_of_a_capture_names_the_hold(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    taken = api.hold(wallet_id, "AI_SUMMARY")
    path = f"/v1/wallets/{wallet_id}/holds/{taken['hold']['id']}/capture"
    captured = api.post(path, {"quantity": 1})["transaction"]["id"]
    receipt = api.get(f"/v1/wallets/{wallet_id}/transactions/{captured}/receipt")
    assert receipt["hold_transaction"] == taken["transaction"]
    assert receipt["caps"][0]["after"] == 1


def test_csv_has_the_same_rows(api: Api) -> None:
    wallet_id = api.new_wallet(1000)
    for member_id in ('a "quoted", one', "two\r\nlines", "=SUM(A1)", "Zoë 🎉"):
        api.consume(wallet_id, member_id=member_id)
    path = f"/v1/wallets/{wallet_id}/transactions"
    answer = api.ask("GET", f"{path}.csv", query={"type": "USAGE_DEDUCTION"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert wallet_id in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    shown = api.get(path, type="USAGE_DEDUCTION")["data"][::-1]
    assert [row["id"] for row in rows] == [t["id"] for t in shown]
    assert [int(row["credits"]) for row in rows] == [t["credits"] for t in shown]
    assert [row["hash"] for row in rows] == [t["hash"] for t in shown]
    both = api.ask("GET", f"{path}.csv", query={"type": "USAGE_DEDUCTION,BONUS_CREDIT"})
    assert len(list(csv.DictReader(io.StringIO(both.text, newline="")))) == 1 + len(rows)
    members = [row["member_id"] for row in rows]
    assert members == ['a "quoted", one', "two\r\nlines", "'=SUM(A1)", "Zoë 🎉"]


def test_a_long_csv_comes_in_pieces(api: Api) -> None:
    wallet_id = api.new_wallet(2000)
    item = {"op": "consume", "wallet_id": wallet_id, "feature": "INVITE_MEMBER"}
    items = [{**item, "idempotency_key": api.new_key()} for _ in range(1000)]
    api.post("/v1/batch", {"items": items})
    answer = api.ask("GET", f"/v1/wallets/{wallet_id}/transactions.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [int(row["sequence"]) for row in rows] == list(range(1, 1002))


def test_a_statement_proves_itself(api: Api, clock: Clock) -> None:
    wallet_id = api.new_wallet(100)
    api.consume(wallet_id, metadata={"b": 1, "a": [1.5]})
    clock.turn(seconds=10)
    middle = rfc3339(clock.at_us)
    api.hold(wallet_id, credits=5)
    for query, transactions in (({}, 3), ({"from": middle}, 1), ({"to": middle}, 2)):
        answer = api.ask("GET", f"/v1/wallets/{wallet_id}/statement", query=query)
        report = verify_statement(answer.content)
        assert (report.differences, report.transactions) == ((), transactions)
    forged = answer.content.replace(b'"credits":-5', b'"credits":-4')
    assert verify_statement(forged).differences


def test_a_statement_of_an_empty_stretch(api: Api) -> None:
    path = f"/v1/wallets/{api.new_wallet()}/statement"
    answer = api.ask("GET", path)
    assert verify_statement(answer.content).differences == ()
    backwards = {"from": "2026-11-22T10:00:00Z", "to": "2026-11-21T10:00:00Z"}
    assert api.ask("GET", path, query=backwards).json()["errors"][0]["field"] == "to"
