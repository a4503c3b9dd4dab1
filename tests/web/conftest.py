"""A real browser before a real `khata serve`: embedded PostgreSQL, simulator, nothing stubbed."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from dashboard import PATIENCE_MS, Dashboard, Visitor


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Khata with an owner who can sign in: one a file, so that no file meets another's members."""
    served = Dashboard(tmp_path_factory.mktemp("dashboard") / "khata-data")
    yield served
    served.stop()


# While it is open its thread counts as one that runs an event loop, and no other could run there:
# it is closed before the tests of another module, which may be asynchronous.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--force-color-profile=srgb"],
        )
        yield opened
        opened.close()


@pytest.fixture
def visitor(dashboard: Dashboard, browser: Browser) -> Iterator[Visitor]:
    """Somebody before the dashboard, not signed in yet."""
    with Visitor(dashboard, browser) as one:
        yield one


@pytest.fixture
def owner(visitor: Visitor) -> Visitor:
    """The owner, signed in."""
    return visitor.sign_in()
