import { useMemo } from 'react'
import { hashKey, skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { paths } from '../../api/schema'
import { useKhata } from '../context'
import { begun, continued, grown, since, type Known } from './newestFirst'

const LIST = '/v1/wallets/{wallet_id}/transactions'

type List = paths[typeof LIST]['get']
type Asked = NonNullable<List['parameters']['query']>
type Page = List['responses']['200']['content']['application/json']

export type TransactionFilter = Omit<
  Asked,
  'limit' | 'cursor' | 'newer_than' | 'count' | 'count_far'
>

const PAGE = 200

/**
 * A wallet's transactions, newest first, page by page. Filters are the server's. Only what is new is
 * asked for when something happens; `more` fetches the next older page.
 */
export function useWalletTransactions(walletId: string, filter: TransactionFilter = {}) {
  const client = useQueryClient()
  const ask = useAsk(walletId, filter)
  const key = ['get', LIST, { params: { path: { wallet_id: walletId }, query: filter } }]
  const listKey = ['list', walletId, filter]
  // Whatever comes is put to the list as it is by then: a page below while one at its top is new.
  const { data: known, isPlaceholderData } = useQuery<Known<Page>>({
    queryKey: listKey,
    queryFn: skipToken,
    // While a filter's answer is on its way, what there was stands for it.
    placeholderData: (data, before) => (before?.queryKey[1] === walletId ? data : undefined),
    structuralSharing: false, // to compare a long list with itself takes longer than to ask for it
  })
  // It goes on though an event asks anew meanwhile: of a busy wallet it might else never get there.
  const newest = useQuery({
    queryKey: key,
    queryFn: async () => {
      const before = client.getQueryData<Known<Page>>(listKey)
      const fresh =
        before &&
        (await since(before, (newer_than, cursor) =>
          ask({ newer_than, ...(cursor ? { cursor } : { count: true }) }),
        ))
      if (fresh) {
        client.setQueryData<Known<Page>>(listKey, (now) => now && grown(now, fresh))
      } else {
        client.setQueryData(listKey, begun(await ask({ count: true })))
      }
      return null // it stands in the list
    },
  })
  const older = useMutation({
    mutationFn: ({ cursor }: Further) => ask({ cursor }),
    onSuccess: (page, { cursor, list }) =>
      client.setQueryData<Known<Page>>(list, (now) => now && continued(now, cursor, page)),
  })
  const isOfAnother = isPlaceholderData && newest.isError
  const pages = isOfAnother ? undefined : known?.pages
  const transactions = useMemo(() => pages?.flatMap(({ data }) => data), [pages])
  const cursor = pages?.at(-1)?.next_cursor ?? null
  const isAsked =
    older.variables?.cursor === cursor && hashKey(older.variables.list) === hashKey(listKey)
  const isStuck = isAsked && older.isError
  const fetchMore =
    cursor === null || isPlaceholderData ? null : () => older.mutate({ cursor, list: listKey })
  return {
    transactions,
    count: isOfAnother ? null : (known?.count ?? null),
    countIsCapped: known?.isCapped ?? false,
    error: newest.error,
    refetch: newest.refetch,
    dataUpdatedAt: newest.dataUpdatedAt,
    isPlaceholderData,
    hasNextPage: cursor !== null,
    /** Fetches the next older page, where there is one, it is not on its way and did not fail. */
    more: isStuck || (isAsked && older.isPending) ? null : fetchMore,
    /** Why the next older page did not come, and how to ask again. */
    stuck: isStuck && fetchMore ? { error: older.error, retry: fetchMore } : null,
  }
}

interface Further {
  cursor: string
  list: readonly unknown[]
}

type Place = Pick<Asked, 'cursor' | 'newer_than' | 'count'>

function useAsk(walletId: string, filter: TransactionFilter) {
  const { khata } = useKhata()
  return async (place: Place): Promise<Page> => {
    const path = { wallet_id: walletId }
    const params = { path, query: { ...filter, limit: PAGE, ...place } }
    const { data } = await khata.api.GET(LIST, { params })
    if (!data) throw new Error('The server answered nothing.')
    return data
  }
}
