"""The product on a real socket, and a caller who holds every answer against the document."""

import asyncio
import re
import ssl
import threading
from collections.abc import Coroutine, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx2
import jsonschema_rs
import uvloop

from desk import BankClock, Clock
from khata.app.people.passwords import PasswordCost
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.app.topups.opening import GatewaySettings
from khata.app.topups.simulator_place import Access, open_access
from khata.app.topups.simulator_run import SimulatorWish
from khata.app.topups.terms import SalesTerms
from khata.domain.commands import Command, Purchase
from khata.domain.ids import WalletId
from khata.domain.money import PAISE_PER_CREDIT
from khata.domain.web_address import ReachRules
from khata.engine.ids import UlidMint
from khata.engine.verify import Checked
from khata.http.app import build_app, document
from khata.http.edge import HttpSettings
from khata.http.server import Server, listen
from khata.postgres.asking import Row, ask_pool
from khata.postgres.audit import audit
from khata.postgres.server import Server as Database
from khata.postgres.settings import DatabaseSettings

QUICK = PasswordCost(memory_kib=64, passes=1)
OWNER_KEY = "khk_" + "o" * 40
PATIENCE_SECONDS = 60.0

# Nobody speaks TLS here, and to make this for each client would take longer than most tests.
TLS = ssl.create_default_context()

Json = dict[str, Any]
T = TypeVar("T")
DOCUMENT: Json = dict(document())


class Product:
    """Khata and its server on an event loop of their own, in a thread."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        clock: Clock,
        sales: SalesTerms | None = None,
        http: HttpSettings | None = None,
    ) -> None:
        self.clock = clock
        self.database = database
        self.folder = folder
        self.database = database
        self.folder = folder
        self.khata: Khata
        self._database = database
        where = DatabaseSettings(data_folder=folder, url=database.owner_dsn)
        self._listener = listen("127.0.0.1", 0)
        wish = SimulatorWish(runs=True, events_url=self.url, clock=BankClock(clock))
        self._settings = KhataSettings(
            database=where,
            owner_key=OWNER_KEY,
            gateways=GatewaySettings(simulator=wish),
            sales=sales or SalesTerms(),
            sweeps=False,
            password_cost=QUICK,
            reach=ReachRules(allow_private=True),
        )
        self._http = http or HttpSettings()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            uvloop.run(self._serve())
        finally:
            self._started.set()

    async def _serve(self) -> None:
        async with open_khata(self._settings, self.clock) as self.khata:
            self._loop = asyncio.get_running_loop()
            self._server = Server(build_app(self.khata, self._http), self._started.set)
            await self._server.run_on(self._listener)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def api(self, secret: str = OWNER_KEY) -> "Api":
        """A caller with that key."""
        return Api(self.url, secret)

    def new_organization(self, name: str) -> str:
        """Another organization. Nothing makes one over HTTP yet."""
        organization_id = "org_" + UlidMint().anywhere()
        asked = self._insert_organization(organization_id, name)
        asyncio.run_coroutine_threadsafe(asked, self._loop).result(PATIENCE_SECONDS)
        return organization_id

    async def _insert_organization(self, organization_id: str, name: str) -> None:
        statement = "insert into organizations (id, name, created_at) values ($1, $2, now())"
        await ask_pool(self.khata.registries, statement, organization_id, name)

    def settle(self) -> None:
        """Let the simulator send all it has to send, and the worker do all that is due."""
        done = asyncio.run_coroutine_threadsafe(self._settle(), self._loop)
        done.result(PATIENCE_SECONDS)

    def hear(self) -> None:
        """Let the simulator send all it has to send, and the inbox read it; no job is done."""
        asyncio.run_coroutine_threadsafe(self._hear(), self._loop).result(PATIENCE_SECONDS)

    async def _hear(self) -> None:
        khata = self.khata
        assert khata.simulator is not None, "the product runs with a simulator"
        while await khata.simulator.deliver_due() + await khata.topups.inbox.work_once():
            pass

    async def _settle(self) -> None:
        khata = self.khata
        assert khata.simulator is not None, "the product runs with a simulator"
        while (
            await khata.simulator.deliver_due()
            + await khata.topups.inbox.work_once()
            + await khata.worker.work_once()
        ):
            pass

    def watch(self) -> None:
        """Let the watcher see all that is news, and the worker do what follows from it."""
        self.run(self._watch())

    async def _watch(self) -> None:
        khata = self.khata
        while (
            await khata.events.relay.relay_once()
            + await khata.watching.reader.read_once()
            + await khata.worker.work_once()
        ):
            pass

    def tell(self) -> None:
        """Let all that happened come to the endpoints of webhooks, and out to their receivers."""
        asyncio.run_coroutine_threadsafe(self._tell(), self._loop).result(PATIENCE_SECONDS)

    async def _tell(self) -> None:
        khata = self.khata
        while await khata.events.relay.relay_once() + await khata.webhooks.reader.read_once():
            pass
        # An endpoint that rests after a failure leaves what is due with it for later.
        while await khata.webhooks.sender.send_once():
            pass

    def buy(self, wallet_id: str, credits: int) -> None:
        """Credits bought with a payment, as the engine books them."""
        command = Purchase(
            wallet_id=WalletId(wallet_id),
            idempotency_key=f"payment-test-{uuid4().hex}",
            credits=credits,
            price_paise=credits * PAISE_PER_CREDIT,
            payment_id=f"pay_{uuid4().hex}",
        )
        bought = self._submit(command)
        asyncio.run_coroutine_threadsafe(bought, self._loop).result(PATIENCE_SECONDS)

    async def _submit(self, command: Command) -> None:
        await self.khata.engine.submit(command)

    def money_of(self, wallet_id: str) -> dict[str, int]:
        """Paise by account of all that is booked of a wallet, where they are not zero."""
        rows = self.asked(
            "select account, sum(paise)::bigint from money_entries"
            " where wallet_id = $1 group by account having sum(paise) <> 0",
            wallet_id,
        )
        return dict(rows)

    def asked(self, statement: str, *parameters: object) -> list[Row]:
        """The rows that a statement answers."""
        return self.run(ask_pool(self.khata.registries, statement, *parameters))

    def run(self, asked: Coroutine[Any, Any, T]) -> T:
        """What this brings on the product's own loop."""
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(PATIENCE_SECONDS)

    @property
    def simulator(self) -> Access:
        """How to reach its simulator."""
        return open_access(self._settings.database.data_folder)

    def verified(self) -> Checked:
        """All books, replayed and checked."""
        return audit(self._database.owner_dsn, workers=1)

    def drain(self) -> None:
        """Let the engine finish what it has and take nothing more."""
        drained = self.khata.engine.drain()
        asyncio.run_coroutine_threadsafe(drained, self._loop).result(PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(PATIENCE_SECONDS)
        assert self._thread.is_alive(), "the product did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._thread.join()


class Api:
    """Asks the product. Every answer must be one that the OpenAPI document promises."""

    def __init__(self, url: str, secret: str | None) -> None:
        self._client = self._opened(url, secret)
        self._keys = count(1)
        self._mark = uuid4().hex[:12]

    def _opened(self, url: str, secret: str | None) -> httpx2.Client:
        shown = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        return httpx2.Client(base_url=url, headers=shown, timeout=PATIENCE_SECONDS, verify=TLS)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> httpx2.Response:
        """Any answer, checked."""
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = self._client.request(method, path, headers=headers, params=query, json=body)
        demand_documented(method, answer.url.path, answer)
        return answer

    def raw(
        self,
        method: str,
        path: str,
        headers: Mapping[bytes, bytes],
        content: bytes | None = None,
    ) -> httpx2.Response:
        """Any answer to a request that is put together by hand, checked."""
        answer = self._client.request(method, path, content=content, headers=headers)
        demand_documented(method, answer.url.path, answer)
        return answer

    def get(self, path: str, **query: str | int) -> Json:
        """The body of a 200."""
        answer = self.ask("GET", path, query=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object = None, *, key: str | None = None) -> Json:
        """The body of a success, under a new key if none is given."""
        answer = self.ask("POST", path, body, key=key or self.new_key())
        assert answer.is_success, answer.text
        return answer.json()

    def refused(self, path: str, body: object = None, *, key: str | None = None) -> Json:
        """The problem of a refusal."""
        answer = self.ask("POST", path, body, key=key or self.new_key())
        assert not answer.is_success, answer.text
        return answer.json()

    def new_key(self) -> str:
        return f"key-{self._mark}-{next(self._keys)}"

    def new_wallet(self, credits: int = 0, **body: object) -> str:
        """A wallet of a new owner, with a bonus."""
        owner = {"owner_type": "user", "owner_id": self.new_key(), "name": "Asha"}
        wallet_id: str = self.post("/v1/wallets", {**owner, **body})["id"]
        if credits:
            self.grant(wallet_id, credits)
        return wallet_id

    def grant(self, wallet_id: str, credits: int, **body: object) -> Json:
        whole = {"kind": "bonus", "credits": credits, "note": "a start", **body}
        return self.post(f"/v1/wallets/{wallet_id}/grants", whole)

    def consume(self, wallet_id: str, feature: str = "API_HEAVY_QUERY", **body: object) -> Json:
        return self.post(f"/v1/wallets/{wallet_id}/consume", {"feature": feature, **body})

    def hold(self, wallet_id: str, feature: str = "API_HEAVY_QUERY", **body: object) -> Json:
        whole = {"feature": feature, **({"quantity": 1} if "credits" not in body else {}), **body}
        return self.post(f"/v1/wallets/{wallet_id}/holds", whole)

    def available(self, wallet_id: str) -> int:
        return self.get(f"/v1/wallets/{wallet_id}")["available_credits"]

    def new_api_key(self, *scopes: str, **bounds: object) -> str:
        """The secret of a new key."""
        return self.post("/v1/api-keys", {"name": "a test", "scopes": scopes, **bounds})["secret"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)))


_PATTERNS = sorted(
    ((template, _pattern(template)) for template in DOCUMENT["paths"]),
    key=lambda each: (each[0].count("{"), -len(each[0])),
)


def demand_documented(method: str, path: str, answer: httpx2.Response) -> None:
    """Fails unless the document promises this status, media type and shape."""
    operation = _operation(method, path)
    if operation is None:
        return
    where = f"{method} {path} {answer.status_code}"
    assert str(answer.status_code) in operation["responses"], f"{where} is not in the document"
    contents = operation["responses"][str(answer.status_code)].get("content")
    if contents is None:
        assert not answer.content, f"{where} has a body"
        return
    media = answer.headers["content-type"].partition(";")[0]
    schemas = {name.partition(";")[0]: content["schema"] for name, content in contents.items()}
    assert media in schemas, f"{where}: {media} is not in the document"
    if "json" in media:
        schema = {**schemas[media], "components": DOCUMENT["components"]}
        jsonschema_rs.Draft202012Validator(schema).validate(answer.json())


def _operation(method: str, path: str) -> Json | None:
    for template, pattern in _PATTERNS:
        if pattern.fullmatch(path):
            return DOCUMENT["paths"][template].get(method.lower())
    return None
