import { useQuery } from '@tanstack/react-query'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { says } from '../messages'
import { useLedgerFilter } from './filter'
import s from './ledger.module.css'

const LIST = '/v1/wallets/{wallet_id}/transactions'

// To count far back takes long, so that is not asked again with every charge.
const FAR_MS = 60_000

interface Props {
  /** At least so many, where it is capped: of a filtered list those counted among the latest. */
  rows: number
  isCapped: boolean
}

/** How many are found; of a filtered list, of how many in all. */
export function Count({ rows, isCapped }: Props) {
  const { khata, queries } = useKhata()
  const { wallet } = useChosenWallet()
  const { asked, isFiltered } = useLedgerFilter()
  const path = { wallet_id: wallet.id }
  const { data: every } = queries.useQuery(
    'get',
    LIST,
    { params: { path, query: { limit: 1, count: true } } },
    { enabled: isFiltered },
  )
  const { data: far } = useQuery({
    queryKey: ['far', path, asked],
    queryFn: async ({ signal }) => {
      const params = { path, query: { ...asked, limit: 1, count_far: true } }
      return (await khata.api.GET(LIST, { params, signal })).data
    },
    enabled: isFiltered && isCapped,
    refetchInterval: FAR_MS,
  })
  const isFar = isCapped && far !== undefined
  const found = isFar
    ? says.ledger.counted(Math.max(rows, far.count ?? 0), far.count_is_capped ?? true)
    : says.ledger.counted(rows, isCapped)
  const all = isFiltered ? every?.count : undefined
  return (
    <span className={s.count} data-testid="count">
      {typeof all === 'number' ? says.ledger.countedOf(found, all) : found}
    </span>
  )
}
