"""Crash truth: killed at any moment, Khata has kept every promise it made, and made none it broke.

The real program is loaded by hundreds of clients and killed; they ask again with the same keys.
What they were told is then held against what the books say, from the outside. Every run draws
other moments: KHATA_CRASH_SEED repeats those of an earlier one.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg
import pytest

from crowd import Connection, Crowd, Json, Request, Told, by_wallet, movements
from khata.postgres.embedded import EmbeddedServer
from khata.postgres.settings import DATABASE, OWNER_ROLE, DatabaseSettings
from program import Served, run_khata

CLIENTS = 200
WALLETS = 8
GIVEN = 5_000
AI_CAP = 200
ASKED_AGAIN = 300
PATIENCE_SECONDS = 60.0
ENGINE = "select pid from pg_stat_activity where application_name = 'khata engine' limit 1"

Kill = Callable[[Served], bool]


@pytest.fixture
def seed() -> str:
    """Printed, so that a failure tells it."""
    seed = os.environ.get("KHATA_CRASH_SEED") or f"{random.SystemRandom().getrandbits(64):016x}"
    print(f"KHATA_CRASH_SEED={seed}")
    return seed


def processes() -> list[tuple[int, int, str]]:
    """The id, the parent's id and the words of every process."""
    told = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in told.splitlines()]
    return [(int(row[0]), int(row[1]), row[2]) for row in rows if len(row) == 3]


def until_it_dies(strike: Callable[[], bool]) -> None:
    """Tries again while what is to be killed is not up yet after an earlier blow."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not strike():
        assert time.monotonic() < deadline, "there is nothing to kill"
        time.sleep(0.02)


def embedded(served: Served) -> EmbeddedServer:
    """Its server, to find it by; never started here."""
    return EmbeddedServer(DatabaseSettings(data_folder=served.folder))


def kill_khata(served: Served) -> bool:
    """Whether it must be started again."""
    served.process.kill()
    return True


def kill_postgres(served: Served) -> bool:
    ours = f"unix_socket_directories={embedded(served).place.sockets} "

    def strike() -> bool:
        found = [id_ for id_, _, words in processes() if ours in words]
        for process_id in found:
            os.kill(process_id, signal.SIGKILL)
        return bool(found)

    until_it_dies(strike)
    return False


def kill_a_backend(served: Served) -> bool:
    """The server then ends all others and recovers by itself."""
    dsn = embedded(served).conninfo(OWNER_ROLE, DATABASE)

    def strike() -> bool:
        try:
            with psycopg.connect(dsn, autocommit=True) as owner:
                found = owner.execute(ENGINE).fetchone()
        except psycopg.OperationalError:
            return False
        if found is not None:
            os.kill(found[0], signal.SIGKILL)
        return found is not None

    until_it_dies(strike)
    return False


def kill_khata_twice(served: Served) -> bool:
    """And again while it starts, be that before PostgreSQL is up, in its recovery or after."""
    served.process.kill()
    starting = served.another()
    time.sleep(random.uniform(0, 1.5))  # noqa: S311 - nothing hangs on when it dies
    starting.kill()
    starting.communicate()
    return True


def kill_both(served: Served) -> bool:
    kill_postgres(served)
    return kill_khata(served)


def kill_a_child(served: Served) -> bool:
    """One of several processes on the port; the one that started it starts another."""

    def strike() -> bool:
        children = children_of(served.process.pid)
        if children:
            os.kill(random.choice(children), signal.SIGKILL)  # noqa: S311
        return bool(children)

    until_it_dies(strike)
    return False


def children_of(process_id: int) -> list[int]:
    """The programs that serve for this one. PostgreSQL is its child, too, and is not meant."""
    return [
        id_ for id_, parent, words in processes() if parent == process_id and "--child" in words
    ]


class Siege:
    """One data folder, one port, and whichever processes serve there now."""

    def __init__(self, folder: Path, port: int, processes: int) -> None:
        self.folder = folder
        self._words = ("--port", str(port), "--processes", str(processes))
        self.served = self._served()

    def _served(self) -> Served:
        return Served(self.folder, *self._words)

    async def strike(self, kill: Kill) -> None:
        """Kill, and start again what does not come back by itself."""
        if await asyncio.to_thread(kill, self.served):
            await asyncio.to_thread(self.served.process.communicate)
            self.served = await asyncio.to_thread(self._served)

    def end(self) -> None:
        if self.served.process.poll() is None:
            self.served.process.kill()
        self.served.process.communicate()


@pytest.mark.parametrize(
    ("kinds", "kills", "processes"),
    [
        pytest.param([kill_khata, kill_both, kill_khata_twice], 8, 1, id="khata"),
        pytest.param([kill_postgres, kill_a_backend], 14, 1, id="postgres"),
        pytest.param([kill_a_child, kill_a_child, kill_khata], 6, 2, id="processes"),
    ],
)
async def test_no_crash_breaks_a_promise(
    tmp_path: Path, unused_port: int, seed: str, kinds: list[Kill], kills: int, processes: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same moments again
    siege = await asyncio.to_thread(Siege, tmp_path / "khata", unused_port, processes)
    crowd = Crowd(unused_port, seed)
    try:
        for number in range(WALLETS):
            name = f"wallet {number}"
            crowd.wallets.append(await asyncio.to_thread(siege.served.make_wallet, name, GIVEN))
        crowd.start(CLIENTS)
        for number in range(kills - 1):
            await crowd.answers(chance.randint(1, 600))
            await siege.strike(kinds[number % len(kinds)])
        await crowd.answers(chance.randint(1, 600))
        crowd.lose_patience()
        await siege.strike(kinds[-1])
        await crowd.leave()
        await prove(crowd)
        checked = await asyncio.to_thread(run_khata, "verify", "--data", siege.folder)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    finally:
        await crowd.disperse()
        await asyncio.to_thread(siege.end)


async def prove(crowd: Crowd) -> None:
    """Everything that clients were told, against everything that the books say."""
    async with Door(crowd.port) as door:
        await prove_by(door, crowd)


async def prove_by(door: "Door", crowd: Crowd) -> None:
    told = by_wallet(movements(crowd))
    unknown = {key for request in crowd.given_up for key in keys_of(request)}
    assert sum(map(len, told.values())) > CLIENTS
    before = {wallet: await door.ledger(wallet) for wallet in crowd.wallets}
    for wallet, ledger in before.items():
        each_once(told[wallet], ledger, unknown)
        chained(ledger)
        within_the_cap(ledger)
        balances(ledger, await door.get(f"/v1/wallets/{wallet}"))
    gifts_arrived(before)
    await answered_again(door, crowd, random.Random("again"))  # noqa: S311 - any will do
    for request in crowd.given_up:
        await door.settled(request)
    for wallet, ledger in before.items():
        after = await door.ledger(wallet)
        assert after[: len(ledger)] == ledger
        known = {t["idempotency_key"] for t in ledger}
        new = [t["idempotency_key"] for t in after[len(ledger) :] if t["idempotency_key"]]
        assert len(set(new)) == len(new)
        assert set(new) <= unknown - known


class Door:
    """One patient client from the outside."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(port)

    async def get(self, path: str) -> Json:
        for _ in range(1000):
            try:
                reply = await self._connection.ask("GET", path)
            except (OSError, EOFError):
                await asyncio.sleep(0.05)  # the server is on its way
                continue
            if reply.status == 200:
                return json.loads(reply.body)
            assert reply.status == 503, reply
            await asyncio.sleep(0.05)
        raise AssertionError(f"{path} was never answered")

    async def ledger(self, wallet: str) -> list[Json]:
        """All transactions of a wallet, first one first."""
        found: list[Json] = []
        cursor = ""
        while True:
            page = await self.get(f"/v1/wallets/{wallet}/transactions?limit=200{cursor}")
            found += page["data"]
            if page["next_cursor"] is None:
                return sorted(found, key=lambda t: t["sequence"])
            cursor = f"&cursor={quote(page['next_cursor'])}"

    async def settled(self, request: Request) -> None:
        reply = await self._connection.ask("POST", request.path, request.key, request.body)
        assert reply.status < 500, reply

    async def same_again(self, request: Request, status: int, body: bytes) -> None:
        reply = await self._connection.ask("POST", request.path, request.key, request.body)
        assert (reply.status, reply.body) == (status, body)
        assert reply.replayed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._connection.close()


def keys_of(request: Request) -> list[str]:
    return [request.key, *(item["idempotency_key"] for item in request.body.get("items", ()))]


def each_once(told: dict[str, Told], ledger: list[Json], unknown: set[str]) -> None:
    """What was acknowledged is there as told; nothing else is, but what nobody asked again for."""
    keyed = {t["idempotency_key"]: t for t in ledger if t["idempotency_key"] is not None}
    assert len(keyed) == sum(t["idempotency_key"] is not None for t in ledger)
    assert {key: keyed.get(key) for key in told} == {key: t.transaction for key, t in told.items()}
    assert keyed.keys() - told.keys() <= unknown | {"first-grant"}


def chained(ledger: list[Json]) -> None:
    assert [t["sequence"] for t in ledger] == list(range(1, len(ledger) + 1))
    hashes = [t["hash"] for t in ledger]
    assert [t["previous_hash"] for t in ledger[1:]] == hashes[:-1]


def within_the_cap(ledger: list[Json]) -> None:
    assert sum(t["category"] == "AI" for t in ledger) <= AI_CAP


def balances(ledger: list[Json], wallet: Json) -> None:
    """What is left is what came in less what went out, counted from the movements alone."""
    assert wallet["available_credits"] == sum(t["credits"] for t in ledger)
    reserved = sum(e["amount"] for t in ledger for e in t["entries"] if e["account"] == "reserved")
    assert wallet["reserved_credits"] == reserved
    for t in ledger:
        assert sum(entry["amount"] for entry in t["entries"]) == 0


def gifts_arrived(ledgers: dict[str, list[Json]]) -> None:
    """Both legs of every gift are there, or neither."""
    everything = [t for ledger in ledgers.values() for t in ledger]
    given = {t["id"]: -t["credits"] for t in everything if t["type"] == "TRANSFER_OUT"}
    taken = {t["source_id"]: t["credits"] for t in everything if t["type"] == "TRANSFER_IN"}
    assert given == taken


async def answered_again(door: Door, crowd: Crowd, chance: random.Random) -> None:
    """The first answer to a key stays with it, byte for byte, across all crashes."""
    keys = sorted(crowd.answered)
    for key in chance.sample(keys, min(ASKED_AGAIN, len(keys))):
        request, reply = crowd.answered[key]
        await door.same_again(request, reply.status, reply.body)
