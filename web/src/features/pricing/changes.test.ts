import { describe, expect, it } from 'vitest'
import type { Feature } from '@/api/types'
import { changesBetween } from './changes'

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
