import { useEffect, useMemo } from 'react'
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import type { paths } from '../../api/schema'
import { useKhata } from '../context'
import { joined, type Pages } from './newestFirst'

const LIST = '/v1/wallets/{wallet_id}/transactions'

type List = paths[typeof LIST]['get']
type Asked = NonNullable<List['parameters']['query']>
type Page = List['responses']['200']['content']['application/json']

export type TransactionFilter = Omit<Asked, 'limit' | 'cursor' | 'count' | 'count_far'>

const PAGE = 200

/**
 * A wallet's transactions, newest first, page by page. Filters are the server's. Only the newest
 * page is asked for again when something happens; `more` fetches the next older one.
 */
export function useWalletTransactions(
  walletId: string,
  filter: TransactionFilter = {},
  limit = PAGE,
) {
  const client = useQueryClient()
  const ask = useAsk(walletId, filter, limit)
  const key = ['get', LIST, { params: { path: { wallet_id: walletId }, query: filter } }, limit]
  const newest = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => ask({ count: true }, signal),
    placeholderData: keepPreviousData,
  })
  const pagesKey = ['pages', ...key]
  const older = useInfiniteQuery({
    queryKey: pagesKey,
    queryFn: ({ pageParam: cursor, signal }) => ask(cursor ? { cursor } : {}, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled: false, // its first page is the newest; the others are asked for one by one
    structuralSharing: false, // to compare a long list with itself takes longer than to ask for it
  })
  // While a filter's answer is on its way, both stand for the filter before it.
  const known = older.isPlaceholderData && !newest.isPlaceholderData ? undefined : older.data
  const first = newest.isPlaceholderData && !older.isPlaceholderData ? undefined : newest.data
  const pages = useMemo(() => joined(known, first), [known, first])
  const isToKeep = !newest.isPlaceholderData && pages !== older.data
  useEffect(() => {
    if (isToKeep) client.setQueryData<Pages<Page>>(pagesKey, pages)
  })
  const transactions = useMemo(() => pages?.pages.flatMap((page) => page.data), [pages])
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError: isStuck } = older
  const fetchMore = () => void older.fetchNextPage()
  return {
    transactions,
    count: newest.data?.count ?? null,
    countIsCapped: newest.data?.count_is_capped ?? false,
    error: newest.error,
    refetch: newest.refetch,
    dataUpdatedAt: newest.dataUpdatedAt,
    isPlaceholderData: newest.isPlaceholderData,
    hasNextPage,
    /** Fetches the next older page, where there is one, it is not on its way and did not fail. */
    more: hasNextPage && !isFetchingNextPage && !isStuck ? fetchMore : null,
    /** Why the next older page did not come, and how to ask again. */
    stuck: isStuck ? { error: older.error, retry: fetchMore } : null,
  }
}

type Place = Pick<Asked, 'cursor' | 'count'>

function useAsk(walletId: string, filter: TransactionFilter, limit: number) {
  const { khata } = useKhata()
  return async (place: Place, signal: AbortSignal): Promise<Page> => {
    const path = { wallet_id: walletId }
    const params = { path, query: { ...filter, limit, ...place } }
    const { data } = await khata.api.GET(LIST, { params, signal })
    if (!data) throw new Error('The server answered nothing.')
    return data
  }
}
