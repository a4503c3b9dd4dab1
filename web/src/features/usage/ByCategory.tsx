import { count, share } from '@/format/numbers'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, categoryOf, ExportCsv, Failed, kit, Meter, RowSkeletons, Tile } from '@/ui/kit'
import { says } from './messages'
import s from './usage.module.css'
import { usePeriod } from './usePeriod'

export function ByCategory() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { from, csvUrl } = usePeriod()
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/usage/breakdown',
    { params: { path: { wallet_id: wallet.id }, query: { from } } },
  )
  return (
    <Card
      title={says.categories.title}
      right={<ExportCsv href={csvUrl('breakdown')} of={says.categories.title} />}
    >
      {error && !data ? (
        <Failed what={says.notLoaded} error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowSkeletons rows={7} />
      ) : data.data.length === 0 ? (
        <p className={kit.said}>{says.nothing}</p>
      ) : (
        <ul>
          {data.data.map(({ category, credits, percentage }) => {
            const { name, color } = categoryOf(category)
            return (
              <li key={category} className={s.item}>
                <Tile of={{ type: 'USAGE_DEDUCTION', category }} />
                <b>{name}</b>
                <span className={s.value}>
                  {count(credits)}
                  <small>{share(percentage)}</small>
                </span>
                <span className={s.meter}>
                  <Meter
                    used={percentage}
                    limit={100}
                    color={color}
                    label={says.categories.share(name)}
                    height={5}
                  />
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </Card>
  )
}
