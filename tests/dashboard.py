"""The dashboard as somebody before it sees it: a browser's window, what it complained of, axe."""

from pathlib import Path
from typing import Any, Literal, Self

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from program import ROOT, Served

Theme = Literal["light", "dark"]

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = (1440, 900), (390, 844)
OWNER = ("owner@khata.test", "a long enough password")


class Visitor:
    """A window of a browser of its own, with its own cookies. Closing it tells what went wrong.

    `expected` are words of complaints that belong to the test, such as a refused request's status.
    """

    def __init__(
        self,
        served: Served,
        browser: Browser,
        *,
        size: tuple[int, int] = WIDE,
        theme: Theme = "light",
    ) -> None:
        self.served = served
        self._context = browser.new_context(
            base_url=served.url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,
            locale="en-IN",
            timezone_id="Asia/Kolkata",
            reduced_motion="reduce",
        )
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        self.expected: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def sign_in(self, email: str = OWNER[0], password: str = OWNER[1]) -> Page:
        """Through the page, as people do."""
        page = self.page
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    def another_tab(self) -> Page:
        """A tab of the same browser."""
        return self._context.new_page()

    def violations(self, within: str | None = None) -> list[str]:
        """What axe finds against WCAG 2.2 AA and best practice."""
        self.page.evaluate(AXE.read_text())
        found: Any = self.page.evaluate(
            "([within, rules]) => axe.run(within ?? document, {runOnly: rules})", [within, RULES]
        )
        return [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """A picture of the window, or of the page's whole scroll."""
        self.page.evaluate("document.fonts.ready")
        self.page.screenshot(path=path, full_page=whole)

    def unexpected(self) -> list[str]:
        """Complaints that no test asked for."""
        return [
            said for said in self.complaints if not any(word in said for word in self.expected)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._context.close()
        if kind is None:
            assert not self.unexpected()
