import { useMemo } from 'react'
import type { Transaction } from '@/api/types'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Pill, Quiet } from '@/ui/kit'

const MOST = 200

interface OpenHolds {
  ids: ReadonlySet<string>
  /** Whether these are all that are open. */
  isAll: boolean
}

/** The holds that are open, as far as they are known. */
export function useOpenHolds(): OpenHolds | undefined {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { data } = queries.useQuery('get', '/v1/wallets/{wallet_id}/holds', {
    params: { path: { wallet_id: wallet.id }, query: { state: 'open', limit: MOST } },
  })
  return useMemo(
    () => data && { ids: new Set(data.data.map(({ id }) => id)), isAll: !data.next_cursor },
    [data],
  )
}

/** Whether its credits are set aside still, for work that goes on; where that is known. */
export function isReserved(
  { type, source_id }: Transaction,
  open: OpenHolds | undefined,
): boolean | undefined {
  if (type !== 'HOLD' || source_id === null) return false
  if (open?.ids.has(source_id)) return true
  return open?.isAll ? false : undefined
}

/** The same, asked by itself. */
export const useIsReserved = (transaction: Transaction) => isReserved(transaction, useOpenHolds())

export function State({ isReserved }: { isReserved: boolean | undefined }) {
  if (isReserved === undefined) return null
  return isReserved ? <Pill tone="warn">Reserved</Pill> : <Quiet>Posted</Quiet>
}
