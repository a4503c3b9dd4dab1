"""What a first visit of each page weighs, as it goes over the wire."""

import pytest
from playwright.sync_api import Response

from dashboard import Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")

KB = 1024
BARS = {"script": 200 * KB, "stylesheet": 26 * KB, "font": 70 * KB}
PAGES = ("/org/billing", "/org/billing/wallet", "/org/billing/add-funds", "/org/billing/usage")
FURTHER = ("/org/team", "/org/alerts", "/org/pricing", "/org/webhooks", "/org/settings", "/sign-in")


@pytest.mark.parametrize("path", PAGES)
def test_a_first_visit_is_light(dashboard: Dashboard, owner: Visitor, path: str) -> None:
    weights = dict.fromkeys(BARS, 0)

    def weigh(answer: Response) -> None:
        kind = answer.request.resource_type
        if kind in weights:
            weights[kind] += int(answer.headers.get("content-length", 0))
        assert answer.url.startswith(dashboard.url), "everything comes from this server"

    page = owner.another_tab()
    page.route("**/*", lambda route: route.continue_())  # nothing comes from the cache
    page.on("response", weigh)
    page.goto(path)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("load")
    assert weights["script"], "its scripts were seen"
    assert {kind: weight for kind, weight in weights.items() if weight > BARS[kind]} == {}


@pytest.mark.parametrize("path", [*PAGES, *FURTHER])
def test_a_document_names_all_that_its_page_waits_for(
    dashboard: Dashboard, owner: Visitor, path: str
) -> None:
    asked: set[str] = set()
    page = owner.another_tab()
    page.on("request", lambda request: asked.add(request.url.removeprefix(dashboard.url)))
    document = page.goto(path)
    page.get_by_role("heading", level=1).wait_for()
    code = {each for each in asked if each.endswith((".js", ".css"))}
    assert code, "its code was seen"
    assert document
    assert {each for each in code if f'"{each}"' not in document.text()} == set()
