import { describe, expect, it } from 'vitest'
import { daysAgo } from './period'

describe('a period of days', () => {
  const late = Date.parse('2026-11-24T17:30:00Z')

  it.each([
    [1, 'Asia/Kolkata', '2026-11-23T18:30:00.000Z'],
    [7, 'Asia/Kolkata', '2026-11-17T18:30:00.000Z'],
    // The clocks went back in between.
    [30, 'America/New_York', '2026-10-26T04:00:00.000Z'],
  ])('of %i begins at a midnight in %s', (days, zone, began) =>
    expect(daysAgo(days, zone, late)).toBe(began),
  )
})
