"""A crowd of customers at the door: hundreds of connections, requests retried with the same key
until they are answered, and every answer written down."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from program import OWNER_KEY

Json = dict[str, Any]

# What a client takes for “not heard of yet”: the connection broke, or this very word of ours.
UNAVAILABLE = 503
# The statuses of decisions. Nothing else is asked for, and nobody ever hears of an error of ours.
DECIDED = frozenset({200, 201, 402, 409, 429})
_BREAKS = (OSError, EOFError, asyncio.IncompleteReadError)
_PAUSE_SECONDS = 0.1
FEATURES = ("API_BASIC_REQUEST", "API_HEAVY_QUERY", "AI_SEARCH", "STORAGE_1GB", "EMAIL_SEND")


class Request(NamedTuple):
    """What a client wants, for good or ill."""

    path: str
    key: str
    body: Json


class Reply(NamedTuple):
    """An answer as it came over the wire."""

    status: int
    replayed: bool
    body: bytes


class Connection:
    """HTTP by hand, kept alive; opened anew after it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, key: str = "", body: object = None) -> Reply:
        """One request and its answer. Raises what broke, after which the outcome is unknown."""
        try:
            self._open = self._open or await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._open
            writer.write(_written(method, path, key, body))
            await writer.drain()
            return await _read(reader)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._open is not None:
            self._open[1].transport.abort()
            self._open = None


def _written(method: str, path: str, key: str, body: object) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    named = f"Idempotency-Key: {key}\r\n" if key else ""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: khata\r\nAuthorization: Bearer {OWNER_KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n{named}\r\n"
    ).encode() + content


async def _read(reader: asyncio.StreamReader) -> Reply:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers["content-length"]))
    return Reply(int(head[0].split(" ")[1]), headers.get("idempotent-replayed") == "true", body)


class Crowd:
    """Clients that go on until they are told to stop, and then finish what they began.

    `answered` has the answer to every request; `given_up` those that nobody asked for again.
    """

    def __init__(self, port: int, seed: str) -> None:
        self.port = port
        self.wallets: list[str] = []
        self.answered: dict[str, tuple[Request, Reply]] = {}
        self.batches: dict[str, tuple[Request, list[Json]]] = {}
        self.given_up: list[Request] = []
        self.retries = 0
        self._seed = seed
        self._count = 0
        self._awaited = 0
        self._reached = asyncio.Event()
        self._stopping = False
        self._patient = True
        self._clients: list[asyncio.Task[None]] = []

    def start(self, clients: int) -> None:
        """Let this many clients in."""
        numbers = range(len(self._clients), len(self._clients) + clients)
        self._clients += [asyncio.create_task(self._client(number)) for number in numbers]

    async def answers(self, count: int) -> None:
        """Wait until this many further requests have been answered."""
        self._awaited = self._count + count
        self._reached.clear()
        await self._until(self._reached.wait())

    def lose_patience(self) -> None:
        """Whoever is not answered now gives up, and nobody asks for anything more."""
        self._stopping, self._patient = True, False

    async def leave(self) -> None:
        """Wait until everybody has gone."""
        self._stopping = True
        await asyncio.gather(*self._clients)

    async def disperse(self) -> None:
        """Send everybody away, whatever they are doing."""
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _until(self, reached: Any) -> None:
        """Waits, but not for clients that have failed."""
        waiting = asyncio.ensure_future(reached)
        done, _ = await asyncio.wait([waiting, *self._clients], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def _client(self, number: int) -> None:
        chance = Random(f"{self._seed} client {number}")  # noqa: S311 - the same on every run
        connection = Connection(self.port)
        client = Client(f"c{number:03}", chance, self.wallets)
        try:
            while not self._stopping:
                request = client.next_request()
                reply = await self._answer(connection, request)
                if reply is None:
                    self.given_up.append(request)
                    return
                client.hear(request, reply)
                self._write_down(request, reply)
        finally:
            connection.close()

    async def _answer(self, connection: Connection, request: Request) -> Reply | None:
        """The answer, however often it must be asked for; none where patience ends first."""
        while True:
            try:
                reply = await connection.ask("POST", request.path, request.key, request.body)
            except _BREAKS:
                reply = None
            if reply is not None and not _is_unavailable(reply):
                return reply
            if not self._patient:
                return None
            self.retries += 1
            await asyncio.sleep(_PAUSE_SECONDS)

    def _write_down(self, request: Request, reply: Reply) -> None:
        assert reply.status in DECIDED, f"{request} was answered {reply}"
        if request.path == "/v1/batch":
            assert reply.status == 200, reply
            self.batches[request.key] = request, json.loads(reply.body)["results"]
        else:
            self.answered[request.key] = request, reply
        self._count += 1
        if self._count >= self._awaited:
            self._reached.set()


def _is_unavailable(reply: Reply) -> bool:
    if reply.status == UNAVAILABLE:
        return True
    return b'"status":503' in reply.body


class Client:
    """Thinks of requests; captures or releases what it holds next time."""

    def __init__(self, name: str, chance: Random, wallets: list[str]) -> None:
        self._name = name
        self._chance = chance
        self._wallets = wallets
        self._number = 0
        self._held: tuple[str, str] | None = None

    def next_request(self) -> Request:
        """The next thing wanted."""
        if self._held is not None:
            wallet, hold = self._held
            self._held = None
            return self._ending(wallet, hold)
        wallet, other = self._chance.sample(self._wallets, 2)
        match self._chance.choice(("consume",) * 6 + ("hold", "hold", "grant", "give", "batch")):
            case "consume":
                return self._on(wallet, "consume", {"feature": self._chance.choice(FEATURES)})
            case "hold":
                amount = self._chance.randint(1, 20)
                wanted = {"feature": "ANALYTICS_QUERY", "credits": amount, "ttl_seconds": 3600}
                return self._on(wallet, "holds", wanted)
            case "grant":
                amount = self._chance.randint(1, 60)
                return self._on(
                    wallet, "grants", {"kind": "bonus", "credits": amount, "note": "more"}
                )
            case "give":
                amount = self._chance.randint(1, 60)
                wanted = {"to_wallet_id": other, "credits": amount, "note": "a gift"}
                return self._on(wallet, "transfers", wanted)
            case _:
                return self._batch(wallet)

    def hear(self, request: Request, reply: Reply) -> None:
        """Remember a hold that was opened."""
        if request.path.endswith("/holds") and reply.status == 201:
            hold = json.loads(reply.body)["hold"]
            self._held = hold["wallet_id"], hold["id"]

    def _key(self) -> str:
        self._number += 1
        return f"{self._name}-{self._number:05}"

    def _on(self, wallet: str, what: str, body: Json) -> Request:
        return Request(f"/v1/wallets/{wallet}/{what}", self._key(), body)

    def _ending(self, wallet: str, hold: str) -> Request:
        if self._chance.random() < 0.3:
            return self._on(wallet, f"holds/{hold}/release", {})
        return self._on(wallet, f"holds/{hold}/capture", {"credits": 1})

    def _batch(self, wallet: str) -> Request:
        mode = self._chance.choice(("independent", "atomic"))
        items = [
            {
                "op": "consume",
                "wallet_id": wallet if mode == "atomic" else self._chance.choice(self._wallets),
                "idempotency_key": self._key(),
                "feature": self._chance.choice(FEATURES),
            }
            for _ in range(self._chance.randint(2, 8))
        ]
        return Request("/v1/batch", self._key(), {"mode": mode, "items": items})


class Told(NamedTuple):
    """A movement that was acknowledged: its key, wallet and transaction as the answer told it."""

    key: str
    wallet_id: str
    transaction: Json
    request: Request


def movements(crowd: Crowd) -> Iterator[Told]:
    """All that was acknowledged as carried out, single or in batches."""
    for key, (request, reply) in crowd.answered.items():
        if reply.status < 300:
            transaction = json.loads(reply.body)["transaction"]
            yield Told(key, transaction["wallet_id"], transaction, request)
    for request, results in crowd.batches.values():
        for item, result in zip(request.body["items"], results, strict=True):
            if result["status"] < 300:
                told = result["transaction"]
                yield Told(item["idempotency_key"], item["wallet_id"], told, request)


def by_wallet(told: Iterator[Told]) -> defaultdict[str, dict[str, Told]]:
    """Movements by wallet and key."""
    found: defaultdict[str, dict[str, Told]] = defaultdict(dict)
    for each in told:
        assert each.key not in found[each.wallet_id], f"{each.key} was acknowledged twice"
        found[each.wallet_id][each.key] = each
    return found
