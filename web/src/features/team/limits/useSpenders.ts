import { useKhata } from '@/react'
import { monthStart } from '@/format/times'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { useNow } from '@/ui/useNow'
import { sharedBudget, spenders, type Spender } from './rows'

const MOST = 200

/** Everybody who uses the wallet's credits, with what holds them; and what may not be seen is left out. */
export function useSpenders() {
  const { queries } = useKhata()
  const { wallet } = useChosenWallet()
  const now = useNow()
  const maySeeKeys = useMay('keys:write')
  const maySeeLimits = useMay('budgets:read')
  const all = { limit: MOST }
  const members = queries.useQuery('get', '/v1/members', { params: { query: all } })
  const keys = queries.useQuery(
    'get',
    '/v1/api-keys',
    { params: { query: all } },
    { enabled: maySeeKeys },
  )
  const budgets = queries.useQuery(
    'get',
    '/v1/budgets',
    { params: { query: { ...all, wallet_id: wallet.id } } },
    { enabled: maySeeLimits },
  )
  const month = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/team', {
    params: {
      path: { wallet_id: wallet.id },
      query: { ...all, from: monthStart(now, wallet.time_zone) },
    },
  })
  const shared = sharedBudget(budgets.data?.data ?? [])
  const ofShared = queries.useQuery(
    'get',
    '/v1/budgets/{budget_id}/usage',
    { params: { path: { budget_id: shared?.id ?? '' }, query: all } },
    { enabled: shared !== null },
  )
  const asked = [members, month, ...(maySeeKeys ? [keys] : []), ...(maySeeLimits ? [budgets] : [])]
  const failed = asked.find(({ error }) => error)
  const rows: Spender[] | undefined = asked.every(({ data }) => data)
    ? spenders({
        members: members.data?.data.filter(({ state }) => state === 'active') ?? [],
        keys: keys.data?.data ?? [],
        budgets: budgets.data?.data ?? [],
        month: new Map(
          month.data?.data.map(({ member_id, credits_used }) => [member_id ?? '', credits_used]),
        ),
        ofShared: new Map(ofShared.data?.data.map(({ subject, used }) => [subject ?? '', used])),
      })
    : undefined
  return {
    rows,
    error: failed?.error ?? null,
    onRetry: () => asked.forEach(({ refetch }) => void refetch()),
  }
}
