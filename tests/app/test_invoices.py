"""Documents are issued once each, without a gap, and dated by the money."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from hashlib import sha256

import psycopg
import pytest
from msgspec.structs import replace

from billed import issued as billed_document
from desk import Clock
from khata.app.documents.pdf import document_pdf
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.app.topups.opening import GatewayAccess, GatewaySettings
from khata.domain.difference import Difference
from khata.domain.invoice import InvoiceDocument, Numbered
from khata.domain.invoice_number import financial_year, issue_date
from khata.domain.times import microseconds
from khata.engine.books import Unavailable
from khata.postgres.asking import ask_pool, borrowed
from khata.postgres.connect import session_of
from khata.postgres.invoices import Draft, Invoice, invoice_of, issue
from khata.postgres.registries import registry_differences
from khata.postgres.server import Server
from sold import Till, till

SERIES = "select series, year, last from invoice_series order by 1, 2"
YEARS_END = microseconds("2027-03-31T23:59:30+05:30")


async def done(khata: Khata) -> None:
    """Lets the worker do all that is due."""
    while await khata.worker.work_once():
        pass


async def invoice(khata: Khata, subject: str) -> Invoice:
    kind = "invoice" if subject.startswith("ord_") else "credit_note"
    async with borrowed(khata.registries) as connection:
        found = await invoice_of(connection, kind, subject)
    assert found is not None
    return found


async def series(khata: Khata) -> Sequence[tuple[object, ...]]:
    return await ask_pool(khata.registries, SERIES)


def found_wrong(database: Server) -> list[Difference]:
    with psycopg.connect(session_of(database.owner_dsn, "verify")) as owner:
        return list(registry_differences(owner))


async def test_a_paid_order_gets_its_invoice_and_knows_it(khata: Khata, clock: Clock) -> None:
    shop = await till(khata)
    paid = await shop.sell()
    captured_us = clock()
    clock.turn(days=3)
    await done(khata)
    issued = await invoice(khata, paid.id)
    document = issued.document
    assert (document.number, document.issued_at_us) == ("CR/26-27/0000001", captured_us)
    assert document.total_paise == 60_200
    assert document.reference == f"pay_{paid.id}"
    assert not document.is_test
    known = await khata.topups.orders.find(paid.wallet_id, paid.id)
    assert known
    assert known.invoice_id == issued.id
    assert await khata.topups.invoices.list(paid.wallet_id, 10, None) == [issued]


@pytest.mark.parametrize(("key", "is_test"), [("rzp_test_x", True), ("rzp_live_x", False)])
async def test_what_is_paid_in_a_test_mode_says_so(
    settings: KhataSettings, clock: Clock, key: str, is_test: bool
) -> None:
    access = GatewayAccess(None, key, "secret", ("secret",))
    gateways = GatewaySettings(default="razorpay", razorpay=access)
    async with open_khata(replace(settings, gateways=gateways), clock) as khata:
        paid = await (await till(khata)).sell()
        await done(khata)
        assert (await invoice(khata, paid.id)).document.is_test is is_test


async def test_a_step_taken_again_issues_nothing_more(khata: Khata) -> None:
    shop = await till(khata)
    paid = await shop.sell()
    invoices = khata.topups.invoices
    for _ in range(3):
        assert await invoices.step(paid.id, paid.wallet_id) is None
    await ask_pool(khata.registries, "update orders set invoice_id = null")
    await asyncio.gather(*(invoices.step(paid.id, paid.wallet_id) for _ in range(4)))
    known = await khata.topups.orders.find(paid.wallet_id, paid.id)
    assert known
    assert known.invoice_id == (await invoice(khata, paid.id)).id
    assert await series(khata) == [("CR", "26-27", 1)]


async def test_fifty_captures_at_once_are_numbered_without_a_gap(
    settings: KhataSettings, clock: Clock, database: Server
) -> None:
    """Two runtimes, each with its own pool, are at it, and each takes every step."""
    async with open_khata(settings, clock) as one, open_khata(settings, clock) as other:
        shops = [await till(one, f"member {number}") for number in range(10)]
        orders = [await shop.order() for shop in shops for _ in range(5)]
        sellers = [Till(khata, shop.wallet) for shop in shops for khata in (one, other) * 3]
        paid = await asyncio.gather(
            *(seller.pay(placed) for seller, placed in zip(sellers, orders, strict=False))
        )
        assert len(paid) == 50
        steps = [
            khata.topups.invoices.step(order.id, order.wallet_id)
            for order in paid
            for khata in (one, other)
        ]
        await asyncio.gather(done(one), done(other), *steps)
        issued = [await invoice(one, order.id) for order in paid]
        assert sorted(each.document.serial for each in issued) == list(range(1, 51))
        assert await series(one) == [("CR", "26-27", 50)]
        count = await ask_pool(one.registries, "select count(*) from invoices")
        assert count == [(50,)]
    assert found_wrong(database) == []


def draft(shop: Till, subject: str, drawn: Callable[[Numbered], InvoiceDocument]) -> Draft:
    return Draft(
        id=f"inv_{subject}",
        kind="invoice",
        subject=subject,
        wallet_id=shop.wallet.id,
        organization_id=shop.wallet.organization_id,
        at_us=shop.khata.now_us(),
        drawn=drawn,
    )


def drawn(numbered: Numbered) -> InvoiceDocument:
    return replace(
        billed_document(),
        serial=numbered.serial,
        number=f"CR/26-27/{numbered.serial:07}",
        year=financial_year(numbered.at_us),
        issued_at_us=numbered.at_us,
        issued_on=issue_date(numbered.at_us),
    )


async def test_a_number_that_was_taken_goes_back_when_its_taker_dies(
    khata: Khata, database: Server
) -> None:
    shop = await till(khata)

    def killed(numbered: Numbered, server_id: int) -> InvoiceDocument:
        assert numbered.serial == 1
        with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
            owner.execute("select pg_terminate_backend(%s, 5000)", (server_id,))
        return drawn(numbered)

    async def die() -> None:
        async with borrowed(khata.registries) as connection:
            dying = partial(killed, server_id=connection.info.backend_pid)
            await issue(connection, [draft(shop, "ord_1", dying)])

    def unable(_: Numbered) -> InvoiceDocument:
        raise ZeroDivisionError

    with pytest.raises(Unavailable):
        await die()
    async with borrowed(khata.registries) as connection:
        with pytest.raises(ZeroDivisionError):
            await issue(connection, [draft(shop, "ord_1", unable)])
    assert await series(khata) == []
    async with borrowed(khata.registries) as connection:
        (issued,) = await issue(connection, [draft(shop, "ord_2", drawn)])
    assert issued.document.number == "CR/26-27/0000001"


async def test_many_are_numbered_at_once_and_those_there_are_stay(khata: Khata) -> None:
    shop = await till(khata)
    async with borrowed(khata.registries) as connection:
        (first,) = await issue(connection, [draft(shop, "ord_2", drawn)])
        many = [draft(shop, f"ord_{number}", drawn) for number in (1, 2, 3)]
        issued = await issue(connection, many)
    assert [each.document.serial for each in issued] == [2, 1, 3]
    assert issued[1] == first
    assert await series(khata) == [("CR", "26-27", 3)]


async def test_each_financial_year_counts_anew_and_the_moneys_day_decides(
    khata: Khata, clock: Clock
) -> None:
    """Drawn up on 1 April, the invoice of a payment of 31 March is of the old year."""
    shop = await till(khata)
    clock.at_us = YEARS_END
    old = await shop.sell()
    clock.turn(seconds=60)
    new = await shop.sell()
    await done(khata)
    first, second = [await invoice(khata, paid.id) for paid in (old, new)]
    assert (first.document.number, first.document.issued_on) == (
        "CR/26-27/0000001",
        date(2027, 3, 31),
    )
    assert (second.document.number, second.document.issued_on) == (
        "CR/27-28/0000001",
        date(2027, 4, 1),
    )


async def test_a_refund_gets_a_credit_note_in_a_series_of_its_own(
    khata: Khata, clock: Clock, database: Server
) -> None:
    shop = await till(khata)
    paid = await shop.sell()
    await done(khata)
    clock.turn(days=40)
    refund_id = await shop.refund(paid, 30_000)
    decided_us = clock()
    clock.turn(days=1)
    for _ in range(2):
        assert await shop.invoices.step(refund_id, paid.wallet_id) is None
    note, billed = await invoice(khata, refund_id), await invoice(khata, paid.id)
    document = note.document
    assert (document.number, document.issued_at_us) == ("CN/26-27/0000001", decided_us)
    assert document.original
    assert document.original.number == billed.document.number
    assert (document.total_paise, document.credits) == (35_400, 3_500)
    assert (document.reference, document.reason) == (f"rfnd_{refund_id}", "Not needed")
    noted = await ask_pool(khata.registries, "select credit_note_id from refunds")
    assert noted == [(note.id,)]
    listed = await khata.topups.invoices.list(paid.wallet_id, 10, None)
    assert listed == [note, billed]
    assert found_wrong(database) == []
    assert await series(khata) == [("CN", "26-27", 1), ("CR", "26-27", 1)]


async def test_a_credit_note_waits_for_the_money_and_for_its_invoice(
    khata: Khata, clock: Clock
) -> None:
    shop = await till(khata)
    paid = await shop.sell()
    refund_id = await shop.refund(paid, 10_000, "pending")
    invoices = shop.invoices
    assert await invoices.step(refund_id, paid.wallet_id) == clock() + 900_000_000
    await ask_pool(khata.registries, "update refunds set status = 'processed'")
    assert await invoices.step(refund_id, paid.wallet_id) == clock() + 1_000_000
    await done(khata)
    assert await invoices.step(refund_id, paid.wallet_id) is None
    assert (await invoice(khata, refund_id)).document.serial == 1
    failed_id = await shop.refund(paid, 10_000, "failed")
    assert await invoices.step(failed_id, paid.wallet_id) is None
    assert await series(khata) == [("CN", "26-27", 1), ("CR", "26-27", 1)]


async def test_a_document_is_the_same_to_the_byte_after_a_restart(
    settings: KhataSettings, clock: Clock
) -> None:
    digests: list[str] = []
    async with open_khata(settings, clock) as khata:
        shop = await till(khata)
        paid = await shop.sell()
        await done(khata)
        first = await invoice(khata, paid.id)
        digests.append(sha256(document_pdf(first.document)).hexdigest())
    clock.turn(days=400)
    async with open_khata(settings, clock) as khata:
        again = await khata.topups.invoices.find(first.id)
        assert again
        assert again == first
        digests.append(sha256(document_pdf(again.document)).hexdigest())
    assert digests[0] == digests[1]
