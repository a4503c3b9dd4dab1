import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { says } from '../messages'
import { useLedgerFilter } from './filter'
import s from './ledger.module.css'

const LIST = '/v1/wallets/{wallet_id}/transactions'

interface Props {
  /** What came with the first page: of a long ledger counted among the latest, where filtered. */
  rows: number | null
  isCapped: boolean
}

/** How many are found; of a filtered list, of how many in all. */
export function Count({ rows, isCapped }: Props) {
  const { queries } = useKhata()
  const { wallet } = useChosenWallet()
  const { asked, isFiltered } = useLedgerFilter()
  const path = { wallet_id: wallet.id }
  const { data: every } = queries.useQuery(
    'get',
    LIST,
    { params: { path, query: { limit: 1, count: true } } },
    { enabled: isFiltered },
  )
  // It takes longer, and rows need not wait for it.
  const { data: far } = queries.useQuery(
    'get',
    LIST,
    { params: { path, query: { ...asked, limit: 1, count_far: true } } },
    { enabled: isFiltered && isCapped },
  )
  if (rows === null) return null
  const best = isCapped && far ? far : { count: rows, count_is_capped: isCapped }
  const found = says.ledger.counted(best.count ?? rows, best.count_is_capped ?? isCapped)
  const all = isFiltered ? every?.count : undefined
  return (
    <span className={s.count} data-testid="count">
      {typeof all === 'number' ? says.ledger.countedOf(found, all) : found}
    </span>
  )
}
