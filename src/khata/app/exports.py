"""The books as a file for other programs, written while the ledger is read, in constant memory."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from msgspec.structs import replace

from khata.domain.chart import (
    Booked,
    Leg,
    Unit,
    counter_account,
    in_inr,
    india_day,
    inr_account,
    of_transaction,
    own_accounts,
)
from khata.domain.plain_text import Form, summed
from khata.domain.reports import Period, by_account
from khata.postgres import exports, reports
from khata.postgres.asking import Connection, snapshot
from khata.postgres.connect import Pool

_PIECES_AT_ONCE = 200


class Exports:
    """Exports as of one moment, however long their reader takes. Raises `Unavailable`."""

    def __init__(self, streams: Pool, now_us: Callable[[], int]) -> None:
        self._streams = streams
        self._now_us = now_us

    async def document(self, form: Form, period: Period) -> AsyncIterator[bytes]:
        """The books in that form: with `from_us` from opening balances on, and at the end what
        all accounts stand at."""
        writer = _Writer(form)
        async with snapshot(self._streams) as connection:
            gathered = [form.head("Khata")]
            async for text in self._texts(connection, writer, period):
                gathered.append(text)
                if len(gathered) >= _PIECES_AT_ONCE:
                    yield "".join(gathered).encode()
                    gathered = []
        yield "".join(gathered).encode()

    async def _texts(
        self, connection: Connection, writer: "_Writer", period: Period
    ) -> AsyncIterator[str]:
        until = replace(period, from_us=None)
        if writer.form.tells_standings:
            async for wallet_id, *_ in exports.standings(connection, until):
                yield writer.of_wallet(wallet_id)
            async for booked in _openings(connection, period):
                yield writer.entry(booked)
        async for booked in _booked(connection, period):
            if booked.legs:
                yield writer.entry(booked)
        if not writer.form.tells_standings:
            return
        # What is booked from now on is none of this snapshot's.
        day = india_day(self._now_us() if period.to_us is None else period.to_us - 1)
        async for standing in _standings(connection, until):
            asserted = writer.form.assertions(max(day, writer.last_day), standing)
            yield writer.declared(standing) + asserted


class _Writer:
    """Declares each account before its first use. A wallet's are declared beforehand."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.last_day = 0
        self._known: set[str] = set()

    def of_wallet(self, wallet_id: str) -> str:
        return "".join(self.form.declared(name, "CREDIT") for name in own_accounts(wallet_id))

    def entry(self, booked: Booked) -> str:
        self.last_day = india_day(booked.at_us)
        return self.declared(booked.legs) + self.form.entry(booked)

    def declared(self, legs: Iterable[Leg]) -> str:
        new: dict[str, Unit] = {
            leg.account: leg.unit
            for leg in legs
            if leg.account not in self._known and not leg.account.startswith(_OF_WALLETS)
        }
        self._known.update(new)
        return "".join(self.form.declared(account, unit) for account, unit in new.items())


_OF_WALLETS = "Liabilities:Credits:"


async def _booked(connection: Connection, period: Period) -> AsyncIterator[Booked]:
    """Transactions and the journal of money, merged by time."""
    journal = exports.exported_money(connection, period)
    money = await anext(journal, None)
    async for transaction in exports.exported_transactions(connection, period):
        while money is not None and money.at_us <= transaction.at_us:
            yield _of_money(money)
            money = await anext(journal, None)
        yield of_transaction(transaction)
    while money is not None:
        yield _of_money(money)
        money = await anext(journal, None)


def _of_money(money: exports.Money) -> Booked:
    title = f"{money.kind.replace('_', ' ').capitalize()} {money.source_id}"
    return Booked(money.at_us, money.id, money.wallet_id, title, in_inr(money.legs))


async def _openings(connection: Connection, period: Period) -> AsyncIterator[Booked]:
    """What stood on all accounts before the period: the rupees at once, then each wallet."""
    if period.from_us is None:
        return
    before, at_us = replace(period, from_us=None, to_us=period.from_us), period.from_us
    rupees = await _rupees(connection, before)
    if rupees:
        yield Booked(at_us, "opening", "", "Opening balances", rupees)
    origins = exports.origins(connection, before)
    origin = await anext(origins, None)
    async for wallet_id, *pockets in exports.standings(connection, before):
        legs = list(_held(wallet_id, pockets))
        while origin is not None and origin[0] == wallet_id:
            legs.append(Leg(counter_account(origin[1]), "CREDIT", origin[2]))
            origin = await anext(origins, None)
        legs = [leg for leg in legs if leg.amount]
        if legs:
            yield Booked(at_us, "opening", wallet_id, "Opening balances", tuple(legs))


async def _standings(connection: Connection, until: Period) -> AsyncIterator[Sequence[Leg]]:
    """What all accounts stand at: the rupees, where credits came from, then each wallet."""
    yield await _rupees(connection, until)
    credits = await reports.credits_moved(connection, until)
    pockets = ("available", "reserved", "locked")
    yield summed(
        Leg(counter_account(account), "CREDIT", amount)
        for account, amount in credits.items()
        if account not in pockets
    )
    async for wallet_id, *held in exports.standings(connection, until):
        yield tuple(_held(wallet_id, held))


async def _rupees(connection: Connection, period: Period) -> tuple[Leg, ...]:
    moved = by_account(await reports.paise_moved(connection, period))
    legs = (Leg(inr_account(account), "INR", paise) for account, paise in moved.items() if paise)
    return summed(legs)


def _held(wallet_id: str, pockets: Iterable[int]) -> Iterable[Leg]:
    for account, credits in zip(own_accounts(wallet_id), pockets, strict=True):
        yield Leg(account, "CREDIT", credits)
