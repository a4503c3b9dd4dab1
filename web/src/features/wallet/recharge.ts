import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { AutoRecharge as Settings } from '@/api/types'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { toast } from '@/ui/kit'
import { says } from './messages'

/** What the wallet's recharges can be paid with, ready or not, once it is known. */
export function useMethods() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/payment-methods',
    {
      params: { path: { wallet_id: wallet.id } },
    },
  )
  return { methods: data?.data, error, refetch }
}

/** Shows the change at once and takes it back if it is refused. */
export function useSaveRecharge() {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (settings: Settings) => {
      const { data } = await khata.api.PUT('/v1/wallets/{wallet_id}/auto-recharge', {
        params: { path: { wallet_id: wallet.id } },
        body: {
          enabled: settings.enabled,
          threshold_credits: settings.threshold_credits,
          amount: settings.amount,
          payment_method_id: settings.payment_method_id,
          daily_limit: settings.daily_limit,
          monthly_limit: settings.monthly_limit,
        },
      })
      return data
    },
    onSuccess: (_, settings) =>
      toast(
        settings.enabled ? says.recharge.on : says.recharge.off,
        settings.enabled
          ? says.recharge.buys(settings.amount, settings.threshold_credits)
          : says.recharge.warned,
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ['get', '/v1/wallets/{wallet_id}'] }),
  })
}
