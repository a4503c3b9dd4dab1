"""Stories: what a wallet lives through, told in plain lines that are executed.

    wallet  acme
    grant   paid   100
    grant   bonus   50 until 13:00
    consume  60 at 12:00  -> 50 bonus, 10 paid
    consume 100 at 12:00  -> INSUFFICIENT_CREDITS  required 100, available 90

Each line goes through the engine and the books in memory. After `->` stand the lots that are to be
drawn in their order, or the code of the refusal to come, and any facts of either. A line without
`->` is simply to be carried out. What the verbs are is told in docs/stories/README.md.
"""

import asyncio
from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from khata.domain.budgets import Person, Spender
from khata.domain.commands import (
    Command,
    Extended,
    Recorded,
    Settled,
    SettleWallet,
    wallets_of,
)
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.ledger import Stamp, Transaction
from khata.domain.pricing import Price, PriceList
from khata.domain.rules import Rules
from khata.domain.settle import settle
from khata.domain.wallet import Book
from khata.engine.batch import Answer
from khata.engine.engine import Engine
from khata.engine.spender import spending_as
from khata.testing.books import MemoryBooks
from khata.testing.builders import price_list, rules, ulid_named, wallet, wallet_id
from khata.testing.clock import HandClock
from khata.testing.story_budgets import StoryBudgets
from khata.testing.story_commands import VERBS, Names
from khata.testing.story_facts import Told, of_accounts, of_answer, of_lots, of_money
from khata.testing.story_text import Calendar, Line, StoryError, lines_of, stories_in

__all__ = ["Story", "StoryError", "stories_in", "tell"]


def tell(story: str | Iterable[Line], name: str = "story") -> "Story":
    """Execute a story; raises `StoryError` at the first line that does not come true."""
    told = Story()
    asyncio.run(told.play(lines_of(story, name) if isinstance(story, str) else story))
    return told


class Story:
    """A story under way: its books, clock, prices, and the names it gave."""

    def __init__(self) -> None:
        self.calendar = Calendar()
        self.clock = HandClock(self.calendar.at_us(lines_of("clock")[0], "09:00"))
        self.books = MemoryBooks()
        self.names = Names()
        self._price_lists: list[PriceList] = [price_list()]
        self._caps: dict[str, int] = {}
        self._budgets = StoryBudgets()
        self._wallets: list[str] = []
        self._keys = 0
        self._engine = Engine(self.books, self._rules, self.clock)

    async def play(self, lines: Iterable[Line]) -> None:
        """Execute these lines, and check after each that the books still add up."""
        for line in lines:
            if "at" in line.options:
                self.clock.turn_to(self.calendar.at_us(line, line.options["at"]))
            await self._play(line)

    async def _play(self, line: Line) -> None:
        setting = {
            "calendar": self._open_calendar,
            "wallet": self._open_wallet,
            "status": self._change_status,
            "price": self._publish,
            "cap": self._cap,
            "budget": self._set_budget,
            "drop": self._end_budget,
            "member": self._learn_member,
        }
        looks = {
            "accounts": self._accounts,
            "lots": self._lots,
            "ledger": self._types_since_the_last_look,
            "rupees": self._rupees,
        }
        if line.verb in VERBS:
            await self._command(line)
        elif line.verb in looks:
            _compare(line, looks[line.verb](line))
        elif line.verb in setting:
            setting[line.verb](line)
        else:
            raise line.wrong(f"nobody knows the verb “{line.verb}”")

    async def _command(self, line: Line) -> None:
        given = VERBS[line.verb](line, self)
        command = replace(given, idempotency_key=self._key(line, given))
        with spending_as(Spender(line.options.get("with"))):
            answer = await self._engine.submit(command)
        if isinstance(answer.outcome, Recorded):
            self._take_names(line, command, answer.outcome.transaction)
        accounts = self.books.book(command.wallet_id).accounts
        told = of_answer(answer, self.names.lots, self.calendar.words, accounts.debt)
        _check_outcome(line, answer, told)
        _compare(line, told)

    def wallet_of(self, line: Line, option: str = "on") -> WalletId:
        """The wallet a line names, or the story's first."""
        name = line.options.get(option)
        if name is None and not self._wallets:
            raise line.wrong("a story begins with a wallet")
        if name is not None and name not in self._wallets:
            raise line.wrong(f"there is no wallet “{name}”")
        return wallet_id(name or self._wallets[0])

    def time_of(self, line: Line, option: str, otherwise: int) -> int:
        """The instant a line names."""
        words = line.options.get(option)
        return otherwise if words is None else self.calendar.at_us(line, words)

    def _key(self, line: Line, command: Command) -> str | None:
        self._keys += 1
        unnamed = None if isinstance(command, SettleWallet) else f"line-{self._keys}"
        return line.options.get("key", unnamed)

    def _rules(self) -> Rules:
        return rules(*self._price_lists, caps=self._caps)

    def _open_calendar(self, line: Line) -> None:
        day = date.fromisoformat(line.word(0, "the date of day 1"))
        self.calendar = Calendar(day, line.options.get("in", self.calendar.time_zone))
        self.clock.at_us = self.calendar.at_us(line, "00:00")

    def _open_wallet(self, line: Line) -> None:
        name = line.word(0, "a name")
        made = wallet(name, self.calendar.time_zone)
        if "of" in line.options:
            organization = OrganizationId("org_" + ulid_named(line.options["of"]))
            made = replace(made, organization_id=organization)
        self.books.add(self._budgets.on(made))
        self._wallets.append(name)

    def _change_status(self, line: Line) -> None:
        status = line.word(0, "active, frozen or closed")
        if status not in ("active", "frozen", "closed"):
            raise line.wrong(f"“{status}” is no status: active, frozen or closed")
        known = self.books.book(self.wallet_of(line)).wallet
        self.books.add(replace(known, status=status))

    def _set_budget(self, line: Line) -> None:
        self._budgets.set(line, self.wallet_of(line), self.calendar.time_zone)
        self._spread_budgets()

    def _end_budget(self, line: Line) -> None:
        self._budgets.end(line)
        self._spread_budgets()

    def _spread_budgets(self) -> None:
        for shelf in self.books.shelves.values():
            self.books.add(self._budgets.on(shelf.book.wallet))

    def _learn_member(self, line: Line) -> None:
        name, known = line.word(0, "a name"), self.books.book(self.wallet_of(line)).wallet
        self.books.learn(known.organization_id, name, Person(name, line.options.get("of")))

    def _cap(self, line: Line) -> None:
        self._caps[line.word(0, "a cap")] = line.number(1, "operations a day")

    def _publish(self, line: Line) -> None:
        price = Price(
            line.word(0, "a feature"),
            line.options.get("in", "AI"),
            line.number(1, "credits"),
            line.whole(line.options.get("per", "1"), "units"),
            cap=line.options.get("cap"),
        )
        newest = self._price_lists[-1]
        features = {**newest.features, price.feature: price}
        if "from" not in line.options:
            self._price_lists[-1] = replace(newest, features=features)
            return
        effective_at_us = self.calendar.at_us(line, line.options["from"])
        self._price_lists.append(PriceList(newest.version + 1, effective_at_us, features))

    def _accounts(self, line: Line) -> Told:
        return of_accounts(self._projected(line).accounts)

    def _rupees(self, line: Line) -> Told:
        return of_money(self.books.transactions(self.wallet_of(line)))

    def _lots(self, line: Line) -> Told:
        return of_lots(self._projected(line), self.names.lots)

    def _projected(self, line: Line) -> Book:
        book = self.books.book(self.wallet_of(line))
        stamp = Stamp(ulid_named("a look"), self.clock())
        return settle(book, stamp, self._rules())[0]

    def _types_since_the_last_look(self, line: Line) -> Told:
        wallet_id = self.wallet_of(line)
        transactions = self.books.transactions(wallet_id)
        seen = self.names.seen.get(wallet_id, 0)
        self.names.seen[wallet_id] = len(transactions)
        return Told(None, tuple(t.type for t in transactions[seen:]), {})

    def _take_names(self, line: Line, command: Command, own: Transaction) -> None:
        ledgers = (self.books.transactions(wallet) for wallet in wallets_of(command))
        made = [t for ledger in ledgers for t in ledger if t.at_us == own.at_us]
        self.names.take(line, own, made)


def _check_outcome(line: Line, answer: Answer, told: Told) -> None:
    carried_out = isinstance(answer.outcome, Recorded | Extended | Settled)
    if carried_out and line.code is not None:
        raise line.wrong(f"was to be refused, and was carried out: {told}")
    if not carried_out and line.code != told.code:
        raise line.wrong(f"was refused: {told}")


def _compare(line: Line, told: Told) -> None:
    if (difference := told.difference(line.expected)) is not None:
        raise line.wrong(f"{difference}; it is: {told}")
