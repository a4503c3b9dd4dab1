import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { count } from '@/format/numbers'
import { useMemberName } from '@/session/members'
import { useUsageAnalytics } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Legend, StackedBars, usageBars } from '@/ui/charts'
import { Card, CardSkeleton, Failed } from '@/ui/kit'
import { daysAgo } from '@/ui/period'
import s from './billing.module.css'
import { says } from './messages'

const RANGES = ['7', '30', '90']

/** Credits used day by day, by category. */
export function CreditsUsed() {
  const { wallet } = useChosenWallet()
  const nameOf = useMemberName()
  const [days, setDays] = useState('30')
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const from = daysAgo(Number(days), wallet.time_zone)
  const { summary, series, error } = useUsageAnalytics(wallet.id, { from })
  if (!summary || !series) {
    return error ? (
      <Failed what={says.used.notLoaded} error={error} onRetry={() => location.reload()} />
    ) : (
      <CardSkeleton chart={250} />
    )
  }
  const { bins, keys, totals } = usageBars(series, nameOf)
  return (
    <Card
      title={says.used.title}
      right={
        <SegmentedControl
          size="xs"
          aria-label={says.used.period}
          value={days}
          onChange={setDays}
          data={RANGES.map((value) => ({ value, label: says.used.days(value) }))}
        />
      }
    >
      <div className={s.total}>
        {count(summary.total_consumed)}
        <small>{says.used.average(days, summary.daily_average)}</small>
      </div>
      <StackedBars
        bins={bins}
        keys={keys}
        hidden={hidden}
        height={232}
        summary={says.used.summary(days)}
      />
      <div className={s.legend}>
        <Legend
          keys={keys}
          totals={totals}
          hidden={hidden}
          onToggle={(id) => setHidden((known) => new Set(toggled(known, id)))}
        />
      </div>
    </Card>
  )
}

const toggled = (known: ReadonlySet<string>, id: string) =>
  known.has(id) ? [...known].filter((each) => each !== id) : [...known, id]
