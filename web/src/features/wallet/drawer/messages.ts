import type { ReactNode } from 'react'
import type { Order, Receipt } from '@/api/types'
import { count, money, plural } from '@/format/numbers'

type Fault = NonNullable<Receipt['chain']['fault']>

/** What the drawer says. */
export const says = {
  close: 'Close',
  what: 'transaction',
  ids: {
    transaction: 'transaction ID',
    grant: 'grant ID',
    before: 'hash before',
    hash: 'hash',
    of: (name: string) => name.toLowerCase(),
  },
  copyLink: 'Copy link',
  linkCopied: 'Link copied',
  loading: 'Loading the transaction',
  notLoaded: 'This transaction could not be loaded.',
  json: { show: 'View as JSON', hide: 'Hide JSON', label: 'Receipt as JSON' },
  credits: ' credits',
  worth: (paise: number) => `Worth ${money(paise)}.`,
  paid: (paise: number) => `Paid ${money(paise)} including fee and GST.`,
  balance: (before: number, after: number, strong: (text: string) => ReactNode) => [
    `Balance went from ${count(before)} to `,
    strong(count(after)),
    '.',
  ],
  refund: {
    act: 'Refund credits',
    title: 'Refund these credits?',
    text: 'What is left of the charge goes back to the grants it was drawn from.',
    reason: 'Reason',
    reasonHint: 'It failed',
    done: 'Refunded',
    wentBack: (credits: number) => `${plural(credits, 'credit')} went back.`,
  },
  entries: {
    title: 'Ledger entries',
    balanced: 'Balanced',
    account: 'Account',
    debit: 'Debit',
    credit: 'Credit',
    totals: { CREDIT: 'Total, credits', INR: 'Total, rupees' } as Record<string, string>,
  },
  happened: {
    title: 'What happened',
    requested: 'Requested',
    byPlatform: 'By the platform, for nobody in particular',
    byRecharge: 'By auto-recharge',
    reservedBefore: (credits: number) => `${plural(credits, 'credit')} reserved`,
    reservedFor: 'Set aside until it was known what the work costs.',
    priced: (version: number) => `Priced from matrix v${version}`,
    price: (credits: number, per: number, unit: string) =>
      `${plural(credits, 'credit')} per ${per === 1 ? unit : `${count(per)} ${unit}s`}`,
    used: (quantity: number) => `, ${count(quantity)} used`,
    capped: (cap: string) => `Counted against the ${cap} cap`,
    cap: (before: number, after: number, limit: number) =>
      `${count(before)} before, ${count(after)} after, of ${count(limit)} a day`,
    risk: (score: number) => `Risk score ${count(score)} of 100`,
    credited: 'Credited to',
    drawn: 'Drawn from',
    lot: (credits: number, kind: string) =>
      `${plural(Math.abs(credits), 'credit')} of the ${kind} grant`,
    reserved: 'Reserved',
    settles: 'Settles when the work is done.',
    posted: 'Posted',
    written: 'Written once. It cannot be changed.',
  },
  decisions: {
    allow: 'Low enough to go on at once.',
    review: 'High enough for somebody to look at it.',
    block: 'High enough to be blocked.',
  } satisfies Record<Order['risk']['decision'], string>,
  details: {
    title: 'Details',
    category: 'Category',
    sequence: 'Sequence',
    note: 'Note',
    paidBy: 'Paid by',
    key: 'Idempotency key',
    source: 'Source',
    order: 'Order',
    other: 'Other wallet',
    invoice: 'Invoice',
  },
  methods: {
    upi: 'UPI',
    debit: 'Debit card',
    credit: 'Credit card',
    netbanking: 'Net banking',
    wallet: 'Wallet',
  } satisfies Record<Order['payment_method'], string>,
  chain: {
    title: 'Hash chain',
    verified: 'Verified',
    broken: 'Not verified',
    computed: (sequence: number) =>
      `Transaction ${count(sequence)} of this wallet. Its hash was computed anew just now, and it fits between its neighbours.`,
    before: 'Before',
    this: 'This',
  },
  faults: {
    content:
      'This row is not what was written: what is stored does not come to its hash. Somebody changed it.',
    before:
      'This row does not continue the one before it: that one was changed, or a row is missing.',
    after: 'What comes after this row does not continue it: a row was changed, or is missing.',
  } satisfies Record<Fault, string>,
  faultNext: 'Run khata verify: it names each row that is wrong.',
}
