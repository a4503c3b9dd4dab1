import { describe, expect, it } from 'vitest'
import { begun, continued, grown, since, type Known } from './newestFirst'

const page = (next_cursor: string | null, newest_sequence: number, ...sequences: number[]) => ({
  data: sequences.map((sequence) => ({ sequence })),
  next_cursor,
  newest_sequence,
})
type Page = ReturnType<typeof page> & { count?: number }
const list = (newest: number, ...pages: Page[]): Known<Page> => ({
  pages,
  newest,
  count: null,
  isCapped: false,
})
const shown = (known: Known<Page>) =>
  known.pages.map(({ data }) => data.map(({ sequence }) => sequence))

/** A ledger that gives these answers, one a question; and what it was asked. */
function ledger(...answers: Page[]) {
  const asked: [number, string | undefined][] = []
  const ask = (newerThan: number, cursor: string | undefined) => {
    asked.push([newerThan, cursor])
    return Promise.resolve(answers[asked.length - 1] ?? page('more', 0))
  }
  return { asked, ask }
}

describe('a list that grows at its top', () => {
  it('begins with the newest page, and its count', () => {
    const newest = { ...page('more', 3, 3, 2), count: 3, count_is_capped: true }
    expect(begun(newest)).toEqual({ pages: [newest], newest: 3, count: 3, isCapped: true })
  })

  it('takes what is new above what is known, and keeps the pages below', () => {
    const below = page(null, 4, 2, 1)
    const known = list(4, page('more', 4, 4, 3), below)
    const after = grown(known, [page('x', 6, 6), page(null, 7, 5)])
    expect(shown(after)).toEqual([
      [6, 5, 4, 3],
      [2, 1],
    ])
    expect(after.pages[1]).toBe(below)
    expect(after.pages[0]?.next_cursor).toBe('more')
    expect(after.newest).toBe(6)
  })

  it('has the very same pages while nothing is new, but was looked at and counted', () => {
    const known = list(4, page('more', 4, 4, 3))
    const after = grown(known, [{ ...page(null, 9), count: 2 }])
    expect(after).toEqual({ ...known, newest: 9, count: 2 })
    expect(after.pages).toBe(known.pages)
  })

  it('takes no row twice that came while its page was read', () => {
    const known = list(4, page('farther', 4), page('more', 4, 5, 3))
    expect(shown(grown(known, [page(null, 6, 6, 5)]))).toEqual([[6], [5, 3]])
  })
})

describe('what is newer', () => {
  it('is asked for until there is no more of it', async () => {
    const { asked, ask } = ledger(page('a', 9, 9, 8), page('b', 9), page(null, 9, 5))
    const fresh = await since(list(4, page(null, 4, 4)), ask)
    expect(fresh?.flatMap(({ data }) => data).map(({ sequence }) => sequence)).toEqual([9, 8, 5])
    expect(asked).toEqual([
      [4, undefined],
      [4, 'a'],
      [4, 'b'],
    ])
  })

  it('is not put on top where it does not end', async () => {
    const { asked, ask } = ledger()
    expect(await since(list(4, page(null, 4, 4)), ask)).toBeNull()
    expect(asked).toHaveLength(25)
  })

  it('is not put on top of what has grown too long', async () => {
    const { asked, ask } = ledger()
    const long = page('more', 5001, ...Array.from({ length: 5001 }, (_, place) => 5001 - place))
    expect(await since(list(5001, long), ask)).toBeNull()
    expect(asked).toEqual([])
  })
})

describe('the next page', () => {
  it('comes below the others', () => {
    const known = list(4, page('more', 4, 4, 3))
    expect(shown(continued(known, 'more', page(null, 4, 2)))).toEqual([[4, 3], [2]])
  })

  it('of a list that has gone on or begun anew meanwhile is dropped', () => {
    const known = list(9, page('other', 9, 9))
    expect(continued(known, 'more', page(null, 4, 2))).toBe(known)
  })
})
