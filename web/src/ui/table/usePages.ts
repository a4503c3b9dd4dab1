import { useEffect, useState } from 'react'
import { hashKey, keepPreviousData, useInfiniteQuery, type QueryKey } from '@tanstack/react-query'

interface Page<Row> {
  data: Row[]
  next_cursor: string | null
}

/**
 * A list of the API, page by page. `ask` gives the page behind a cursor; `key` names what is asked,
 * as ['get', path, {params}], so that events and changes find it.
 */
export function usePages<Row>(
  key: QueryKey,
  ask: (cursor: { cursor?: string }, signal: AbortSignal) => Promise<{ data?: Page<Row> }>,
  enabled = true,
  /** How soon these rows are asked for again by themselves, in milliseconds; false for never. */
  again?: (rows: readonly Row[]) => number | false,
) {
  const { data, error, refetch, hasNextPage, fetchNextPage, ...list } = useInfiniteQuery({
    queryKey: [...key, 'pages'],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const { data: page } = await ask(pageParam === null ? {} : { cursor: pageParam }, signal)
      if (!page) throw new Error('The server answered nothing.')
      return page
    },
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
    enabled,
    refetchInterval: ({ state }) =>
      again?.(state.data?.pages.flatMap((page) => page.data) ?? []) ?? false,
  })
  const [wanted, setWanted] = useState({ of: '', pages: 1 })
  const of = hashKey(key)
  const pages = data?.pages.length ?? 0
  const isShort =
    wanted.of === of && pages < wanted.pages && hasNextPage && !list.isFetchNextPageError
  // What is on the page is asked for anew when something happens, and a page on its way is dropped
  // then: it is still wanted.
  useEffect(() => {
    if (isShort && !list.isFetching) void fetchNextPage()
  }, [isShort, list.isFetching, fetchNextPage])
  const more = () => {
    setWanted({ of, pages: pages + 1 })
    void fetchNextPage()
  }
  return {
    rows: data?.pages.flatMap((page) => page.data),
    error,
    onRetry: () => void refetch(),
    more: hasNextPage ? more : undefined,
    isLoadingMore: isShort || list.isFetchingNextPage,
  }
}
