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
  const holds = useOpenHolds()
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

function underWay(holds: ReturnType<typeof useOpenHolds>, pending: number): string {
  const number = holds?.ids.size
  const open =
    holds?.isAll === false
      ? `${count(number)}+ holds open`
      : number && `${plural(number, 'hold')} open`
  const parts = [open, pending && `${count(pending)} pending`]
  return parts.filter(Boolean).join(', ') || (holds ? 'Nothing is under way' : '')
}
