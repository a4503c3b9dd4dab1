import { count } from '@/format/numbers'
import { useUsageAnalytics } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Coin, Stat, StatStrip, StripSkeleton } from '@/ui/kit'
import { Spark } from '@/ui/charts'
import { useOpenHolds } from './holds'
import { says } from './messages'

/** What there is, what was used of it, how fast, and what is under way. */
export function Figures() {
  const { wallet } = useChosenWallet()
  const { summary, series } = useUsageAnalytics(wallet.id)
  const holds = useOpenHolds()
  if (!summary || !series) return <StripSkeleton />
  return (
    <StatStrip label={says.figures.label}>
      <Stat
        label={says.figures.available}
        value={
          <>
            <Coin size={19} />
            <span data-testid="available">{count(wallet.available_credits)}</span>
          </>
        }
        hint={<span>{says.figures.worth(summary.available_worth)}</span>}
      />
      <Stat
        label={says.figures.usedIn(summary.to, wallet.time_zone)}
        value={count(summary.this_month)}
        hint={<span>{says.figures.lastMonth(summary.previous_month_by_now)}</span>}
      />
      <Stat
        label={says.figures.burn}
        value={count(summary.burn_rate_per_day)}
        unit={says.figures.aDay}
        hint={<span>{says.figures.average}</span>}
        spark={<Spark values={series.data.map(({ credits }) => credits)} />}
      />
      <Stat
        label={says.figures.inProgress}
        value={count(wallet.reserved_credits)}
        unit={says.figures.reserved}
        hint={<span>{underWay(holds, wallet.pending_credits)}</span>}
      />
    </StatStrip>
  )
}

function underWay(holds: ReturnType<typeof useOpenHolds>, pending: number): string {
  const number = holds?.ids.size ?? 0
  const open = (holds?.isAll === false ? says.figures.manyHolds : says.figures.holds)(number)
  const parts = [number && open, pending && says.figures.pending(pending)]
  return parts.filter(Boolean).join(', ') || (holds ? says.figures.nothing : '')
}
