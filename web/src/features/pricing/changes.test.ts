import { describe, expect, it } from 'vitest'
import type { Feature } from '@/api/types'
import { changesBetween, leftOut, sinceWhen } from './changes'

const priced = (feature: string, credits: number, per?: number): Feature => ({
  feature,
  category: 'AI',
  credits,
  ...(per ? { per } : {}),
})

describe('what a version changed', () => {
  it('names new operations, and prices that were others', () => {
    const changes = changesBetween(
      [priced('A', 5), priced('B', 8), priced('C', 1)],
      [priced('A', 5), priced('B', 9), priced('D', 2)],
    )
    expect([...changes]).toEqual([
      ['B', { kind: 'price', before: 8 }],
      ['D', { kind: 'new' }],
    ])
  })

  it('takes a price per call and one per 1 for the same', () => {
    expect(changesBetween([priced('A', 5)], [priced('A', 5, 1)]).size).toBe(0)
    expect(changesBetween([priced('A', 5)], [priced('A', 5, 1000)]).size).toBe(1)
  })
})

describe('what a list says of its past', () => {
  const version = (number: number, effective_at: string, ...features: Feature[]) => ({
    version: number,
    effective_at,
    features,
  })

  it('tells since when a price is as it is, through versions that left it so', () => {
    const since = sinceWhen([
      version(3, 'third', priced('A', 5), priced('B', 9), priced('C', 1)),
      version(2, 'second', priced('A', 5), priced('B', 9)),
      version(1, 'first', priced('A', 5), priced('B', 8), priced('C', 1)),
    ])
    expect(Object.fromEntries(since)).toEqual({ A: 'first', B: 'second', C: 'third' })
  })

  it('names what is there no more', () => {
    expect(leftOut([priced('A', 5), priced('B', 1)], [priced('B', 2)])).toEqual(['A'])
  })
})
