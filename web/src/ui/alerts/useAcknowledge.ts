import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Alert } from '@/api/types'
import { useKhata } from '@/react'

interface Listed {
  data: Alert[]
}

/** Notes that somebody has seen an alert: it is gone at once, and comes back if that is refused. */
export function useAcknowledge(walletId: string) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const lists = { queryKey: ['get', '/v1/wallets/{wallet_id}/alerts'] }
  return useMutation({
    mutationFn: (alert_id: string) =>
      khata.api.POST('/v1/wallets/{wallet_id}/alerts/{alert_id}/acknowledge', {
        params: { path: { wallet_id: walletId, alert_id } },
      }),
    onMutate: async (alertId) => {
      await client.cancelQueries(lists)
      const before = client.getQueriesData<Listed>(lists)
      client.setQueriesData<Listed>(lists, (known) =>
        known?.data ? { ...known, data: known.data.filter(({ id }) => id !== alertId) } : known,
      )
      return before
    },
    onError: (_, __, before) => {
      for (const [queryKey, known] of before ?? []) client.setQueryData(queryKey, known)
    },
    onSettled: () => client.invalidateQueries(lists),
  })
}
