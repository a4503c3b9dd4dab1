import { describe, expect, it } from 'vitest'
import type { Transaction } from '@/api/types'
import { inDays } from './rows'

const NOW = Date.parse('2026-11-24T07:00:00Z')
const at = (id: string, created_at: string) => ({ id, created_at }) as Transaction

describe('a ledger in days', () => {
  it('heads each day of the zone with what it came to', () => {
    const rows = inDays(
      [
        at('c', '2026-11-24T05:00:00Z'),
        at('b', '2026-11-23T18:45:00Z'), // a quarter past midnight in India
        at('a', '2026-11-23T18:15:00Z'),
      ],
      'Asia/Kolkata',
      NOW,
      new Map([['2026-11-24', 85]]),
    )
    const shown = rows.map((row) =>
      row.kind === 'day' ? `${row.heading} ${String(row.change)}` : row.id,
    )
    expect(shown).toEqual(['Today 85', 'c', 'b', 'Yesterday null', 'a'])
  })

  it('numbers transactions through, whatever days they fall on', () => {
    const rows = inDays(
      [at('b', '2026-11-24T05:00:00Z'), at('a', '2026-11-20T05:00:00Z')],
      'Asia/Kolkata',
      NOW,
    )
    expect(rows.flatMap((row) => (row.kind === 'transaction' ? [row.number] : []))).toEqual([0, 1])
  })

  it('is empty where nothing happened', () => {
    expect(inDays([], 'Asia/Kolkata', NOW)).toEqual([])
  })
})
