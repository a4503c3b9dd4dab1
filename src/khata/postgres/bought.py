"""What a batch writes of money: the orders whose credits it brings, paid in the same commit."""

from collections.abc import Iterator, Sequence

from khata.domain.ids import bucket_of
from khata.domain.ledger import Transaction
from khata.postgres import news
from khata.postgres.binary import int2s, texts, times
from khata.postgres.jobs import WantedJob, wishes
from khata.postgres.wire import Statement

INVOICE_JOB = "invoice"
REVIEW_JOB = "review"

# So long somebody may decide a review; then the worker looks at it.
_REVIEWED_AFTER_US = 24 * 3_600 * 1_000_000

# An order is paid in the commit that its credits come by; a payment that was meant for it but came
# second breaks a constraint, and brings nothing.
MARK_ORDERS = """
update orders o set status = n.status, transaction_id = n.transaction_id,
  payment_id = n.payment_id, failure_code = null, failure_message = null, updated_at = n.at
from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
  $7::timestamptz[]) as n (bucket, wallet_id, order_id, payment_id, transaction_id, status, at)
where o.bucket = n.bucket and o.wallet_id = n.wallet_id and o.id = n.order_id"""

TELL_ORDERS = f"""
insert into news ({news.COLUMNS})
select bucket_, id_, organization_, wallet_, 'order.updated', order_, at_
from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
  as paid (bucket_, id_, organization_, wallet_, order_, at_)"""

MARK_PAYMENTS = """
update payments p set state = 'captured', transaction_id = n.transaction_id, updated_at = n.at
from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
  as n (bucket, wallet_id, payment_id, transaction_id, at)
where p.bucket = n.bucket and p.wallet_id = n.wallet_id and p.id = n.payment_id"""


def bought(transactions: Sequence[Transaction]) -> Iterator[Statement]:
    """The statements that mark orders and payments of these purchases, and wish for invoices."""
    purchases = [t for t in transactions if t.type == "CREDIT_PURCHASE" and t.facts.order_id]
    if not purchases:
        return
    # Credits that are locked without a wish of its own were bought under review.
    locked = {t.source_id for t in transactions if t.type == "LOCK" and not t.idempotency_key}
    statuses = ["review" if t.source_id in locked else "paid" for t in purchases]
    buckets = int2s([bucket_of(t.wallet_id) for t in purchases])
    wallets = texts([t.wallet_id for t in purchases])
    orders = texts([t.facts.order_id for t in purchases])
    payments = texts([t.source_id for t in purchases])
    own, at = texts([t.id for t in purchases]), times([t.at_us for t in purchases])
    yield MARK_ORDERS, (buckets, wallets, orders, payments, own, texts(statuses), at)
    ids = texts([news.news_id(t.wallet_id) for t in purchases])
    organizations = texts([t.organization_id for t in purchases])
    yield TELL_ORDERS, (buckets, ids, organizations, wallets, orders, at)
    yield MARK_PAYMENTS, (buckets, wallets, payments, own, at)
    reviewed = [t for t in purchases if t.source_id in locked]
    wanted = [*map(_invoice_of, purchases), *map(_review_of, reviewed)]
    yield wishes(wanted, purchases[-1].at_us)


def _invoice_of(t: Transaction) -> WantedJob:
    return _job(INVOICE_JOB, t, t.at_us)


def _review_of(t: Transaction) -> WantedJob:
    return _job(REVIEW_JOB, t, t.at_us + _REVIEWED_AFTER_US)


def _job(kind: str, t: Transaction, run_at_us: int) -> WantedJob:
    order_id = t.facts.order_id
    assert order_id is not None, f"{t.id} is of no order"
    return WantedJob(kind=kind, subject=order_id, wallet_id=t.wallet_id, run_at_us=run_at_us)
