import { count } from '@/format/numbers'
import { time, until } from '@/format/times'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Failed, kit, Meter, RowSkeletons } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import { Csv } from './Csv'
import s from './usage.module.css'

/** What the daily caps leave, and when one will be reached at this pace. */
export function Caps() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const now = useNow()
  const { data, error, refetch } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/caps', {
    params: { path: { wallet_id: wallet.id } },
  })
  const reset = data?.data[0]?.resets_at
  return (
    <Card
      title="Daily caps"
      right={
        <>
          {reset && <span className={kit.muted}>Reset in {until(reset, now)}</span>}
          <Csv of="caps" what="Daily caps" />
        </>
      }
    >
      {error && !data ? (
        <Failed what="Caps could not be loaded." error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowSkeletons rows={3} />
      ) : data.data.length === 0 ? (
        <p className={kit.said}>No daily caps are set.</p>
      ) : (
        data.data.map(({ cap, used, limit, full_at }) => (
          <div key={cap} className={s.cap}>
            <div>
              <b>{featureName(cap)}</b>
              <span>
                {count(used)} <small>of {count(limit)}</small>
              </span>
            </div>
            <Meter used={used} limit={limit} label={`${featureName(cap)}, used of the daily cap`} />
            {full_at && (
              <small>At this pace it is reached around {time(full_at, wallet.time_zone)}.</small>
            )}
          </div>
        ))
      )}
    </Card>
  )
}
