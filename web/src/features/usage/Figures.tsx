import { count, plural } from '@/format/numbers'
import { month } from '@/format/times'
import { useKhata, useUsageAnalytics } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { SparkBars } from '@/ui/charts'
import { Failed, Stat, StatStrip, StripSkeleton } from '@/ui/kit'
import { midnight, isoDay } from '@/format/times'
import { useNow } from '@/ui/useNow'
import { useForecast } from '@/ui/forecast/useForecast'

/** How fast, today, this month and the next. */
export function Figures() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const now = useNow()
  const zone = wallet.time_zone
  const { summary, error } = useUsageAnalytics(wallet.id)
  const { data: today } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/series', {
    params: {
      path: { wallet_id: wallet.id },
      query: { from: midnight(isoDay(now, zone), zone), granularity: 'hour' },
    },
  })
  const next = useForecast()
  if (!summary)
    return error ? (
      <Failed what="Usage could not be loaded." error={error} onRetry={() => location.reload()} />
    ) : (
      <StripSkeleton />
    )
  return (
    <StatStrip label="Usage at a glance">
      <Stat
        label="Burn rate"
        value={count(summary.burn_rate_per_day)}
        unit="a day"
        hint={
          <span>
            7-day average
            {summary.days_left !== null && `, balance lasts ${plural(summary.days_left, 'day')}`}
          </span>
        }
      />
      <Stat
        label="Used today"
        value={count(summary.today)}
        hint={
          <span>
            {summary.usual_by_now === null
              ? 'Too new to know what is usual'
              : `Usually ${count(summary.usual_by_now)} by now`}
          </span>
        }
        spark={today && <SparkBars values={today.data.map(({ credits }) => credits)} />}
      />
      <Stat
        label={`${month(summary.to, zone)} so far`}
        value={count(summary.this_month)}
        hint={<span>{count(summary.previous_month_by_now)} by this day last month</span>}
      />
      <Stat label={next.label} value={next.value} hint={<span>{next.hint}</span>} />
    </StatStrip>
  )
}
