import { useMemo, type ReactNode } from 'react'
import { QueryClient, QueryClientProvider, type QueryClientConfig } from '@tanstack/react-query'
import type { Khata } from '../api/client'
import { Problem } from '../api/problem'
import { KhataContextProvider, knownBy } from './context'

const RETRIES = 3

interface Props {
  khata: Khata
  /** Your own, where the page has one already. */
  queryClient?: QueryClient
  children: ReactNode
}

/** Gives Khata to all hooks and components below it. */
export function KhataProvider({ khata, queryClient, children }: Props) {
  const known = useMemo(() => knownBy(khata), [khata])
  const client = useMemo(() => queryClient ?? createQueryClient(), [queryClient])
  return (
    <QueryClientProvider client={client}>
      <KhataContextProvider value={known}>{children}</KhataContextProvider>
    </QueryClientProvider>
  )
}

/** Asks again what failed in passing, and never what was refused. Changes are not sent twice. */
export function createQueryClient(
  caches: Pick<QueryClientConfig, 'queryCache' | 'mutationCache'> = {},
): QueryClient {
  return new QueryClient({
    ...caches,
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) =>
          failures < RETRIES && (!(error instanceof Problem) || error.isPassing),
      },
      // Without a network a change fails at once, where it was made, and is not sent later unseen.
      mutations: { retry: false, networkMode: 'always' },
    },
  })
}
