import { keepPreviousData, useInfiniteQuery, type QueryKey } from '@tanstack/react-query'

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
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    {
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
    },
  )
  return {
    rows: data?.pages.flatMap((page) => page.data),
    error,
    onRetry: () => void refetch(),
    more: hasNextPage ? () => void fetchNextPage() : undefined,
    isLoadingMore: isFetchingNextPage,
  }
}
