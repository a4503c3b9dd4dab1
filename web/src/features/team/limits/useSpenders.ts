import { useEffect } from 'react'
import { useKhata } from '@/react'
import { monthStart } from '@/format/times'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { usePages } from '@/ui/table'
import { useNow } from '@/ui/useNow'
import { sharedBudget, spenders, type Spender } from './rows'

const MOST = 200

/**
 * Everybody who uses the wallet's credits, with what holds them, page by page: people first, and
 * keys once all of those are there. What may not be seen is left out.
 */
export function useSpenders() {
  const members = useMembers()
  const keys = useKeys()
  const budgets = useMemberBudgets()
  const month = useMonth()
  const ofShared = useShared(budgets.rows ?? [])
  const lists = [
    members,
    month,
    ...(keys.may ? [keys] : []),
    ...(budgets.may ? [budgets, ofShared] : []),
  ]
  const rows: Spender[] | undefined =
    lists.every((list) => list.rows) && !budgets.more
      ? spenders({
          members: members.rows ?? [],
          keys: members.more ? [] : (keys.rows ?? []),
          budgets: budgets.rows ?? [],
          month: {
            of: new Map(month.rows?.map((each) => [each.member_id ?? '', each.credits_used])),
            others: month.isWhole ? 0 : null,
          },
          ofShared: {
            of: new Map(ofShared.rows?.map(({ subject, used }) => [subject ?? '', used])),
            others: ofShared.rows?.length === MOST ? null : 0,
          },
        })
      : undefined
  return {
    rows,
    error: lists.map(({ error }) => error).find(Boolean) ?? null,
    onRetry: () => lists.forEach(({ onRetry }) => onRetry()),
    more: members.more ?? keys.more,
    isLoadingMore: members.isLoadingMore || keys.isLoadingMore,
  }
}

function useMembers() {
  const { khata } = useKhata()
  const query = { state: 'active', limit: MOST } as const
  return usePages(['get', '/v1/members', { params: { query } }], (cursor, signal) =>
    khata.api.GET('/v1/members', { params: { query: { ...query, ...cursor } }, signal }),
  )
}

function useKeys() {
  const { khata } = useKhata()
  const may = useMay('keys:write')
  const query = { limit: MOST }
  const list = usePages(
    ['get', '/v1/api-keys', { params: { query } }],
    (cursor, signal) =>
      khata.api.GET('/v1/api-keys', { params: { query: { ...query, ...cursor } }, signal }),
    may,
  )
  return { ...list, may }
}

/** Each page of them is asked for: any may hold somebody who is on the page. */
function useMemberBudgets() {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const may = useMay('budgets:read')
  const query = { wallet_id: wallet.id, level: 'member', limit: MOST } as const
  const list = usePages(
    ['get', '/v1/budgets', { params: { query } }],
    (cursor, signal) =>
      khata.api.GET('/v1/budgets', { params: { query: { ...query, ...cursor } }, signal }),
    may,
  )
  const { error, more, isLoadingMore } = list
  useEffect(() => {
    if (!error && !isLoadingMore) more?.()
  })
  return { ...list, may }
}

/** What the members used this month, those who used the most; and whether that is all who did. */
function useMonth() {
  const { queries } = useKhata()
  const { wallet } = useChosenWallet()
  const now = useNow()
  const { data, error, refetch } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/team', {
    params: {
      path: { wallet_id: wallet.id },
      query: { limit: MOST, from: monthStart(now, wallet.time_zone) },
    },
  })
  return {
    rows: data?.data,
    isWhole: data?.other === null,
    error,
    onRetry: () => void refetch(),
  }
}

/** What each has used of the limit that holds everybody, where there is one. */
function useShared(budgets: Parameters<typeof sharedBudget>[0]) {
  const { queries } = useKhata()
  const shared = sharedBudget(budgets)
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/v1/budgets/{budget_id}/usage',
    { params: { path: { budget_id: shared?.id ?? '' }, query: { limit: MOST } } },
    { enabled: shared !== null },
  )
  return {
    rows: shared ? data?.data : [],
    error,
    onRetry: () => {
      if (shared) void refetch()
    },
  }
}
