import { count } from '@/format/numbers'
import { time, until } from '@/format/times'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, ExportCsv, Failed, kit, Meter, RowSkeletons } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import { says } from './messages'
import s from './usage.module.css'
import { usePeriod } from './usePeriod'

/** What the daily caps leave, and when one will be reached at this pace. */
export function Caps() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const now = useNow()
  const { csvUrl } = usePeriod()
  const { data, error, refetch } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/caps', {
    params: { path: { wallet_id: wallet.id } },
  })
  const reset = data?.data[0]?.resets_at
  return (
    <Card
      title={says.caps.title}
      right={
        <>
          {reset && <span className={kit.muted}>{says.caps.reset(until(reset, now))}</span>}
          <ExportCsv href={csvUrl('caps')} of={says.caps.title} />
        </>
      }
    >
      {error && !data ? (
        <Failed what={says.caps.notLoaded} error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowSkeletons rows={3} />
      ) : data.data.length === 0 ? (
        <p className={kit.said}>{says.caps.none}</p>
      ) : (
        data.data.map(({ cap, used, limit, full_at }) => (
          <div key={cap} className={s.cap}>
            <div>
              <b>{featureName(cap)}</b>
              <span>
                {count(used)} <small>{says.caps.of(limit)}</small>
              </span>
            </div>
            <Meter used={used} limit={limit} label={says.caps.used(featureName(cap))} />
            {full_at && <small>{says.caps.full(time(full_at, wallet.time_zone))}</small>}
          </div>
        ))
      )}
    </Card>
  )
}
