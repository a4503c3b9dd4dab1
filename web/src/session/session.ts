import { createContext, useContext } from 'react'

/** Who is signed in, in which organization, and what may be done there. */
export interface Session {
  user: { id: string; name: string; email: string }
  organization: { id: string; name: string }
  memberships: readonly { organization_id: string; name: string; role: string }[]
  role: string
  scopes: ReadonlySet<string>
}

export const SessionContext = createContext<Session | null>(null)

/** The session. Must stand where somebody is signed in. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('Nobody is signed in here.')
  return session
}

/** Whether the scope is ours. What may not be done is not shown; the server refuses it anyway. */
export function useMay(scope: string): boolean {
  return useSession().scopes.has(scope)
}
