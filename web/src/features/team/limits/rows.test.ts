import { describe, expect, it } from 'vitest'
import type { Member } from '@/api/types'
import { spenders, type ApiKey, type Budget } from './rows'

const member = (id: string, external_id: string | null) =>
  ({ id, external_id, name: id, email: null }) as Member

const budget = (subject: string | null, limit: number, more: Partial<Budget> = {}) =>
  ({
    id: `bud_${subject ?? 'each'}`,
    level: 'member',
    subject,
    limit,
    unit: 'credits',
    used: 7,
    window: 'day',
    on_limit: 'alert',
    resets_at: null,
    category: null,
    feature: null,
    ended_at: null,
    ...more,
  }) as Budget

const nothing: Parameters<typeof spenders>[0] = {
  members: [],
  keys: [],
  budgets: [],
  month: { of: new Map<string, number>(), others: 0 },
  ofShared: { of: new Map<string, number>(), others: 0 },
}

describe('who is held to which limit', () => {
  const members = [member('mem_1', 'asha'), member('mem_2', null)]

  it('shows what everybody used this month where nothing holds them', () => {
    const of = new Map([['asha', 40]])
    const told = spenders({ ...nothing, members, month: { of, others: 0 } })
    expect(told.map(({ subject, used, limit }) => [subject, used, limit])).toEqual([
      ['asha', 40, null],
      ['mem_2', 0, null],
    ])
  })

  it('does not say nothing of whom nothing is told', () => {
    // Those who used the most are told, and there are more of them.
    const month = { of: new Map([['asha', 40]]), others: null }
    expect(spenders({ ...nothing, members, month }).map(({ used }) => used)).toEqual([40, null])
  })

  it('takes the own limit before the one for each, by either name', () => {
    // The one for each has no subject, and a member may have no name of the platform's.
    const budgets = [budget(null, 500), budget('mem_1', 90)]
    const ofShared = { of: new Map([['mem_2', 3]]), others: 0 } as const
    const told = spenders({ ...nothing, members, budgets, ofShared })
    expect(told.map(({ used, limit, top }) => [used, limit, top])).toEqual([
      [7, 90, 90],
      [3, null, 500],
    ])
  })

  it('passes over limits on a part, and those that have ended', () => {
    const budgets = [
      budget('asha', 1, { category: 'AI' }),
      budget('asha', 2, { feature: 'AI_SUMMARY' }),
      budget('asha', 3, { ended_at: '2026-11-26T00:00:00Z' }),
    ]
    expect(spenders({ ...nothing, members, budgets })[0]?.top).toBeNull()
  })

  it('shows no limit in operations as one in credits', () => {
    const budgets = [budget('asha', 20, { unit: 'count' }), budget(null, 30, { unit: 'count' })]
    const [asha] = spenders({ ...nothing, members, budgets })
    expect([asha?.limit, asha?.shared, asha?.budgetId]).toEqual([null, null, null])
  })

  it('lists keys that are good, which always refuse', () => {
    const limit = { credits: 100, used: 5, window: 'day', resets_at: null, budget_id: 'bud_1' }
    const keys = [
      { id: 'key_1', name: 'Production', hint: 'khk_…', spending_limit: limit, revoked_at: null },
      { id: 'key_2', name: 'Old', hint: 'khk_…', spending_limit: null, revoked_at: 'then' },
    ] as ApiKey[]
    const told = spenders({ ...nothing, keys })
    expect(told.map(({ id, used, limit: own, onLimit }) => [id, used, own, onLimit])).toEqual([
      ['key_1', 5, 100, 'refuse'],
    ])
  })
})
