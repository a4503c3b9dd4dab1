import { describe, expect, it } from 'vitest'
import { KINDS, listed, toggled, typesOf } from './filter'

describe('a list in the address', () => {
  it('is divided by commas, and nothing is an empty one', () => {
    expect(listed('AI,API')).toEqual(['AI', 'API'])
    expect(listed('AI,,')).toEqual(['AI'])
    expect(listed(undefined)).toEqual([])
  })

  it('takes one in and lets it go', () => {
    expect(toggled(['AI'], 'API')).toEqual(['AI', 'API'])
    expect(toggled(['AI', 'API'], 'AI')).toEqual(['API'])
  })
})

describe('kinds', () => {
  it('stand for types, in one order, and unknown ones for none', () => {
    expect(typesOf(['refunds', 'usage'])).toEqual(['USAGE_DEDUCTION', 'HOLD_CAPTURE', 'REFUND'])
    expect(typesOf(['gifts'])).toEqual([])
  })

  it('share no type', () => {
    const types = KINDS.flatMap((kind) => [...kind.types])
    expect(new Set(types).size).toBe(types.length)
  })
})
