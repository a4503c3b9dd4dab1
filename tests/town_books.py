"""What must be true of a town's money once everything has settled: our books against the bank's.

Found from the rows alone and from the gateway's own state, by other ways than Khata's own. Each
difference is a sentence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from khata.domain.ids import bucket_of
from town import Doc, Town

_OF_STORY = "where bucket = any(%s) and wallet_id = any(%s)"
_PURCHASES = f"""
select facts::json ->> 'payment_id', facts::json ->> 'order_id', available_change + (
  select coalesce(sum(bonus.available_change), 0)::bigint from transactions bonus
  where bonus.bucket = t.bucket and bonus.wallet_id = t.wallet_id and bonus.type = 'BONUS_CREDIT'
    and bonus.facts::json ->> 'payment_id' = t.facts::json ->> 'payment_id')
from transactions t {_OF_STORY} and type = 'CREDIT_PURCHASE'"""
_PAYMENTS = (
    f"select id, order_id, gateway_payment_id, state, amount_paise from payments {_OF_STORY}"
)
_ORDERS = f"""
select id, status, base_credits + bonus_credits, transaction_id is not null, payment_id
from orders {_OF_STORY}"""
_REFUNDS = f"""
select id, order_id, gateway_refund_id, status, total_paise, origin from refunds {_OF_STORY}"""
_UNBALANCED = f"""
select transaction_id, unit, sum(amount) from entries {_OF_STORY}
group by transaction_id, unit having sum(amount) <> 0"""
_ACCOUNTS = f"select account, sum(paise)::bigint from money_entries {_OF_STORY} group by account"
_CREDITS = f"""
select coalesce(sum(amount), 0)::bigint from entries {_OF_STORY} and unit = 'CREDIT'"""
_LOTS = f"""
select cost_paise, granted, granted - available - reserved - locked from grants {_OF_STORY}"""
# What goes on for ever: an open dispute is asked about until the bank decides.
_JOBS = f"""
select kind, subject, error from jobs {_OF_STORY} and not (kind = 'dispute' and error is null
  and exists (select from disputes d where d.bucket = jobs.bucket and d.wallet_id = jobs.wallet_id
    and d.id = jobs.subject and d.state in ('open', 'under_review')))"""
_WAITING = "select type, note from inbox where state = 'received'"

_RECEIVED = ("gateway.simulator", "bank", "expenses.gateway_fees", "itc.gst")
_DISPUTED = frozenset({"open", "under_review"})
_RETURNED = frozenset({"won", "closed"})
_GRANTED = frozenset({"paid", "review", "refunded", "partially_refunded"})


class Purchase(Struct, frozen=True):
    """A grant of bought credits in the ledger, by our ids."""

    payment_id: str
    order_id: str
    credits: int


class Payment(Struct, frozen=True):
    """A payment as we noted it."""

    id: str
    order_id: str
    gateway_id: str
    state: str
    amount: int


class Order(Struct, frozen=True):
    """An order as it ended."""

    id: str
    status: str
    credits: int
    has_credits: bool
    payment_id: str | None


class Refund(Struct, frozen=True):
    """A refund as it ended."""

    id: str
    order_id: str
    gateway_id: str | None
    status: str
    paise: int
    origin: str = "asked"


class Books(Struct, frozen=True, kw_only=True):
    """All rows of a story that are compared, and what the gateway knows."""

    purchases: Sequence[Purchase]
    payments: Sequence[Payment]
    orders: Sequence[Order]
    refunds: Sequence[Refund]
    unbalanced: Sequence[tuple[str, str, int]]
    accounts: dict[str, int]
    credits: int
    lots: Sequence[tuple[int, int, int]]
    undone: Sequence[str]
    bank: Doc
    lies: int


async def books_of(town: Town) -> Books:
    """The books of the present story."""
    wallets = [wallet.id for wallet in town.wallets.values()]
    story = [bucket_of(wallet) for wallet in wallets], wallets

    def rows(statement: str, of: Sequence[object] = story) -> list[tuple[Any, ...]]:
        return town.checker.execute(statement.encode(), of).fetchall()

    jobs = (f"job {kind} of {subject}: {error}" for kind, subject, error in rows(_JOBS))
    events = (f"event {kind}: {note}" for kind, note in rows(_WAITING, ()))
    return Books(
        purchases=[Purchase(*row) for row in rows(_PURCHASES)],
        payments=[Payment(*row) for row in rows(_PAYMENTS)],
        orders=[Order(*row) for row in rows(_ORDERS)],
        refunds=[Refund(*row) for row in rows(_REFUNDS)],
        unbalanced=[(id_, unit, int(amount)) for id_, unit, amount in rows(_UNBALANCED)],
        accounts=dict(rows(_ACCOUNTS)),
        credits=rows(_CREDITS)[0][0],
        lots=[(cost, granted, gone) for cost, granted, gone in rows(_LOTS)],
        undone=[*jobs, *events],
        bank=await town.bank(),
        lies=town.lies,
    )


def differences(books: Books) -> list[str]:
    """All that is wrong, of nothing wrong nothing."""
    return [
        *_grants(books),
        *_captures(books),
        *_orders(books),
        *_refunds(books),
        *_balances(books),
        *_deferred(books),
        *_money(books),
        *(f"still to be done: {one}" for one in books.undone),
    ]


def _grants(books: Books) -> Iterator[str]:
    """Each captured payment brought the credits of its order, once."""
    ours = _by_gateway_id(books)
    orders = {order.id: order for order in books.orders}
    for payment in _captured(books):
        order = orders[_receipt(books, payment)]
        granted = [one for one in books.purchases if one.payment_id in ours[payment["id"]]]
        if not granted and _is_set_apart(books, payment) and books.lies:
            continue
        yield from _differs(f"grants for {payment['id']}", len(granted), 1)
        for one in granted:
            if not books.lies:
                yield from _differs(f"the order of {payment['id']}", one.order_id, order.id)
                yield from _differs(f"credits for {payment['id']}", one.credits, order.credits)


def _captures(books: Books) -> Iterator[str]:
    """Each grant is of a payment whose money the gateway took."""
    captured = {payment["id"] for payment in _captured(books)}
    gateway_ids = {payment.id: payment.gateway_id for payment in books.payments}
    for one in books.purchases:
        if gateway_ids.get(one.payment_id) not in captured:
            yield f"{one.credits} credits for {one.payment_id}, which nobody paid"


def _orders(books: Books) -> Iterator[str]:
    """An order is paid when it has its credits, and only then; and it has them once."""
    by_order = Counter(one.order_id for one in books.purchases)
    for order in books.orders:
        wanted = int(order.status in _GRANTED)
        yield from _differs(f"grants for {order.id}, {order.status}", by_order[order.id], wanted)
        yield from _differs(f"credits of {order.id}", order.has_credits, order.status in _GRANTED)


def _balances(books: Books) -> Iterator[str]:
    for transaction_id, unit, amount in books.unbalanced:
        yield f"{transaction_id} is out of balance by {amount} {unit}"
    yield from _differs("trial balance", sum(books.accounts.values()), 0)
    yield from _differs("all credits", books.credits, 0)


def _deferred(books: Books) -> Iterator[str]:
    """What is deferred is the cost of what is left in the lots, each rounded by itself."""
    left = sum(
        cost - (2 * cost * gone + granted) // (2 * granted) for cost, granted, gone in books.lots
    )
    yield from _differs("deferred by lots", left, -books.accounts.get("deferred_revenue", 0))


def _money(books: Books) -> Iterator[str]:
    """What we got and are owed is what the gateway took, did not give back, and does not withhold.

    A payment without credits is in our books from the day on which it is settled.
    """
    ours = books.accounts
    taken = sum(p["amount"] for p in _captured(books) if _is_booked(books, p["id"]))
    given = sum(r["amount"] for r in books.bank["refunds"] if _is_booked(books, r["payment_id"], r))
    withheld = sum(d["amount"] for d in books.bank["disputes"] if d["status"] not in _RETURNED)
    here = sum(ours.get(account, 0) for account in _RECEIVED)
    yield from _differs("got and owed by the gateway", here, taken - given - withheld)
    settled = [line for line in books.bank["lines"] if line["settled"]]
    paid_out = sum(line["credit"] - line["debit"] for line in settled)
    yield from _differs("on our bank account", ours.get("bank", 0), paid_out)
    fees = ours.get("expenses.gateway_fees", 0) + ours.get("itc.gst", 0)
    yield from _differs("fees", fees, sum(line["fee"] for line in settled))
    disputed = sum(d["amount"] for d in books.bank["disputes"] if d["status"] in _DISPUTED)
    yield from _differs("disputed", ours.get("disputed", 0), disputed)
    apart = [p for p in _captured(books) if not _has_credits(books, p["id"])]
    held = sum(p["amount"] - p["amount_refunded"] for p in apart if _is_booked(books, p["id"]))
    yield from _differs("owed to payers", ours.get("refunds_payable", 0), -held)


def _is_booked(books: Books, payment_id: str, of: Doc | None = None) -> bool:
    """Whether the payment, or this refund of it, is to be in our books by now."""
    if of is not None and of["status"] != "processed":
        return False
    entity_id = payment_id if of is None else of["id"]
    lines = [line for line in books.bank["lines"] if line["entity_id"] == entity_id]
    return any(line["settled"] for line in lines) or (
        bool(lines) and _has_credits(books, payment_id)
    )


def _has_credits(books: Books, payment_id: str) -> bool:
    ids = _by_gateway_id(books)[payment_id]
    return any(one.payment_id in ids for one in books.purchases)


def _refunds(books: Books) -> Iterator[str]:
    """What went back is what we know of, each once; and nothing is under way for ever."""
    there = {one["id"]: one for one in _given_back(books)}
    # At the dashboard nobody names a key.
    asked_for = {one["id"] for one in books.bank["refunds"] if one.get("receipt")}
    ours = Counter(one.gateway_id for one in books.refunds if one.status == "processed")
    for refund in books.refunds:
        if refund.origin == "gateway" and refund.gateway_id in asked_for:
            yield f"{refund.gateway_id} went back, and nobody wanted it to"
        told = there.get(refund.gateway_id or "", {"amount": 0})
        if refund.status == "processed":
            yield from _differs(f"paise of {refund.id}", refund.paise, told["amount"])
        yield from _differs(f"{refund.id} is under way", refund.status == "pending", there=False)
    for gateway_id in there:
        yield from _differs(f"refunds that are {gateway_id}", ours[gateway_id], 1)


def _captured(books: Books) -> list[Doc]:
    return [payment for payment in books.bank["payments"] if payment["captured"]]


def _given_back(books: Books) -> list[Doc]:
    """What went back of money that was taken, and that we know what it was for."""
    paid = {p["id"] for p in _captured(books) if _has_credits(books, p["id"])}
    refunds = books.bank["refunds"]
    return [one for one in refunds if one["status"] == "processed" and one["payment_id"] in paid]


def _receipt(books: Books, payment: Doc) -> str:
    """Our id of the order that a payment at the gateway is for."""
    (found,) = [one for one in books.bank["orders"] if one["id"] == payment["order_id"]]
    return str(found["receipt"])


def _is_set_apart(books: Books, payment: Doc) -> bool:
    """Whether a person has to look: it is in quarantine, or was told of first for another order."""
    noted = [one for one in books.payments if one.gateway_id == payment["id"]]
    receipt = _receipt(books, payment)
    return any(one.state == "quarantined" or one.order_id != receipt for one in noted)


def _by_gateway_id(books: Books) -> defaultdict[str, set[str]]:
    ours: defaultdict[str, set[str]] = defaultdict(set)
    for payment in books.payments:
        ours[payment.gateway_id].add(payment.id)
    return ours


def _differs(what: str, here: object, there: object) -> Iterable[str]:
    if here != there:
        yield f"{what}: {here} is not {there}"
