import { count } from '@/format/numbers'
import { until } from '@/format/times'
import { useKhata, useUsageAnalytics } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Spark } from '@/ui/charts'
import { categoryOf, Meter, Stat, StatStrip, StripSkeleton } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import s from './billing.module.css'
import { says } from './messages'
import { NextMonth } from './NextMonth'

const CAP = 'AI'

/** Today, this month, the tightest cap, and what next month will be. */
export function Glance() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const now = useNow()
  const { summary, series } = useUsageAnalytics(wallet.id)
  const { data: caps } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/caps', {
    params: { path: { wallet_id: wallet.id } },
  })
  const cap = caps?.data.find((each) => each.cap === CAP)
  if (!summary || !series || !caps) {
    return (
      <div className={s.glance}>
        <StripSkeleton hasMeter />
      </div>
    )
  }
  return (
    <div className={s.glance}>
      <StatStrip label={says.glance.label}>
        <Stat
          label={says.glance.today}
          value={<span data-testid="used-today">{count(summary.today)}</span>}
          hint={
            <span>
              {summary.usual_by_now === null
                ? says.glance.tooNew
                : says.glance.usual(summary.usual_by_now)}
            </span>
          }
        />
        <Stat
          label={says.glance.usedIn(summary.to, wallet.time_zone)}
          value={count(summary.this_month)}
          hint={
            <span>
              {says.glance.onCourse(summary.monthly_estimate)}
              <br />
              {says.glance.lastMonth(summary.previous_month_by_now)}
            </span>
          }
          spark={<Spark values={series.data.map(({ credits }) => credits)} />}
        />
        {cap ? (
          <Stat
            label={says.glance.callsToday(categoryOf(CAP).name)}
            value={count(cap.used)}
            unit={says.glance.of(cap.limit)}
            hint={<span>{says.glance.resets(until(cap.resets_at, now))}</span>}
          >
            <div className={s.meter}>
              <Meter used={cap.used} limit={cap.limit} label={says.glance.meter} />
            </div>
          </Stat>
        ) : (
          <Stat label={says.glance.caps} value="—" hint={<span>{says.glance.noCaps}</span>} />
        )}
        <NextMonth />
      </StatStrip>
    </div>
  )
}
