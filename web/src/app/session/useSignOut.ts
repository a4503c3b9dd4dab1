import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useKhata } from '@/react'

/** Ends the session here; the server knows it no more. Nothing of it stays in the page. */
export function useSignOut(): () => void {
  const { khata } = useKhata()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { mutate } = useMutation({
    mutationFn: () => khata.api.DELETE('/v1/session'),
    onSettled: async () => {
      khata.setCsrfToken(null)
      await navigate({ to: '/sign-in' })
      client.clear()
    },
  })
  return mutate
}
