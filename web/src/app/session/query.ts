import { useQuery, type QueryClient } from '@tanstack/react-query'
import type { Khata } from '@/api/client'
import { useKhata } from '@/react'
import type { Session } from '@/session/session'

export const SESSION_KEY = ['session'] as const

type Answer = Awaited<ReturnType<typeof read>>

/** Who is signed in; 401 where nobody is. Its token against forged requests goes with all changes. */
export function useSessionQuery() {
  const { khata } = useKhata()
  return useQuery({ queryKey: SESSION_KEY, queryFn: () => read(khata), staleTime: Infinity })
}

async function read(khata: Khata) {
  const { data } = await khata.api.GET('/v1/session')
  if (!data) throw new Error('The server answered nothing.')
  khata.setCsrfToken(data.csrf_token)
  return data
}

/**
 * The token of the session that there is now. None where it is of another person or organization
 * by now: what was to be changed was not theirs, and the page shows them first.
 */
export async function renewedToken(khata: Khata, client: QueryClient): Promise<string | null> {
  const before = client.getQueryData<Answer>(SESSION_KEY)
  const now = await client.query({
    queryKey: SESSION_KEY,
    queryFn: () => read(khata),
    staleTime: 0,
  })
  const isSame = before?.user.id === now.user.id && before.organization_id === now.organization_id
  if (isSame) return now.csrf_token
  void client.invalidateQueries()
  return null
}

/** The session as the pages know it; none where its user is a member nowhere. */
export function sessionOf({
  user,
  memberships,
  organization_id,
  role,
  scopes,
}: Answer): Session | null {
  const known = memberships.map((each) => ({ ...each, name: each.organization_name }))
  const chosen = known.find((each) => each.organization_id === organization_id)
  if (!chosen) return null
  return {
    user,
    memberships: known,
    organization: { id: chosen.organization_id, name: chosen.name },
    role: role ?? chosen.role,
    scopes: new Set(scopes),
  }
}
