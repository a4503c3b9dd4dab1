import type { TransactionFilter } from '@/react'

/** Where the server streams all that the filter finds. */
export function csvUrl(walletId: string, filter: TransactionFilter): string {
  const asked = Object.entries(filter).map(([name, value]) => [name, String(value)])
  const query = new URLSearchParams(asked).toString()
  return `/v1/wallets/${walletId}/transactions.csv${query && `?${query}`}`
}
