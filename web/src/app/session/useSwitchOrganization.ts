import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useKhata } from '@/react'

/** Acts in another organization from now on: all that is on the page is asked for anew. */
export function useSwitchOrganization(): (organizationId: string) => void {
  const { khata } = useKhata()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { mutate } = useMutation({
    mutationFn: (organization_id: string) =>
      khata.api.PATCH('/v1/session', { body: { organization_id } }),
    onSuccess: async () => {
      // No wallet is taken along: it is not of that organization.
      await navigate({ to: '/org/billing', search: { w: undefined } })
      await client.resetQueries()
    },
  })
  return mutate
}
