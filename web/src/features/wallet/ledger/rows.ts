import { dayHeading, isoDay } from '@/format/times'
import type { Transaction } from '@/api/types'

export type Row =
  | { kind: 'day'; id: string; heading: string; net: number }
  | { kind: 'transaction'; id: string; transaction: Transaction; number: number }

/** The list as it is shown: under each day of the wallet's zone its transactions, newest first. */
export function inDays(transactions: readonly Transaction[], zone: string, now: number): Row[] {
  const rows: Row[] = []
  let day: Extract<Row, { kind: 'day' }> | undefined
  transactions.forEach((transaction, number) => {
    const id = isoDay(transaction.created_at, zone)
    if (day?.id !== id) {
      day = { kind: 'day', id, heading: dayHeading(transaction.created_at, zone, now), net: 0 }
      rows.push(day)
    }
    day.net += transaction.credits
    rows.push({ kind: 'transaction', id: transaction.id, transaction, number })
  })
  return rows
}
