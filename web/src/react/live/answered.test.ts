import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { onceAnswered } from './answered'

describe('what waits for the answers', () => {
  let client: QueryClient
  const ended = vi.fn()
  const start = vi.fn(() => ended)
  beforeEach(() => {
    vi.useFakeTimers()
    vi.clearAllMocks()
    client = new QueryClient()
  })
  afterEach(() => vi.useRealTimers())
  const ask = (name: string, ms: number) =>
    void client.query({
      queryKey: [name],
      queryFn: () => new Promise((resolve) => setTimeout(() => resolve(name), ms)),
    })

  it('starts after the last answer, once', async () => {
    onceAnswered(client, start)
    ask('session', 300)
    await vi.advanceTimersByTimeAsync(50)
    ask('wallet', 1_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(start).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(200)
    ask('later', 50)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(start).toHaveBeenCalledTimes(1)
  })

  it('starts without an answer that does not come', async () => {
    onceAnswered(client, start)
    ask('silent', 60_000)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(start).toHaveBeenCalledTimes(1)
  })

  it('never starts when it is ended before, and ends what it started', async () => {
    onceAnswered(client, start)()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(start).not.toHaveBeenCalled()
    const end = onceAnswered(client, start)
    await vi.advanceTimersByTimeAsync(200)
    end()
    expect(ended).toHaveBeenCalledTimes(1)
  })
})
