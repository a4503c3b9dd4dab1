import { keepPreviousData } from '@tanstack/react-query'
import { useKhata } from '../context'

export interface UsagePeriod {
  /** RFC 3339; without both, the last 30 days of the wallet's zone. */
  from?: string
  to?: string
  category?: string
  memberId?: string
}

const KEPT = { placeholderData: keepPreviousData } as const

/** What was used: in figures, over time and by category. The server has reckoned all of it. */
export function useUsageAnalytics(walletId: string, { memberId, ...period }: UsagePeriod = {}) {
  const { queries } = useKhata()
  const path = { wallet_id: walletId }
  const query = { ...period, ...(memberId ? { member_id: memberId } : {}) }
  const asked = { params: { path, query } }
  const summary = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/summary', asked, KEPT)
  const series = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/series', asked, KEPT)
  const breakdown = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/breakdown', asked, KEPT)
  return {
    summary: summary.data,
    series: series.data,
    breakdown: breakdown.data,
    isPending: summary.isPending || series.isPending || breakdown.isPending,
    error: summary.error ?? series.error ?? breakdown.error,
  }
}
