import type { Transaction } from '@/api/types'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Pill, Quiet } from '@/ui/kit'

const MOST = 200

/** The IDs of the holds that are open, the newest of them where there are very many. */
export function useOpenHolds(): ReadonlySet<string> {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { data } = queries.useQuery('get', '/v1/wallets/{wallet_id}/holds', {
    params: { path: { wallet_id: wallet.id }, query: { state: 'open', limit: MOST } },
  })
  return new Set(data?.data.map(({ id }) => id))
}

/** Whether its credits are set aside still, for work that goes on. */
export function useIsReserved({ type, source_id }: Transaction): boolean {
  const open = useOpenHolds()
  return type === 'HOLD' && source_id !== null && open.has(source_id)
}

export function State({ transaction }: { transaction: Transaction }) {
  const isReserved = useIsReserved(transaction)
  return isReserved ? <Pill tone="warn">Reserved</Pill> : <Quiet>Posted</Quiet>
}
