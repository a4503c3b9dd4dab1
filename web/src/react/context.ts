import { createContext, useContext } from 'react'
import createQueries, { type OpenapiQueryClient } from 'openapi-react-query'
import type { Khata } from '../api/client'
import type { paths } from '../api/schema'

export type Queries = OpenapiQueryClient<paths>

interface Known {
  khata: Khata
  queries: Queries
}

const KhataContext = createContext<Known | null>(null)

export const KhataContextProvider = KhataContext.Provider

/** What the provider gives to all below it. */
export function knownBy(khata: Khata): Known {
  return { khata, queries: createQueries(khata.api) }
}

/** The API and its queries. Must stand below a `KhataProvider`. */
export function useKhata(): Known {
  const known = useContext(KhataContext)
  if (!known) throw new Error('There is no <KhataProvider> above this component.')
  return known
}
