"""What the dashboard asks, of a wallet with a long past and of one with a short one, by turns.

Both have a year behind them, the one busier by orders of magnitude. Each question goes over HTTP,
as a page would ask it, on one connection.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from msgspec import Struct
from rich.table import Table

from khata.app.runtime import Khata
from khata.app.usage_summing import UsageSumming
from khata.bench.http_bench import served
from khata.bench.http_load import Requests, length_of
from khata.bench.long_wallet import LongWallet, fill
from khata.bench.stage import OWNER_KEY, set_up
from khata.domain.limits import day_start_us, local_day
from khata.domain.times import rfc3339
from khata.postgres.connect import connect

SHORT = 10_000
GOAL = 1.5
_HOST = "127.0.0.1"
_TURNS, _QUICK_TURNS = 31, 11

# How many days a question is about, today counted in, and the question.
QUESTIONS: Mapping[str, tuple[int | None, str]] = {
    "wallet": (None, ""),
    "gate": (None, "/gate?feature=AI_SUMMARY"),
    "summary": (None, "/usage/summary"),
    "breakdown, 30 days": (30, "/usage/breakdown?"),
    "breakdown, 90 days": (90, "/usage/breakdown?"),
    "series by category, 30 days": (30, "/usage/series?by=category"),
    "series by category, 90 days": (90, "/usage/series?by=category"),
    "series by member, 30 days": (30, "/usage/series?by=member"),
    "series by feature, 365 days": (365, "/usage/series?by=feature"),
    "series by hour, 7 days": (7, "/usage/series?granularity=hour"),
    "series of a member by feature, 365 days": (365, "/usage/series?by=feature&member_id=member-3"),
    "features, 30 days": (30, "/usage/features?"),
    "team, 30 days": (30, "/usage/team?"),
    "team in a category, 30 days": (30, "/usage/team?category=AI"),
    "heatmap, 90 days": (90, "/usage/heatmap?"),
    "caps": (None, "/usage/caps"),
    "balance history, 45 days": (None, "/balance-history"),
    "transactions": (None, "/transactions?limit=200"),
    "transactions, counted": (None, "/transactions?limit=200&count=true"),
    "transactions of a category": (None, "/transactions?limit=50&category=AI"),
    "transactions of a rare feature": (None, "/transactions?limit=50&feature=MEDIA_OPTIMIZATION"),
    "transactions of a rare member": (None, "/transactions?limit=50&member_id=member-39"),
    "transactions of nobody": (None, "/transactions?limit=50&member_id=nobody"),
    "transactions of nobody, counted": (
        None,
        "/transactions?limit=50&member_id=nobody&count=true",
    ),
    "transactions with a text": (None, "/transactions?limit=50&q=member-39"),
    "transactions with a text nowhere": (None, "/transactions?limit=50&q=nowhere"),
    "transactions with a text nowhere, counted": (
        None,
        "/transactions?limit=50&q=nowhere&count=true",
    ),
    "purchases": (None, "/transactions?limit=50&type=CREDIT_PURCHASE"),
}


class Asked(Struct, frozen=True):
    """A question, how long its answer took for both wallets, and how that compares; and how many
    bytes were answered, for a busier wallet may have more to show."""

    question: str
    short_ms: float
    long_ms: float
    ratio: float
    short_bytes: int
    long_bytes: int


class Dashboard(Struct, frozen=True):
    """All questions, of wallets with so many transactions."""

    short: int
    long: int
    rollup_rows: int
    asked: list[Asked]


async def bench_dashboard(
    folder: Path, transactions: int, *, quick: bool, told: Callable[[str], None]
) -> Dashboard:
    """Makes both wallets and asks everything by turns, with one connection and no other load."""
    async with set_up(folder, None, 1, told) as stage:
        told(f"making {transactions:,} transactions")
        wallets = [await _empty(stage.khata, size) for size in (SHORT, transactions)]
        rows = await asyncio.to_thread(_fill, stage.khata, wallets)
        told("summing up their usage, as the worker does")
        for each in wallets:
            await _summed_up(stage.khata, each)
        async with served(stage) as (port, _):
            asker = await _Asker.connect(port)
            asked: list[Asked] = []
            for question, (days, path) in QUESTIONS.items():
                told(question)
                paths = [_path(each, path, days) for each in wallets]
                turns = _QUICK_TURNS if quick else _TURNS
                asked.append(await asker.compare(question, paths, turns))
    return Dashboard(SHORT, transactions, rows, asked)


def dashboard_table(found: Dashboard) -> Table:
    """The questions for people."""
    shown = Table(
        title=f"the dashboard: {found.long:,} transactions against {found.short:,}",
        caption=f"median of each, by turns, and how long the answers are;"
        f" {found.rollup_rows:,} hourly sums; goal {GOAL} x",
    )
    shown.add_column("question", no_wrap=True)
    for column in (f"{found.short:,} ms", f"{found.long:,} ms", "ratio", "KB", "KB"):
        shown.add_column(column, justify="right", no_wrap=True)
    for each in found.asked:
        ratio = f"{each.ratio:.2f} x"
        sizes = [f"{size / 1000:.1f}" for size in (each.short_bytes, each.long_bytes)]
        shown.add_row(each.question, f"{each.short_ms:.2f}", f"{each.long_ms:.2f}", ratio, *sizes)
    return shown


class _Asker:
    """Asks one question after another on a connection that stays open."""

    def __init__(self, port: int, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]):
        self._requests = Requests(_HOST, port, OWNER_KEY)
        self._reader, self._writer = streams

    @staticmethod
    async def connect(port: int) -> "_Asker":
        return _Asker(port, await asyncio.open_connection(_HOST, port, limit=2**26))

    async def compare(self, question: str, paths: list[str], turns: int) -> Asked:
        """The median of each path, asked by turns after once for nothing."""
        seconds: list[list[float]] = [[] for _ in paths]
        sizes = [await self._answer(path) for path in paths]
        for _ in range(turns):
            for path, taken in zip(paths, seconds, strict=True):
                started = time.perf_counter()
                await self._answer(path)
                taken.append(time.perf_counter() - started)
        short, long = (median(taken) * 1000 for taken in seconds)
        ratio = round(long / short, 2)
        return Asked(question, round(short, 3), round(long, 3), ratio, *sizes)

    async def _answer(self, path: str) -> int:
        """Asks, and reads the answer; how many bytes it has."""
        self._writer.write(self._requests.get(path))
        head = await self._reader.readuntil(b"\r\n\r\n")
        body = await self._reader.readexactly(length_of(head))
        assert head[9:12] == b"200", (head + body).decode()
        return len(body)


async def _empty(khata: Khata, transactions: int) -> LongWallet:
    """A new wallet that seems to have been there for longer than its past."""
    wallet, _, _ = await khata.wallets.create(None, "user", f"past-{transactions}", "bench")
    now_us = khata.now_us()
    return LongWallet(wallet.id, wallet.organization_id, wallet.time_zone, transactions, now_us)


async def _summed_up(khata: Khata, wallet: LongWallet) -> None:
    summing = UsageSumming(khata.registries, khata.now_us)
    while await summing.step(wallet.wallet_id, wallet.wallet_id) is not None:
        pass


def _fill(khata: Khata, wallets: list[LongWallet]) -> int:
    prices = khata.prices.rules().prices.at(khata.now_us()).features.values()
    with connect(khata.server.owner_dsn) as owner:
        owner.execute("update wallets set created_at = created_at - interval '366 days'")
        fill(owner, wallets, [(price.feature, price.category) for price in prices])
        row = owner.execute("select count(*) from usage_hourly").fetchone()
    assert row is not None
    return int(row[0])


def _path(wallet: LongWallet, question: str, days: int | None) -> str:
    if days is None:
        return f"/v1/wallets/{wallet.wallet_id}{question}"
    today = local_day(wallet.time_zone, wallet.until_us)
    from_us = day_start_us(wallet.time_zone, today - days + 1)
    return f"/v1/wallets/{wallet.wallet_id}{question}&from={rfc3339(from_us)}"
