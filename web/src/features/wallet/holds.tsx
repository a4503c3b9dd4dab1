import type { Transaction } from '@/api/types'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Pill, Quiet } from '@/ui/kit'

const MOST = 200

/** The IDs of the holds that are open, and whether that is all of them; not until it is known. */
export function useOpenHolds() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { data } = queries.useQuery('get', '/v1/wallets/{wallet_id}/holds', {
    params: { path: { wallet_id: wallet.id }, query: { state: 'open', limit: MOST } },
  })
  return data && { ids: new Set(data.data.map(({ id }) => id)), isAll: !data.next_cursor }
}

/** Whether its credits are set aside still, for work that goes on; where that is known. */
export function useIsReserved({ type, source_id }: Transaction): boolean | undefined {
  const open = useOpenHolds()
  if (type !== 'HOLD' || source_id === null) return false
  if (open?.ids.has(source_id)) return true
  return open?.isAll ? false : undefined
}

export function State({ transaction }: { transaction: Transaction }) {
  const isReserved = useIsReserved(transaction)
  if (isReserved === undefined) return null
  return isReserved ? <Pill tone="warn">Reserved</Pill> : <Quiet>Posted</Quiet>
}
