import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Khata } from '@/api/client'
import { useKhata } from '@/react'

export const HOME = '/org/billing'

/** What signs somebody in, and then goes there. Nothing of whoever was here before stays. */
export function useEntering(enter: (api: Khata['api']) => Promise<unknown>, next = HOME) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => enter(khata.api),
    onSuccess: async () => {
      client.clear()
      await navigate({ href: next })
    },
  })
}
