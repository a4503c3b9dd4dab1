"""Orders under review: paid, their credits locked, until somebody decides or a day goes by."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bank import Bank
from desk import Clock
from khata.app.topups.terms import SalesTerms
from khata.domain.risk import RiskPolicy
from khata.postgres.server import Server
from sales import bought, credits_of, order, path_of
from served import Api, Json, Product

Databases = Callable[[], AbstractContextManager[Server]]

RISKY = {"pack_id": None, "amount": 1_000_010}


@pytest.fixture(scope="module")
def careful(new_database: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product whose operator looks at everything from a score of 40, shared VPAs among it."""
    folder: Path = tmp_path_factory.mktemp("careful")
    terms = SalesTerms(risk=RiskPolicy(review_at=40, modes={"R9": "counting"}))
    with new_database() as database, Product(database, folder, Clock(), terms) as running:
        yield running


@pytest.fixture(scope="module")
def api(careful: Product) -> Iterator[Api]:
    with careful.api() as caller:
        yield caller


@pytest.fixture
def bank(careful: Product) -> Iterator[Bank]:
    opened = Bank(careful.simulator)
    yield opened
    opened.close()


def risky(product: Product, api: Api) -> Json:
    """An order that was paid and is under review."""
    placed = bought(product, api, api.new_wallet(), **RISKY)
    assert placed["status"] == "review"
    return placed


def decide(api: Api, placed: Json, decision: str, key: str | None = None) -> Json:
    body = {"decision": decision, "reason": "looked at"}
    return api.post(f"{path_of(placed)}/review", body, key=key)


def audited(product: Product, placed: Json) -> list[tuple[str, str]]:
    """The actions on the order in the audit log, with who did them."""
    statement = "select action, actor from audit_log where subject = $1 order by id"
    return [(action, actor) for action, actor in product.asked(statement, placed["id"])]


def test_its_credits_are_locked_until_it_is_approved(careful: Product, api: Api) -> None:
    placed = risky(careful, api)
    wallet_id = placed["wallet_id"]
    assert credits_of(api, wallet_id) == (0, 100_001)
    assert api.refused(f"{path_of(placed)}/refund", {})["code"] == "ORDER_UNDER_REVIEW"
    key = api.new_key()
    assert decide(api, placed, "approve", key)["status"] == "paid"
    assert credits_of(api, wallet_id) == (100_001, 0)
    assert decide(api, placed, "approve", key)["status"] == "paid"
    body = {"decision": "reject", "reason": "looked at"}
    again = api.refused(f"{path_of(placed)}/review", body)
    assert (again["code"], again["order_status"]) == ("ORDER_NOT_UNDER_REVIEW", "paid")
    assert api.refused(f"{path_of(placed)}/review", body, key=key)["code"] == (
        "IDEMPOTENCY_KEY_REUSED"
    )
    ((action, actor),) = audited(careful, placed)
    assert (action, actor[:4]) == ("order.approve", "key_")


def test_rejected_it_goes_back_whole(careful: Product, api: Api, bank: Bank) -> None:
    placed = risky(careful, api)
    assert decide(api, placed, "reject")["status"] == "refunded"
    careful.settle()
    (refund,) = api.get(f"{path_of(placed)}/refunds")["data"]
    assert (refund["origin"], refund["status"]) == ("rejected", "processed")
    assert refund["total"] == placed["quote"]["total_payable"]
    assert (refund["credits_clawed_back"], refund["reason"]) == (100_001, "looked at")
    assert [one["amount"] for one in bank.refunds_of(placed)] == [refund["total"]]
    assert credits_of(api, placed["wallet_id"]) == (0, 0)
    assert careful.money_of(placed["wallet_id"]) == {}
    assert [action for action, _ in audited(careful, placed)] == ["order.reject"]


def test_a_rejection_whose_refund_fails_is_under_review_again(
    careful: Product, api: Api, bank: Bank
) -> None:
    placed = risky(careful, api)
    bank.fault("refund_fails_later")
    decide(api, placed, "reject")
    careful.settle()
    careful.clock.turn(days=1.1)
    careful.settle()
    assert order(api, placed)["status"] == "review"
    assert credits_of(api, placed["wallet_id"]) == (0, 100_001)
    careful.clock.turn(days=3)
    careful.settle()
    assert order(api, placed)["status"] == "review", "a rejected order is never approved by itself"
    assert decide(api, placed, "reject")["status"] == "refunded"


def test_after_a_day_in_which_nothing_speaks_against_it_it_is_approved(
    careful: Product, api: Api
) -> None:
    placed = risky(careful, api)
    careful.clock.turn(days=0.9)
    careful.settle()
    assert order(api, placed)["status"] == "review"
    careful.clock.turn(days=0.2)
    careful.settle()
    assert order(api, placed)["status"] == "paid"
    assert credits_of(api, placed["wallet_id"]) == (100_001, 0)
    assert audited(careful, placed) == [("order.approve", "worker")]


def test_a_dispute_speaks_against_it(careful: Product, api: Api, bank: Bank) -> None:
    placed = risky(careful, api)
    opened = bank.dispute(placed)
    careful.settle()
    body = {"decision": "approve", "reason": "looked at"}
    assert api.refused(f"{path_of(placed)}/review", body)["code"] == "ORDER_DISPUTED"
    careful.clock.turn(days=2)
    careful.settle()
    assert order(api, placed)["status"] == "review"
    bank.decide(opened, "won")
    careful.settle()
    assert credits_of(api, placed["wallet_id"]) == (0, 100_001), "it is still under review"
    assert decide(api, placed, "approve")["status"] == "paid"
    assert credits_of(api, placed["wallet_id"]) == (100_001, 0)


def test_a_payment_is_scored_by_what_it_shows(careful: Product, api: Api) -> None:
    """All customers of the simulator have one UPI address, which the order can't know of."""
    orders = [bought(careful, api, api.new_wallet()) for _ in range(4)]
    last = orders[-1]
    assert (last["risk"]["decision"], last["status"]) == ("allow", "review")
    assert credits_of(api, last["wallet_id"]) == (0, 5_500)
    assert decide(api, last, "approve")["status"] == "paid"
    assert credits_of(api, last["wallet_id"]) == (5_500, 0)


@pytest.mark.parametrize("body", [{"decision": "maybe"}, {"decision": "approve"}, {"reason": "x"}])
def test_a_decision_says_what_and_why(careful: Product, api: Api, body: Json) -> None:
    placed = risky(careful, api)
    assert api.refused(f"{path_of(placed)}/review", body)["code"] == "VALIDATION_FAILED"


def test_deciding_needs_its_scope(careful: Product, api: Api) -> None:
    placed = risky(careful, api)
    with careful.api(api.new_api_key("payments:refund")) as other:
        body = {"decision": "approve", "reason": "looked at"}
        refused = other.refused(f"{path_of(placed)}/review", body)
        assert refused["required_scope"] == "payments:review"


def test_the_books_are_right(careful: Product) -> None:
    checked = careful.verified()
    assert checked.difference_count == 0, checked.differences
    assert sum(checked.paise.values()) == 0
