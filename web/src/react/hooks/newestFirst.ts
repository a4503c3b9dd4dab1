import type { InfiniteData } from '@tanstack/react-query'

interface Page {
  data: { sequence: number }[]
  next_cursor?: string | null
}

/** A list's pages, newest first, and the cursors that they were asked with: the first has none. */
export type Pages<P> = InfiniteData<P>

/**
 * The pages with what the newest one has beyond them. A ledger only grows: what is known of it stays
 * true and is not asked for again, however far one has read. Where the newest page does not reach
 * what is known, the list begins anew. Nothing new gives back the very pages.
 */
export function joined<P extends Page>(
  known: Pages<P> | undefined,
  newest: P | undefined,
): Pages<P> | undefined {
  if (!newest) return known
  const [first, ...older] = known?.pages ?? []
  if (!known || !first) return { pages: [newest], pageParams: [undefined] }
  const top = first.data[0]?.sequence ?? 0
  const fresh = newest.data.filter(({ sequence }) => sequence > top)
  if (fresh.length === 0) return known
  const meets = fresh.length < newest.data.length || !newest.next_cursor
  if (!meets) return { pages: [newest], pageParams: [undefined] }
  return { ...known, pages: [{ ...first, data: [...fresh, ...first.data] }, ...older] }
}
