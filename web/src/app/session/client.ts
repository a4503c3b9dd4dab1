import { MutationCache, QueryCache, type QueryClient } from '@tanstack/react-query'
import { problemIn } from '@/api/problem'
import { createQueryClient } from '@/react'
import { SESSION_KEY } from './query'

/** The pages' queries. Where one is told that nobody is signed in, the session is asked for anew. */
export function createSessionClient(): QueryClient {
  const failed = (error: unknown) => {
    if (problemIn(error)?.status !== 401) return
    void client.invalidateQueries({ queryKey: SESSION_KEY }, { cancelRefetch: false })
  }
  const client = createQueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        // Its own answer is the one that counts, and no reason to ask again.
        if (queryKey[0] !== SESSION_KEY[0]) failed(error)
      },
    }),
    mutationCache: new MutationCache({ onError: failed }),
  })
  return client
}
