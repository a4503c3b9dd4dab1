"""An organization with one of everything that a route takes by its id, and how each route is asked.

A route that comes new, with an id or a body that nobody has told here, fails the tests that walk
over all of them: name the id in `Estate.furnish`, and a body that will do in `BODIES`.
"""

import re
from collections.abc import Callable, Mapping
from itertools import count
from typing import NamedTuple, Self

import httpx2

from khata.domain.ids import OrganizationId, WalletId
from khata.postgres.alerts import NewAlert, raise_alert
from khata.postgres.asking import borrowed
from khata.postgres.protections import freeze
from sales import bought
from served import DOCUMENT, Api, Json, Product

METHOD = {"provider": "simulator", "kind": "upi", "vpa": "success@razorpay"}

_numbers = count(1)


def mark(word: str) -> str:
    """A name that nothing else has."""
    return f"{word}-{next(_numbers)}"


class Operation(NamedTuple):
    """A method and a path with the names of its ids, as the document has them."""

    method: str
    template: str

    @property
    def told(self) -> Json:
        """What the document tells of it."""
        return DOCUMENT["paths"][self.template][self.method.lower()]

    @property
    def id_names(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.template)

    @property
    def queries(self) -> dict[str, bool]:
        """Its query parameters, and which of them must be there."""
        given = self.told["parameters"]
        return {each["name"]: each["required"] for each in given if each["in"] == "query"}

    @property
    def fields(self) -> Json:
        """The fields of its body."""
        if "requestBody" not in self.told:
            return {}
        schema = self.told["requestBody"]["content"]["application/json"]["schema"]
        name = schema["$ref"].rpartition("/")[2]
        return DOCUMENT["components"]["schemas"][name].get("properties", {})

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


def operations() -> list[Operation]:
    """All that the document has."""
    return [
        Operation(method.upper(), template)
        for template, methods in DOCUMENT["paths"].items()
        for method in methods
    ]


class Estate:
    """A new organization, a key that may do everything in it, and the ids of what it has."""

    def __init__(self, product: Product, platform: Api) -> None:
        self.product = product
        self.platform = platform
        self.organization_id: str = platform.post("/v1/organizations", {"name": mark("Org")})["id"]
        key = self.new_key("*")
        self.key_id: str = key["id"]
        self.api = product.api(key["secret"])
        self.owner = {"owner_type": "user", "owner_id": mark("owner")}
        self.wallet: str = self.api.new_wallet(500, **self.owner)
        self.ids = {"organization_id": self.organization_id, "wallet_id": self.wallet}

    def furnish(self) -> Self:
        """Everything else whose id a route takes."""
        order = self.paid_order()
        self.ids |= {
            "hold_id": self.api.hold(self.wallet, credits=1)["hold"]["id"],
            "transaction_id": self.api.consume(self.wallet)["transaction"]["id"],
            "key_id": self.new_key("wallets:read")["id"],
            "member_id": self.new_member(),
            "team_id": self.new_team(),
            "budget_id": self.new_budget(),
            "refusal_id": self.new_refusal(),
            "method_id": self.new_method(),
            "alert_id": self.new_alert(),
            "endpoint_id": self.new_endpoint(),
            "order_id": order["id"],
            "invoice_id": order["invoice_id"],
        }
        test = f"/v1/webhook-endpoints/{self.ids['endpoint_id']}/test"
        self.ids["delivery_id"] = self.api.post(test)["id"]
        invited = {"email": f"{mark('ravi')}@delhi.example", "name": "Ravi", "role": "viewer"}
        self.ids["invitation_id"] = self.api.post("/v1/invitations", invited)["id"]
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.api:
            pass

    def new_key(self, *scopes: str) -> Json:
        body = {"name": "a key", "scopes": scopes, "organization_id": self.organization_id}
        return self.platform.post("/v1/api-keys", body)

    def new_member(self) -> str:
        return self.api.post("/v1/members", {"name": "Asha", "external_id": mark("user")})["id"]

    def new_team(self) -> str:
        return self.api.post("/v1/teams", {"name": mark("Team")})["id"]

    def new_budget(self) -> str:
        body = {"level": "member", "limit": 500, "window": "day", "wallet_id": self.wallet}
        return self.api.post("/v1/budgets", body)["id"]

    def new_refusal(self) -> str:
        """The receipt for a hold of more than there is."""
        more = {"feature": "API_HEAVY_QUERY", "credits": 1_000_000}
        return self.api.refused(f"/v1/wallets/{self.wallet}/holds", more)["refusal_id"]

    def new_method(self) -> str:
        return self.api.post(f"/v1/wallets/{self.wallet}/payment-methods", METHOD)["id"]

    def new_endpoint(self) -> str:
        return self.api.post("/v1/webhook-endpoints", {"url": "https://example.com/x"})["id"]

    def paid_order(self, **body: object) -> Json:
        return bought(self.product, self.api, self.wallet, **body)

    def new_alert(self) -> str:
        """An alert that nobody has seen."""
        self.product.run(self._raise())
        return self.api.get(f"/v1/wallets/{self.wallet}/alerts", limit=1)["data"][0]["id"]

    async def _raise(self) -> None:
        raised = NewAlert(
            wallet_id=WalletId(self.wallet),
            organization_id=OrganizationId(self.organization_id),
            type="RECHARGE_FAILED",
            subject=mark("subject"),
            facts={},
        )
        async with borrowed(self.product.khata.registries) as connection:
            await raise_alert(connection, raised, self.product.clock.at_us)

    def freeze(self) -> None:
        """Protects the wallet from a burn."""
        self.product.run(self._freeze())

    async def _freeze(self) -> None:
        async with borrowed(self.product.khata.registries) as connection:
            assert await freeze(connection, WalletId(self.wallet), self.product.clock.at_us)


# What is asked of each route in vain by whom it is not for, where the document has no example.
BODIES: Mapping[str, Callable[[], Json]] = {
    "PATCH /v1/organizations/{organization_id}": lambda: {"name": mark("Org")},
    "POST /v1/wallets": lambda: {"owner_type": "user", "owner_id": mark("owner"), "name": "x"},
    "POST /v1/members": lambda: {"name": "x", "external_id": mark("user")},
    "POST /v1/teams": lambda: {"name": mark("Team")},
    "POST /v1/batch": lambda: {"items": []},
    "POST /v1/wallets/{wallet_id}/holds/{hold_id}/release": dict,
}


def body_of(operation: Operation) -> Json | None:
    """A body that will do."""
    if "requestBody" not in operation.told:
        return None
    if str(operation) in BODIES:
        return BODIES[str(operation)]()
    told = operation.told["requestBody"]["content"]["application/json"]
    assert "example" in told, f"{operation}: with which body? Tell it in tests/estate.py"
    return dict(told["example"])


def asked(
    api: Api,
    operation: Operation,
    ids: Mapping[str, str],
    body: Json | None = None,
    query: Mapping[str, str | int] | None = None,
) -> httpx2.Response:
    """The answer of a route, under a new key."""
    path = operation.template.format_map(ids)
    return api.ask(operation.method, path, body, key=api.new_key(), query=query)
