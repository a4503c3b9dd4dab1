import { QueryObserver } from '@tanstack/react-query'
import { describe, expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { createSessionClient } from './client'
import { SESSION_KEY } from './query'

const problem = (status: number) => new Problem(status, 'SOME', 'Some problem.')

/** Pages that show who is signed in, as the server says one after the other. */
function pages(...answers: (() => Promise<unknown>)[]) {
  const client = createSessionClient()
  const queryFn = vi.fn(() => answers.shift()?.() ?? Promise.reject(problem(500)))
  const session = new QueryObserver(client, { queryKey: SESSION_KEY, queryFn, staleTime: Infinity })
  session.subscribe(() => undefined)
  return { client, session, queryFn }
}

const signedIn = () => Promise.resolve('somebody')
const nobody = () => Promise.reject(problem(401))

describe('a session that has ended', () => {
  it('is found out by whatever is refused next, and asked for once', async () => {
    const { client, session, queryFn } = pages(signedIn, nobody)
    await vi.waitFor(() => expect(session.getCurrentResult().data).toBe('somebody'))
    const refused = ['a', 'b'].map((key) =>
      client.query({ queryKey: [key], queryFn: nobody }).catch(() => undefined),
    )
    await Promise.all(refused)
    await vi.waitFor(() => expect(session.getCurrentResult().error).toEqual(problem(401)))
    expect(queryFn).toHaveBeenCalledTimes(2)
  })

  it('is found out by a change', async () => {
    const { client, session } = pages(signedIn, nobody)
    await vi.waitFor(() => expect(session.getCurrentResult().data).toBe('somebody'))
    const change = client.getMutationCache().build(client, { mutationFn: nobody })
    await expect(change.execute(undefined)).rejects.toThrow()
    await vi.waitFor(() => expect(session.getCurrentResult().error).toEqual(problem(401)))
  })

  it('is not looked for where something else is refused', async () => {
    const { client, session, queryFn } = pages(signedIn, nobody)
    await vi.waitFor(() => expect(session.getCurrentResult().data).toBe('somebody'))
    const refused = () => Promise.reject(problem(403))
    await expect(client.query({ queryKey: ['a'], queryFn: refused })).rejects.toThrow()
    expect(queryFn).toHaveBeenCalledTimes(1)
  })
})
