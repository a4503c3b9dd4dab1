"""A month of a real service's requests, and what its people are told of it.

Two hours of requests to a large language model (the trace of `khata replay`; a seeded one of the
same shape where it is not at hand) are every day of November, more or less of them, and half on
weekends. A loop runs wild on the 17th, and the agent's budget of a day stops the agent's part of
it; from the 22nd on the bank declines. All that is told is what somebody who looks after the
credits would want to hear, each once.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import pytest

from desk import Clock
from khata.app.topups.orders import OrderWish
from khata.app.topups.scoring import Payer
from khata.app.wallets import WalletPatch
from khata.cli.demo.traces import trace_lines
from khata.cli.replay.trace import Request, read_trace
from khata.domain.budgets import Budget
from khata.domain.commands import Consume, GrantCredits, Recorded
from khata.domain.limits import DAY_US, HOUR_US
from khata.domain.refusals import BudgetExceeded
from khata.engine.ids import UlidMint
from khata.http.schemas.pricing import PriceListBody
from khata.postgres.alerts import Alert, AlertFilter
from khata.postgres.asking import borrowed
from khata.postgres.budgets import KeptBudget, insert_budget
from khata.postgres.claims import Wish
from khata.postgres.orders import Order
from khata.postgres.payment_methods import PaymentMethod
from khata.postgres.refusals import RefusalFilter
from khata.postgres.server import Server
from program import PRICES, ROOT
from shop import Shop, opened_shop

REAL = ROOT.parent / "shared/data/llm-requests/code.csv"
INDIA = ZoneInfo("Asia/Kolkata")
BEGIN_US = round(datetime(2026, 11, 1, tzinfo=INDIA).timestamp()) * 1_000_000
DAYS, PARTS = 30, 8
WEEKEND = {1, 7, 8, 14, 15, 21, 22, 28, 29}
WILD, DECLINING = 17, 22
AGENT = "the-agent"
MEMBERS = ("asha", "bala", AGENT)
COLUMNS = ("ContextTokens", "GeneratedTokens")
FEATURES = {"LLM_INPUT": 3, "LLM_OUTPUT": 15}  # credits a thousand tokens
RECHARGE_PAISE = 1_000_000  # 100,000 credits


class Use(NamedTuple):
    """What one member used of one feature in three hours."""

    member: str
    feature: str
    tokens: int


def trace(folder: Path) -> Sequence[Request]:
    file = REAL
    if not file.exists():
        file = folder / "code.csv"
        file.write_text("".join(trace_lines("code", None, "a month")), newline="")
    return read_trace(file, COLUMNS, None).requests


def parts_of_a_day(requests: Sequence[Request]) -> list[list[Use]]:
    """The requests of the trace as a day of eight parts, summed by member and feature."""
    day: list[list[Use]] = []
    size = len(requests) // PARTS
    for part in range(PARTS):
        tokens: defaultdict[tuple[str, str], int] = defaultdict(int)
        for number, request in enumerate(requests[part * size : (part + 1) * size]):
            for feature, amount in zip(FEATURES, request.quantities, strict=True):
                tokens[MEMBERS[number % 3], feature] += amount
        day.append([Use(member, feature, total) for (member, feature), total in tokens.items()])
    return day


def how_much(day: int) -> float:
    """Of the trace on that day."""
    if day == WILD:
        return 4.0
    varied = Random(f"november {day}").uniform(0.85, 1.15)  # noqa: S311 - a story's chance
    return varied / 2 if day in WEEKEND else varied


def at_us(day: int, part: int) -> int:
    return BEGIN_US + (day - 1) * DAY_US + part * (DAY_US // PARTS)


def day_of(alert: Alert) -> int:
    return (alert.raised_at_us - BEGIN_US) // DAY_US + 1


@pytest.fixture
def clock() -> Clock:
    made = Clock()
    made.at_us = BEGIN_US
    return made


@pytest.fixture
async def shop(database: Server, clock: Clock, tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened_shop(database, tmp_path / "data", clock) as opened:
        yield opened


class Month:
    """The wallet's life, and the one who looks after it."""

    def __init__(self, shop: Shop, ordinary: int) -> None:
        self.shop = shop
        self.ordinary = ordinary
        """Credits of a day as the trace has it."""
        self.spent: defaultdict[int, int] = defaultdict(int)
        self.of_agent: defaultdict[int, int] = defaultdict(int)
        self.refused: list[tuple[int, BudgetExceeded]] = []
        """What budgets refused, and on which day."""
        self.method: PaymentMethod | None = None

    async def begin(self) -> None:
        shop, khata = self.shop, self.shop.khata
        wished = msgspec.json.decode(PRICES.read_bytes(), type=PriceListBody)
        await khata.prices.publish(wished.prices())
        lines = WalletPatch(
            low_balance_threshold=self.ordinary // 4, rapid_burn_limit=2 * self.ordinary
        )
        await khata.wallets.change(shop.wallet.id, lines)
        promo = GrantCredits(
            wallet_id=shop.wallet.id,
            idempotency_key=shop.key,
            kind="promo",
            credits=5_000,
            note="welcome, used last",
            expires_at_us=at_us(21, 0),
            priority=90,
            transferable=False,
        )
        await shop.do(promo)
        month, agents_day = self._budgets()
        async with borrowed(khata.registries) as connection, connection.transaction():
            await insert_budget(connection, month)
            await insert_budget(connection, agents_day)
        await shop.grant(self.ordinary)
        await self.recharge_by_itself()

    async def recharge_by_itself(self) -> None:
        self.method = self.method or await self.shop.method()
        amounts = {"threshold_credits": self.ordinary, "amount_paise": RECHARGE_PAISE}
        await self.shop.on(self.method, **amounts)

    async def live(self, day: int, part: int, uses: Sequence[Use]) -> None:
        """Three hours: all is charged, recharged, watched and looked after."""
        shop, factor = self.shop, how_much(day)
        shop.turn(seconds=(at_us(day, part) - shop.clock()) // 1_000_000)
        if (day, part) == (DECLINING, 0):
            assert self.method
            await shop.expect(self.method, *["insufficient_funds"] * 3)
        await asyncio.gather(*(self.charge(day, use, factor) for use in uses))
        await self.settle()

    async def charge(self, day: int, use: Use, factor: float) -> None:
        wish = Consume(
            wallet_id=self.shop.wallet.id,
            idempotency_key=self.shop.key,
            feature=use.feature,
            quantity=round(use.tokens * factor),
            member_id=use.member,
        )
        outcome = (await self.shop.khata.engine.submit(wish)).outcome
        if isinstance(outcome, BudgetExceeded):
            self.refused.append((day, outcome))
            return
        assert isinstance(outcome, Recorded), outcome
        self.spent[day] -= outcome.transaction.available_change
        if use.member == AGENT:
            self.of_agent[day] -= outcome.transaction.available_change

    async def settle(self) -> None:
        khata = self.shop.khata
        await khata.sweeper.sweep_once()
        await self.follow()
        for low in await self.alerts(AlertFilter(state="open", type="LOW_BALANCE")):
            # She reads her mail, adds funds, and turns recharges on again.
            await khata.alerts.acknowledge(self.shop.wallet.id, low.id)
            await self.add_funds()
            await self.recharge_by_itself()
            await self.follow()

    async def add_funds(self) -> None:
        shop, topups = self.shop, self.shop.khata.topups
        wish = OrderWish(asked=RECHARGE_PAISE, payment_method="upi")
        paid_for = Wish(shop.wallet.id, shop.key, b"funds")
        placed = await topups.orders.place(wish, paid_for, Payer())
        assert isinstance(placed, Order), placed
        await topups.play(placed, "success", 0)
        await shop.hear()

    async def follow(self) -> None:
        """All that follows from what was charged, and from what was not."""
        khata = self.shop.khata
        await khata.watching.refused.look()
        while (
            await khata.worker.work_once()
            + await khata.events.relay.relay_once()
            + await khata.watching.reader.read_once()
        ):
            pass

    async def alerts(self, wanted: AlertFilter) -> Sequence[Alert]:
        return (await self.shop.khata.alerts.list_all(None, wanted, 100, None))[::-1]

    def _budgets(self) -> tuple[KeptBudget, KeptBudget]:
        """One of the month that only tells, and one of a day that stops the agent."""
        wallet, now_us = self.shop.wallet, self.shop.clock()
        month = Budget(
            id="bud_" + UlidMint().for_wallet(wallet.id),
            level="organization",
            unit="credits",
            window="month",
            limit=20 * self.ordinary,
            on_limit="alert",
            alert_at_percent=80,
        )
        agents_day = Budget(
            id="bud_" + UlidMint().for_wallet(wallet.id),
            level="member",
            subject=AGENT,
            unit="credits",
            window="day",
            limit=self.agents_limit,
        )
        own = (wallet.organization_id, wallet.id)
        times = (False, now_us, now_us)
        return (
            KeptBudget(month, *own, "November", *times),
            KeptBudget(agents_day, *own, "The agent's day", *times),
        )

    @property
    def agents_limit(self) -> int:
        """Twice the third that is the agent's on an ordinary day."""
        return self.ordinary * 2 // 3

    def day_by_which(self, credits: int) -> int:
        """The day on which so many credits of the month were used."""
        total = 0
        for day, spent in sorted(self.spent.items()):
            total += spent
            if total >= credits:
                return day
        raise AssertionError("never")


async def test_a_month_of_a_real_service_is_told_as_a_person_would_want_it(
    shop: Shop, tmp_path: Path
) -> None:
    parts = parts_of_a_day(trace(tmp_path))
    ordinary = sum(use.tokens * FEATURES[use.feature] for uses in parts for use in uses) // 1_000
    month = Month(shop, ordinary)
    await month.begin()
    for day in range(1, DAYS + 1):
        for part, uses in enumerate(parts):
            await month.live(day, part, uses)

    told = await month.alerts(AlertFilter())
    by_type: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in told:
        by_type[alert.type].append(alert)
    assert {type: len(alerts) for type, alerts in by_type.items()} == {
        "CREDITS_EXPIRING": 2,
        "RAPID_BURN": 1,
        "BUDGET_REACHED": 3,
        "RECHARGE_FAILED": 1,
        "LOW_BALANCE": 1,
    }
    # The credits that came as a welcome are spoken of a week and a day before they go.
    expiring = [(day_of(alert), alert.facts["days"]) for alert in by_type["CREDITS_EXPIRING"]]
    assert expiring == [(14, 7), (20, 1)]
    stopped, *of_month = sorted(
        by_type["BUDGET_REACHED"], key=lambda alert: alert.facts["level"] != "member"
    )
    # The month's budget is a wish and stops nothing: it tells at four fifths, and at the whole.
    assert [(alert.facts["percent"], day_of(alert)) for alert in of_month] == [
        (percent, month.day_by_which(20 * ordinary * percent // 100)) for percent in (80, 100)
    ]
    await demand_a_stop(month, stopped)
    demand_a_burn(by_type["RAPID_BURN"][0], ordinary)
    demand_a_rescue(by_type["RECHARGE_FAILED"][0], by_type["LOW_BALANCE"][0], ordinary)
    still = {alert.type for alert in told if alert.state != "resolved"}
    assert still == {"BUDGET_REACHED"}  # until December
    shop.turn(seconds=(at_us(31, 0) - shop.clock()) // 1_000_000)
    await month.settle()
    assert all(alert.state == "resolved" for alert in await month.alerts(AlertFilter()))


async def demand_a_stop(month: Month, stopped: Alert) -> None:
    """The agent's budget refused on the wild day alone, from when it was short until midnight. That
    is told once, every refusal can be looked up, and on no day was more charged than it allows."""
    wallet_id, limit = month.shop.wallet.id, month.agents_limit
    assert (day_of(stopped), stopped.facts["subject"]) == (WILD, AGENT)
    assert {day for day, _ in month.refused} == {WILD}
    assert {(refused.subject, refused.limit) for _, refused in month.refused} == {(AGENT, limit)}
    assert len(month.refused) > 1
    kept = await month.shop.khata.views.refusals(wallet_id, RefusalFilter(), 100, None)
    assert sorted(map(str, (one.refusal for one in kept))) == sorted(
        str(refused) for _, refused in month.refused
    )
    assert max(month.of_agent.values()) == month.of_agent[WILD] <= limit
    assert stopped.resolved_at_us == at_us(WILD + 1, 0)


def demand_a_burn(burn: Alert, ordinary: int) -> None:
    """The loop that ran wild is noticed on its day, and over when its day has left the window."""
    assert day_of(burn) == WILD
    assert burn.facts["top_feature"] == "LLM_INPUT"
    assert isinstance(burn.facts["used"], int)
    assert 2 * ordinary < burn.facts["used"] <= 2 * ordinary + ordinary // 2 + 1
    assert burn.resolved_at_us is not None
    assert at_us(WILD + 1, 0) < burn.resolved_at_us < at_us(WILD + 2, 0)


def demand_a_rescue(failed: Alert, low: Alert, ordinary: int) -> None:
    """Recharges went on unheard until the bank declined three times. Then the wallet ran low, she
    was told, and turned them on again: both are over."""
    assert DECLINING <= day_of(failed) <= day_of(low) <= day_of(failed) + 1
    assert failed.facts["reason"] == "insufficient_funds"
    assert isinstance(low.facts["available"], int)
    assert 0 < low.facts["available"] <= ordinary // 4
    assert low.acknowledged_at_us is not None
    assert low.resolved_at_us is not None
    assert low.resolved_at_us - low.raised_at_us <= 3 * HOUR_US
