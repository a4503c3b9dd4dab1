interface Page {
  data: { sequence: number }[]
  next_cursor?: string | null
  newest_sequence: number
  count?: number
  count_is_capped?: boolean
}

/** A list as far down as it was asked for, newest first. */
export interface Known<P> {
  pages: readonly P[]
  /** The ledger's newest sequence when its top was last looked at: what is newer is not here. */
  newest: number
  /** How many there are, or at least so many where it is capped; null where nobody counted. */
  count: number | null
  isCapped: boolean
}

/** So many rows come to the top of what is known; then the list begins anew. */
const MOST_AT_TOP = 5_000
/** So many answers are asked for to get there. */
const MOST_ASKED = 25

export const begun = <P extends Page>(page: P): Known<P> => ({ pages: [page], ...seenBy(page) })

const seenBy = (page: Page) => ({
  newest: page.newest_sequence,
  count: page.count ?? null,
  isCapped: page.count_is_capped ?? false,
})

/**
 * All that is newer than what is known, each answer asked for with the cursor of the one before;
 * null where that is too much to be put on top of it.
 */
export async function since<P extends Page>(
  known: Known<P>,
  ask: (newerThan: number, cursor: string | undefined) => Promise<P>,
): Promise<readonly P[] | null> {
  if ((known.pages[0]?.data.length ?? 0) > MOST_AT_TOP) return null
  const fresh: P[] = []
  let cursor: string | null | undefined
  do {
    if (fresh.length === MOST_ASKED) return null
    const page = await ask(known.newest, cursor ?? undefined)
    fresh.push(page)
    cursor = page.next_cursor
  } while (cursor)
  return fresh
}

/**
 * The list with what is newer on top. A ledger only grows: what is known of it stays true and is not
 * asked for again, however far one has read. Its pages are the very same where nothing is new.
 */
export function grown<P extends Page>(known: Known<P>, fresh: readonly P[]): Known<P> {
  const [first, ...older] = known.pages
  const seen = fresh[0] ? seenBy(fresh[0]) : {}
  // A row that came between the look at the ledger and that at its rows is known already.
  const top = known.pages.find(({ data }) => data.length > 0)?.data[0]?.sequence ?? 0
  const rows = fresh.flatMap(({ data }) => data).filter(({ sequence }) => sequence > top)
  if (!first || rows.length === 0) return { ...known, ...seen }
  return { ...known, ...seen, pages: [{ ...first, data: [...rows, ...first.data] }, ...older] }
}

/** The list with the page that its last cursor led to; as it is where that is not its last one. */
export function continued<P extends Page>(known: Known<P>, cursor: string, page: P): Known<P> {
  if (known.pages.at(-1)?.next_cursor !== cursor) return known
  return { ...known, pages: [...known.pages, page] }
}
