"""The dashboard as somebody before it sees it: a browser's window, what it complained of, axe."""

import json
import re
from itertools import count
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from program import ROOT, Served, run_khata

Theme = Literal["light", "dark"]

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = (1440, 900), (390, 844)
PATIENCE_MS = 60_000
PASSWORD = "a long enough password"  # noqa: S105 - of nobody


class Person(NamedTuple):
    """Somebody who can sign in."""

    email: str
    password: str = PASSWORD


OWNER = Person("owner@khata.test")


class Dashboard(Served):
    """`khata serve` with an owner who has a password, and others as tests want them."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder, settings=settings)
        self._numbers = count(1)
        self.organization_id: str = self.ask("/v1/organizations")["data"][0]["id"]
        link = self.sign_in_link()
        token = link.partition("#token=")[2]
        self.ask("/v1/session", {"token": token, **OWNER._asdict()}, "POST")
        self.wallet()

    def sign_in_link(self) -> str:
        """A link of the owner's, as the command line prints it."""
        done = run_khata("sign-in", "--data", self.folder, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["link"]

    def person(self, role: str) -> Person:
        """A new member of that role, who came by an invitation."""
        person = Person(f"{role}-{next(self._numbers)}@khata.test")
        wish = {"email": person.email, "name": role.title(), "role": role}
        told = {**wish, "organization_id": self.organization_id}
        token = self.ask("/v1/invitations", told, "POST")["token"]
        accepted = {"token": token, "password": person.password}
        self.ask("/v1/invitations/accept", accepted, "POST")
        return person

    def wallet(self, credits: int = 0) -> str:
        """A new wallet of the organization; the pages show it by `?w=`."""
        return self.make_wallet(f"community-{next(self._numbers)}", credits)

    def consume(self, wallet_id: str, feature: str, quantity: int = 1, **more: str) -> Any:
        """A charge as the platform makes it."""
        body = {"feature": feature, "quantity": quantity, **more}
        key = f"consume-{next(self._numbers)}"
        return self.ask(f"/v1/wallets/{wallet_id}/consume", body, "POST", key=key)

    def available(self, wallet_id: str) -> int:
        return self.ask(f"/v1/wallets/{wallet_id}")["available_credits"]


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
        self._context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        self.expected: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def sign_in(self, person: Person = OWNER) -> Self:
        """Through the page, as people do."""
        page = self.page
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(person.email)
        page.get_by_label("Password", exact=True).fill(person.password)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile("/org/billing"))
        return self

    def go(self, path: str, wallet_id: str | None = None) -> Page:
        """To a page, about that wallet; there when its heading is."""
        mark = "&" if "?" in path else "?"
        self.page.goto(path + (f"{mark}w={wallet_id}" if wallet_id else ""))
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        return self.page

    def check_out(self, wallet_id: str, path: str = "/org/billing/add-funds") -> Page:
        """To the checkout, its invoice filled in. With its first quote nothing is drawn anew."""
        page = self.go(path, wallet_id)
        expect(page.get_by_test_id("total")).to_have_text(re.compile("^₹"))
        page.get_by_role("combobox", name="State").click()
        page.get_by_role("option", name="Karnataka (29)").click()
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
        return [said for said in self.complaints if not any(word in said for word in self.expected)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._context.close()
        if kind is None:
            assert not self.unexpected(), self.unexpected()
