import { useCallback, useMemo } from 'react'
import { useKhata } from '@/react'

const ASKED = { params: { query: { limit: 200 } } } as const
const KEPT_MS = 300_000

/** How the platform's own string of a member, or an ID of ours, is shown: by name where known. */
export function useMemberName(): (memberId: string) => string {
  const { queries } = useKhata()
  const { data } = queries.useQuery('get', '/v1/members', ASKED, { staleTime: KEPT_MS })
  const names = useMemo(() => {
    const known = new Map<string, string>()
    for (const { id, user_id, external_id, name } of data?.data ?? []) {
      known.set(id, name)
      if (user_id) known.set(user_id, name)
      if (external_id) known.set(external_id, name)
    }
    return known
  }, [data])
  return useCallback((memberId) => names.get(memberId) ?? memberId, [names])
}
