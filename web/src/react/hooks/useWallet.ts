import type { Wallet } from '../../api/types'
import { useKhata } from '../context'

/** The wallet as it stands, kept in line by the live stream. */
export function useWallet(walletId: string) {
  const { queries } = useKhata()
  const { data, ...query } = queries.useQuery('get', '/v1/wallets/{wallet_id}', {
    params: { path: { wallet_id: walletId } },
  })
  return { wallet: data as Wallet | undefined, ...query }
}
