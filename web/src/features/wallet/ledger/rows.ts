import { dayHeading, isoDay } from '@/format/times'
import type { Transaction } from '@/api/types'

export type Row =
  | { kind: 'day'; id: string; heading: string; change: number | null }
  | { kind: 'transaction'; id: string; transaction: Transaction; number: number }

/**
 * The list as it is shown: under each day of the wallet's zone its transactions, newest first.
 * `changes` has what each day, as 2026-11-24, did to the balance, where that is known.
 */
export function inDays(
  transactions: readonly Transaction[],
  zone: string,
  now: number,
  changes: ReadonlyMap<string, number> = new Map(),
): Row[] {
  const rows: Row[] = []
  let day: string | undefined
  transactions.forEach((transaction, number) => {
    const id = dayOf(transaction, zone)
    if (day !== id) {
      const heading = dayHeading(transaction.created_at, zone, now)
      rows.push({ kind: 'day', id, heading, change: changes.get(id) ?? null })
      day = id
    }
    rows.push({ kind: 'transaction', id: transaction.id, transaction, number })
  })
  return rows
}

/** A calendar is slow to ask: each transaction's day is found once, however long the list grows. */
const days = new WeakMap<Transaction, { zone: string; day: string }>()

function dayOf(transaction: Transaction, zone: string): string {
  const known = days.get(transaction)
  if (known?.zone === zone) return known.day
  const day = isoDay(transaction.created_at, zone)
  days.set(transaction, { zone, day })
  return day
}
