"""Probes, metrics, log, documentation and problem pages."""

from __future__ import annotations

import re

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from starlette.types import Message
from structlog.testing import capture_logs

from khata.http.call import Call, Nobody
from khata.http.problems import KINDS, kind_of, slug_of
from khata.http.watch import LogPolicy, Metrics, Watch


def test_healthz_and_readyz(api: httpx2.Client, store: dict[str, str | None]) -> None:
    assert api.get("/healthz").json() == {"status": "ok"}
    assert api.get("/readyz").json() == {"status": "ready"}
    store["fault"] = "no connection"
    answer = api.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"store": "no connection"})
    assert answer.headers["retry-after"] == "1"


def test_metrics_count_requests_by_route_template(api: httpx2.Client) -> None:
    wanted = r'seconds_count\{method="GET",route="/numbers/{number}",status="200"\} (\S+)'
    api.get("/numbers/3")
    before = float(re.findall(wanted, api.get("/metrics").text)[0])
    for number in (1, 2, 3):
        api.get(f"/numbers/{number}")
    text = api.get("/metrics").text
    assert float(re.findall(wanted, text)[0]) == before + 3
    assert "/numbers/1" not in text


def test_seconds_fall_into_their_buckets() -> None:
    metrics = Metrics()
    for seconds in (0.0005, 0.001, 0.3, 60.0):
        metrics.observe("GET", "/", 200, seconds)
    (family,) = metrics.collect()
    counts = {each.labels.get("le"): each.value for each in family.samples if "le" in each.labels}
    assert (counts["0.001"], counts["0.25"], counts["0.5"], counts["+Inf"]) == (2, 2, 3, 4)


def test_the_log_is_a_sample_with_failures_and_without_secrets() -> None:
    with capture_logs() as lines:
        watch = Watch(CollectorRegistry(), LogPolicy(per_second=2, failed_per_second=1))
        headers = {b"authorization": b"Bearer khk_secret"}
        for status in (200, 200, 200, 500, 200):
            call = _call(status, headers)
            watch.note("GET", call, 0.001)
        late = _call(200, headers)
        late.started += 1
        watch.note("GET", late, 0.001)
    assert [line["status"] for line in lines] == [200, 200, 500, 200]
    assert lines[-1]["unlogged"] == 2
    assert "secret" not in str(lines)


def _call(status: int, headers: dict[bytes, bytes]) -> Call[Nobody]:
    async def send(_: Message) -> None:
        return None

    call: Call[Nobody] = Call(send, headers, b"req_1")
    call.started, call.status = 1000.5, status
    return call


def test_the_docs_page_runs_nothing_inline_and_fetches_nothing_elsewhere(
    api: httpx2.Client,
) -> None:
    page = api.get("/docs")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*src=)|https?://|\son\w+=", page.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert api.get(address).status_code == 200, address


def test_an_asset_by_another_name_404(api: httpx2.Client) -> None:
    for name in ("index.html", "..%2F__init__.py", "%2Fetc%2Fpasswd"):
        assert api.get(f"/docs/assets/{name}").status_code == 404


@pytest.mark.parametrize("code", [*KINDS, "DAILY_LIMIT_EXCEEDED_AI"])
def test_every_problem_has_its_page(api: httpx2.Client, code: str) -> None:
    page = api.get(f"/problems/{slug_of(code)}")
    assert page.status_code == 200
    assert kind_of(code).remedy.split("`")[0][:20] in page.text.replace("&#x27;", "'")
    assert slug_of(code) in api.get("/problems").text or code.endswith("_AI")


def test_no_page_for_no_problem(api: httpx2.Client) -> None:
    assert api.get("/problems/%3Cscript%3E").status_code == 404
