import { describe, expect, it } from 'vitest'
import { signInSearch, text, usageSearch, walletSearch } from './search'

describe('what an address says', () => {
  it('is taken where it is text, and passed over where it is not', () => {
    expect(text({ a: 'x', b: 7, c: '' }, 'a', 'b', 'c')).toEqual({ a: 'x' })
  })

  it('opens the low-balance dialog by any value', () => {
    expect(walletSearch({ q: 'AI', low: 1 })).toEqual({ q: 'AI', low: true })
  })

  it.each([30, '30', 'month'])('keeps a range of days as it was typed: %j', (range) =>
    expect(usageSearch({ range, by: 'member' })).toEqual({ range, by: 'member' }),
  )

  it.each([
    ['/org/billing?tx=1', { next: '/org/billing?tx=1' }],
    ['//evil.example/org', {}],
    ['https://evil.example', {}],
    ['/organ', {}],
    [undefined, {}],
  ])('leads from %s only to pages of ours', (next, found) =>
    expect(signInSearch({ next })).toEqual(found),
  )
})
