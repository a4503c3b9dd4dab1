import { count } from '@/format/numbers'
import { month } from '@/format/times'
import { useKhata, useUsageAnalytics } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { SparkBars } from '@/ui/charts'
import { Failed, Stat, StatStrip, StripSkeleton } from '@/ui/kit'
import { midnight, isoDay } from '@/format/times'
import { useNow } from '@/ui/useNow'
import { useForecast } from '@/ui/forecast/useForecast'
import { says } from './messages'

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
      <Failed what={says.figures.notLoaded} error={error} onRetry={() => location.reload()} />
    ) : (
      <StripSkeleton />
    )
  return (
    <StatStrip label={says.figures.label}>
      <Stat
        label={says.figures.burn}
        value={count(summary.burn_rate_per_day)}
        unit={says.figures.aDay}
        hint={<span>{says.figures.average(summary.days_left)}</span>}
      />
      <Stat
        label={says.figures.today}
        value={count(summary.today)}
        hint={
          <span>
            {summary.usual_by_now === null
              ? says.figures.tooNew
              : says.figures.usual(summary.usual_by_now)}
          </span>
        }
        spark={today && <SparkBars values={today.data.map(({ credits }) => credits)} />}
      />
      <Stat
        label={says.figures.soFar(month(summary.to, zone))}
        value={count(summary.this_month)}
        hint={<span>{says.figures.lastMonth(summary.previous_month_by_now)}</span>}
      />
      <Stat label={next.label} value={next.value} hint={<span>{next.hint}</span>} />
    </StatStrip>
  )
}
