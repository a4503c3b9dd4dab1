import { describe, expect, it } from 'vitest'
import { joined, type Pages } from './newestFirst'

const page = (next_cursor: string | null, ...sequences: number[]) => ({
  data: sequences.map((sequence) => ({ sequence })),
  next_cursor,
})
type Page = ReturnType<typeof page>
const pages = (...all: Page[]): Pages<Page> => ({
  pages: all,
  pageParams: all.map((_, number) => (number ? `page ${number}` : undefined)),
})
const shown = (all: Pages<Page> | undefined) =>
  all?.pages.map(({ data }) => data.map(({ sequence }) => sequence))

describe('a list that grows at its top', () => {
  it('begins with the newest page', () => {
    const newest = page('more', 3, 2)
    expect(joined(undefined, newest)).toEqual(pages(newest))
  })

  it('takes what is new above what is known, and keeps the pages below', () => {
    const below = page(null, 2, 1)
    const after = joined(pages(page('more', 4, 3), below), page('more', 6, 5, 4))
    expect(shown(after)).toEqual([
      [6, 5, 4, 3],
      [2, 1],
    ])
    expect(after?.pages[1]).toBe(below)
    expect(after?.pages[0]?.next_cursor).toBe('more')
  })

  it('is the very same while nothing is new', () => {
    const known = pages(page('more', 4, 3), page(null, 2, 1))
    expect(joined(known, page('more', 4, 3))).toBe(known)
    expect(joined(known, undefined)).toBe(known)
    const nothingFoundYet = page('farther')
    expect(joined(known, nothingFoundYet)).toBe(known)
  })

  it('begins anew where more came than one page holds', () => {
    const newest = page('more', 9, 8)
    expect(joined(pages(page('more', 4, 3), page(null, 2, 1)), newest)).toEqual(pages(newest))
  })

  it('takes a whole list that is one page, though it meets nothing known', () => {
    const known = pages(page(null))
    expect(shown(joined(known, page(null, 1)))).toEqual([[1]])
  })
})
