import { count, money, plural } from '@/format/numbers'
import { month } from '@/format/times'
import { useUsageAnalytics } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Coin, Stat, StatStrip, StripSkeleton } from '@/ui/kit'
import { Spark } from '@/ui/charts'
import { useOpenHolds } from './holds'

/** What there is, what was used of it, how fast, and what is under way. */
export function Figures() {
  const { wallet } = useChosenWallet()
  const { summary, series } = useUsageAnalytics(wallet.id)
  const holds = useOpenHolds().size
  if (!summary || !series) return <StripSkeleton />
  return (
    <StatStrip label="The wallet at a glance">
      <Stat
        label="Available"
        value={
          <>
            <Coin size={19} />
            <span data-testid="available">{count(wallet.available_credits)}</span>
          </>
        }
        hint={<span>Worth {money(summary.available_worth)}</span>}
      />
      <Stat
        label={`Used in ${month(summary.to, wallet.time_zone)}`}
        value={count(summary.this_month)}
        hint={<span>{count(summary.previous_month_by_now)} by this day last month</span>}
      />
      <Stat
        label="Burn rate"
        value={count(summary.burn_rate_per_day)}
        unit="a day"
        hint={<span>7-day average</span>}
        spark={<Spark values={series.data.map(({ credits }) => credits)} />}
      />
      <Stat
        label="In progress"
        value={count(wallet.reserved_credits)}
        unit="reserved"
        hint={<span>{underWay(holds, wallet.pending_credits)}</span>}
      />
    </StatStrip>
  )
}

function underWay(holds: number, pending: number): string {
  const parts = [holds && `${plural(holds, 'hold')} open`, pending && `${count(pending)} pending`]
  return parts.filter(Boolean).join(', ') || 'Nothing is under way'
}
