"""Invoices and credit notes: issued with a number that has no gap before it, and read back.

The row of a series and its financial year is locked until the commit, so that numbers follow each
other as the documents do. Whether a subject has its document already is asked under that lock: who
comes second takes no number, and what is rolled back gives its number back.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.invoice import InvoiceDocument, Numbered, decoded, encoded
from khata.domain.invoice_number import DocumentKind, financial_year, series_of
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import int8s, texts, times

TAKE_NUMBERS = """
insert into invoice_series as s (series, year, last) values ($1, $2, $3)
on conflict (series, year) do update set last = s.last + excluded.last
returning last"""

# Only under the lock, and only what was taken under it.
GIVE_BACK_NUMBERS = """
update invoice_series set last = last - $3 where series = $1 and year = $2"""

_FIELDS = "id, organization_id, wallet_id, subject, document"

INSERT_INVOICES = f"""
insert into invoices ({_FIELDS}, kind, series, year, serial, number, issued_at)
select id_, organization_, wallet_, subject_, document_, $6, $7, $8, serial_, number_, at_
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $9::bigint[], $10::text[],
  $11::timestamptz[])
  as issued (id_, organization_, wallet_, subject_, document_, serial_, number_, at_)"""

ISSUED = f"select {_FIELDS} from invoices where kind = $1 and subject = any($2::text[])"

INVOICE = f"select {_FIELDS} from invoices where id = $1"

INVOICES_OF_WALLET = f"""
select {_FIELDS} from invoices where wallet_id = $1 and id < $2 order by id desc limit $3"""

# An order's invoice, and the credit notes of its refunds, oldest first.
INVOICES_OF_ORDERS = f"""
select {_FIELDS} from invoices where kind = 'invoice' and subject = any($3::text[])
union all
select {_FIELDS} from invoices where kind = 'credit_note' and subject in (
  select id from refunds where bucket = $1 and wallet_id = $2 and order_id = any($3::text[]))
order by id"""

# Above every id, as "inv_" is followed by digits and capitals.
_ABOVE_ALL = "inv_~"


class Draft(Struct, frozen=True, kw_only=True):
    """A document to be issued. `drawn` makes it when its number is known.

    `subject` is the order that it bills or the refund that it credits. `at_us` decides the day on
    the document, and the financial year that it is numbered in.
    """

    id: str
    kind: DocumentKind
    subject: str
    wallet_id: WalletId
    organization_id: OrganizationId
    at_us: int
    drawn: Callable[[Numbered], InvoiceDocument]


class Invoice(Struct, frozen=True, kw_only=True):
    """An issued document, as it was and always will be."""

    id: str
    organization_id: OrganizationId
    wallet_id: WalletId
    subject: str
    document: InvoiceDocument


async def issue(connection: Connection, drafts: Sequence[Draft]) -> list[Invoice]:
    """The documents of these subjects, each once: those there are, and the others issued now.

    All are of one kind and of one financial year, and each of another subject.
    """
    kind, year = drafts[0].kind, financial_year(drafts[0].at_us)
    assert all((d.kind, financial_year(d.at_us)) == (kind, year) for d in drafts), "mixed series"
    series = (series_of(kind), year)
    async with connection.transaction():
        last = int((await ask(connection, TAKE_NUMBERS, *series, len(drafts)))[0][0])
        subjects = texts([draft.subject for draft in drafts])
        known = {row[3]: _invoice(row) for row in await ask(connection, ISSUED, kind, subjects)}
        new = [draft for draft in drafts if draft.subject not in known]
        if known:
            await ask(connection, GIVE_BACK_NUMBERS, *series, len(known))
        first = last - len(drafts) + 1
        issued = [_issued(draft, serial) for serial, draft in enumerate(new, first)]
        if issued:
            await _insert(connection, kind, series, issued)
    return [known.get(draft.subject) or issued[new.index(draft)] for draft in drafts]


async def invoice(connection: Connection, invoice_id: str) -> Invoice | None:
    """The document of that id, whosever it is."""
    rows = await ask(connection, INVOICE, invoice_id)
    return _invoice(rows[0]) if rows else None


async def invoice_of(connection: Connection, kind: DocumentKind, subject: str) -> Invoice | None:
    """The invoice of an order, or the credit note of a refund."""
    rows = await ask(connection, ISSUED, kind, texts([subject]))
    return _invoice(rows[0]) if rows else None


async def invoices_of_wallet(
    connection: Connection, wallet_id: WalletId, limit: int, before: str | None
) -> list[Invoice]:
    """Up to `limit` of the wallet's documents with ids below `before`, newest first."""
    asked = (wallet_id, before or _ABOVE_ALL, limit)
    return [_invoice(row) for row in await ask(connection, INVOICES_OF_WALLET, *asked)]


async def invoices_of_orders(
    connection: Connection, wallet_id: WalletId, order_ids: Sequence[str]
) -> list[Invoice]:
    """All documents of these orders of the wallet, oldest first."""
    asked = (bucket_of(wallet_id), wallet_id, texts(order_ids))
    return [_invoice(row) for row in await ask(connection, INVOICES_OF_ORDERS, *asked)]


async def _insert(
    connection: Connection, kind: DocumentKind, series: tuple[str, str], issued: Sequence[Invoice]
) -> None:
    documents = [one.document for one in issued]
    await ask(
        connection,
        INSERT_INVOICES,
        texts([one.id for one in issued]),
        texts([one.organization_id for one in issued]),
        texts([one.wallet_id for one in issued]),
        texts([one.subject for one in issued]),
        texts([encoded(document) for document in documents]),
        *(kind, *series),
        int8s([document.serial for document in documents]),
        texts([document.number for document in documents]),
        times([document.issued_at_us for document in documents]),
    )


def _issued(draft: Draft, serial: int) -> Invoice:
    return Invoice(
        id=draft.id,
        organization_id=draft.organization_id,
        wallet_id=draft.wallet_id,
        subject=draft.subject,
        document=draft.drawn(Numbered(serial, draft.at_us)),
    )


def _invoice(row: Row) -> Invoice:
    return Invoice(
        id=row[0],
        organization_id=row[1],
        wallet_id=row[2],
        subject=row[3],
        document=decoded(row[4]),
    )
