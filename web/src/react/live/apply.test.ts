import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createKhata } from '../../api/client'
import { knownBy } from '../context'
import { applyEvent } from './apply'

const { queries } = knownBy(createKhata())
const WALLET = '/v1/wallets/{wallet_id}'
const asked = (path: string, wallet_id: string) => [
  'get',
  path,
  { params: { path: { wallet_id } } },
]
const event = (type: string, data: unknown = {}) => ({
  id: 'evt_1',
  type,
  wallet_id: 'wal_a',
  created_at: '2026-11-24T07:00:00Z',
  data,
})

describe('an event', () => {
  let client: QueryClient
  const isStale = (key: unknown[]) => client.getQueryState(key)?.isInvalidated
  beforeEach(() => {
    vi.useFakeTimers()
    client = new QueryClient()
    client.setQueryData(['session'], {})
    client.setQueryData(['somebody’s own', { kind: 'of key' }], {})
    client.setQueryData(asked(WALLET, 'wal_a'), { available_credits: 100, name: 'A' })
    for (const path of ['/transactions', '/usage/summary', '/alerts'])
      for (const wallet of ['wal_a', 'wal_b']) client.setQueryData(asked(WALLET + path, wallet), {})
  })
  afterEach(() => vi.useRealTimers())

  it('changes the balances of the wallet at once, and nothing else of it', () => {
    const balances = { id: 'wal_a', available_credits: 85, reserved_credits: 0, sequence: 7 }
    applyEvent(client, queries, event('wallet.updated', balances))
    expect(client.getQueryData(asked(WALLET, 'wal_a'))).toEqual({
      id: 'wal_a',
      available_credits: 85,
      reserved_credits: 0,
      name: 'A',
    })
  })

  it('has asked anew, a moment later, what it may have changed of that wallet alone', () => {
    applyEvent(client, queries, event('transaction.created'))
    expect(isStale(asked(`${WALLET}/transactions`, 'wal_a'))).toBe(false)
    vi.advanceTimersByTime(1_000)
    expect(isStale(asked(`${WALLET}/transactions`, 'wal_a'))).toBe(true)
    expect(isStale(asked(`${WALLET}/usage/summary`, 'wal_a'))).toBe(true)
    expect(isStale(asked(`${WALLET}/alerts`, 'wal_a'))).toBe(false)
    expect(isStale(asked(`${WALLET}/transactions`, 'wal_b'))).toBe(false)
    expect(isStale(['session'])).toBe(false)
  })

  it('asks once for many', () => {
    const invalidate = vi.spyOn(client, 'invalidateQueries')
    for (let n = 0; n < 500; n++) applyEvent(client, queries, event('transaction.created'))
    vi.advanceTimersByTime(5_000)
    expect(invalidate).toHaveBeenCalledTimes(1)
  })

  it('lets an answer that is on its way come, and asks once more when it is there', async () => {
    const answers: ((told: string) => void)[] = []
    const queryKey = asked(`${WALLET}/usage/series`, 'wal_a')
    const slow = new QueryObserver<string>(client, {
      queryKey,
      queryFn: () => new Promise((resolve) => answers.push(resolve)),
    })
    const leave = slow.subscribe(() => undefined)
    for (let second = 0; second < 3; second++) {
      applyEvent(client, queries, event('transaction.created'))
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(answers).toHaveLength(1)
    answers[0]?.('old')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(client.getQueryData(queryKey)).toBe('old')
    expect(answers).toHaveLength(2)
    answers[1]?.('new')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(client.getQueryData(queryKey)).toBe('new')
    expect(answers).toHaveLength(2)
    leave()
  })
})
