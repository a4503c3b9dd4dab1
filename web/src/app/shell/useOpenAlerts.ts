import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'

const MOST = 200

/** How many of the wallet's alerts nobody has seen yet. */
export function useOpenAlerts(): number {
  const { queries } = useKhata()
  const { wallet } = useChosenWallet()
  const { data } = queries.useQuery('get', '/v1/wallets/{wallet_id}/alerts', {
    params: { path: { wallet_id: wallet.id }, query: { state: 'open', limit: MOST } },
  })
  return data?.data.length ?? 0
}
