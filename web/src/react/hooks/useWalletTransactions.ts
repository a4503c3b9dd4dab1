import { useMemo } from 'react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import type { paths } from '../../api/schema'
import { useKhata } from '../context'

type Asked = NonNullable<
  paths['/v1/wallets/{wallet_id}/transactions']['get']['parameters']['query']
>

export type TransactionFilter = Omit<Asked, 'limit' | 'cursor' | 'count'>

const PAGE = 200

/** A wallet's transactions, newest first, page by page. Filters are the server's. */
export function useWalletTransactions(
  walletId: string,
  filter: TransactionFilter = {},
  limit = PAGE,
) {
  const { khata } = useKhata()
  const path = '/v1/wallets/{wallet_id}/transactions'
  const params = { path: { wallet_id: walletId }, query: filter }
  const { data, ...query } = useInfiniteQuery({
    queryKey: ['get', path, { params }, 'pages', limit],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const isFirst = pageParam === null
      const { data: page } = await khata.api.GET(path, {
        params: {
          path: params.path,
          query: { ...filter, limit, ...(isFirst ? { count: true } : { cursor: pageParam }) },
        },
        signal,
      })
      if (!page) throw new Error('The server answered nothing.')
      return page
    },
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
  })
  const pages = data?.pages
  const transactions = useMemo(() => pages?.flatMap((page) => page.data), [pages])
  return {
    transactions,
    count: data?.pages[0]?.count ?? null,
    countIsCapped: data?.pages[0]?.count_is_capped ?? false,
    ...query,
  }
}
