import type { TransactionFilter } from '@/react'

/** Where the server streams all that the filter finds. */
export function csvUrl(walletId: string, filter: TransactionFilter): string {
  const query = new URLSearchParams(filter).toString()
  return `/v1/wallets/${walletId}/transactions.csv${query && `?${query}`}`
}
