"""Invoices of what was paid, and credit notes of what went back: issued once each, and found.

A document is dated by the ledger, not by when it is drawn up: the day of the money is its day, and
so its financial year too, whenever a worker comes to it.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

from khata.app.topups.gateways import Gateways
from khata.app.topups.terms import SalesTerms
from khata.domain import invoice as documents
from khata.domain.ids import TransactionId, WalletId, is_id
from khata.domain.invoice import Refunded, Sale
from khata.domain.orders import SECOND_US
from khata.engine.ids import UlidMint
from khata.postgres import invoices as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.history import transaction
from khata.postgres.invoices import Draft, Invoice
from khata.postgres.orders import Order, order, set_invoice
from khata.postgres.payments import payment
from khata.postgres.refunds import Refund, set_credit_note
from khata.postgres.refunds import refund as find_refund

# A refund that waits for its gateway is looked at again, should nobody wish for its note meanwhile.
_PENDING_REFUND_US = 15 * 60 * SECOND_US
_AT_ONCE = 200


class Invoices:
    """Issues documents, and finds them."""

    def __init__(
        self, pool: Pool, terms: SalesTerms, gateways: Gateways, now_us: Callable[[], int]
    ) -> None:
        self._pool = pool
        self._terms = terms
        self._gateways = gateways
        self._now_us = now_us
        self._mint = UlidMint()

    async def step(self, subject: str, wallet_id: WalletId) -> int | None:
        """Issues the invoice of a paid order or the credit note of a refund, and notes it there.

        When to look again, if ever. Raises `Unavailable`.
        """
        async with borrowed(self._pool) as connection:
            if is_id(subject, "ord_"):
                await self._bill(connection, subject, wallet_id)
                return None
            return await self._credit(connection, subject, wallet_id)

    async def find(self, invoice_id: str) -> Invoice | None:
        """The document of that id, whosever it is."""
        if not is_id(invoice_id, "inv_"):
            return None
        async with borrowed(self._pool) as connection:
            return await store.invoice(connection, invoice_id)

    async def list(self, wallet_id: WalletId, limit: int, before: str | None) -> list[Invoice]:
        """Up to `limit` of the wallet's documents with ids below `before`, newest first."""
        async with borrowed(self._pool) as connection:
            return await store.invoices_of_wallet(connection, wallet_id, limit, before)

    async def stream(self, wallet_id: WalletId) -> AsyncIterator[Invoice]:
        """All of the wallet's documents, newest first."""
        before: str | None = None
        while page := await self.list(wallet_id, _AT_ONCE, before):
            for each in page:
                yield each
            before = page[-1].id

    async def of_same_orders(self, some: Sequence[Invoice]) -> Sequence[Invoice]:
        """All documents of the orders of these, which are of one wallet: an invoice and the credit
        notes that reduce it. Oldest first."""
        if not some:
            return ()
        orders = sorted({each.document.order_id for each in some})
        async with borrowed(self._pool) as connection:
            return await store.invoices_of_orders(connection, some[0].wallet_id, orders)

    async def _bill(self, connection: Connection, order_id: str, wallet_id: WalletId) -> None:
        paid = await order(connection, wallet_id, order_id)
        assert paid is not None, f"{order_id} is missing"
        if paid.invoice_id is not None:
            return
        sale = await _sale(connection, paid, is_test=self._gateways.is_test(paid.provider))
        draft = Draft(
            id=self._new_id(wallet_id),
            kind="invoice",
            subject=paid.id,
            wallet_id=wallet_id,
            organization_id=paid.organization_id,
            at_us=await _booked_us(connection, wallet_id, paid.transaction_id),
            drawn=partial(documents.invoice, self._terms.seller, paid.recipient.buyer, sale),
        )
        (issued,) = await store.issue(connection, [draft])
        await set_invoice(connection, paid, issued.id, self._now_us())

    async def _credit(
        self, connection: Connection, refund_id: str, wallet_id: WalletId
    ) -> int | None:
        refund = await find_refund(connection, wallet_id, refund_id)
        assert refund is not None, f"{refund_id} is missing"
        if refund.status == "failed" or refund.credit_note_id is not None:
            return None
        if refund.status != "processed":
            return self._now_us() + _PENDING_REFUND_US
        billed = await store.invoice_of(connection, "invoice", refund.order_id)
        if billed is None:
            return self._now_us() + SECOND_US
        draft = Draft(
            id=self._new_id(wallet_id),
            kind="credit_note",
            subject=refund.id,
            wallet_id=wallet_id,
            organization_id=refund.organization_id,
            at_us=await _decided_us(connection, refund),
            drawn=partial(documents.credit_note, billed.document, _refunded(refund)),
        )
        (issued,) = await store.issue(connection, [draft])
        await set_credit_note(connection, refund, issued.id, self._now_us())
        return None

    def _new_id(self, wallet_id: WalletId) -> str:
        return "inv_" + self._mint.for_wallet(wallet_id)


async def _sale(connection: Connection, paid: Order, *, is_test: bool) -> Sale:
    assert paid.payment_id is not None, f"{paid.id} is not paid"
    captured = await payment(connection, paid.wallet_id, paid.payment_id)
    assert captured is not None, f"{paid.payment_id} is missing"
    return Sale(
        order_id=paid.id,
        wallet_id=paid.wallet_id,
        payment_id=captured.id,
        reference=captured.gateway_payment_id,
        payment_method=captured.method,
        base_credits=paid.quote.base_credits,
        bonus_credits=paid.quote.bonus_credits,
        tax=paid.tax,
        place=paid.recipient.place,
        is_test=is_test,
    )


def _refunded(refund: Refund) -> Refunded:
    return Refunded(
        refund_id=refund.id,
        reference=refund.gateway_refund_id or "",
        reason=refund.reason,
        back=refund.back,
    )


async def _decided_us(connection: Connection, refund: Refund) -> int:
    if refund.transaction_id is None:  # no credits were left to go with the money
        return refund.created_at_us
    return await _booked_us(connection, refund.wallet_id, refund.transaction_id)


async def _booked_us(
    connection: Connection, wallet_id: WalletId, transaction_id: str | None
) -> int:
    assert transaction_id is not None, "what is paid is in the ledger"
    booked = await transaction(connection, wallet_id, TransactionId(transaction_id))
    assert booked is not None, f"{transaction_id} is missing"
    return booked.at_us
