import { count, share } from '@/format/numbers'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, categoryOf, Failed, kit, Meter, RowSkeletons, Tile } from '@/ui/kit'
import { Csv } from './Csv'
import s from './usage.module.css'
import { usePeriod } from './usePeriod'

export function ByCategory() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { from } = usePeriod()
  const { data, error, refetch } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/usage/breakdown',
    { params: { path: { wallet_id: wallet.id }, query: { from } } },
  )
  return (
    <Card title="By category" right={<Csv of="breakdown" what="By category" />}>
      {error && !data ? (
        <Failed what="It could not be loaded." error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowSkeletons rows={6} />
      ) : data.data.length === 0 ? (
        <p className={kit.said}>Nothing was used in this period.</p>
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
                    label={`${name}, share`}
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
