import { count } from '@/format/numbers'
import { month } from '@/format/times'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Stat } from '@/ui/kit'
import { useNow } from '@/ui/useNow'

/** What next month will use, with its range; or why nobody can say yet. */
export function NextMonth() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const now = useNow()
  const { data } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/forecast', {
    params: { path: { wallet_id: wallet.id } },
  })
  const label = `${month(nextMonth(now), wallet.time_zone)} forecast`
  if (!data) return <Stat label={label} value="—" />
  if (data.next_month_credits === null)
    return (
      <Stat
        label={label}
        value="—"
        hint={<span>Needs 14 days of use, has {data.history_days}</span>}
      />
    )
  return (
    <Stat
      label={label}
      value={count(data.next_month_credits)}
      hint={
        <span>
          Between {count(data.low)} and {count(data.high)}
        </span>
      }
    />
  )
}

function nextMonth(now: number): string {
  const then = new Date(now)
  then.setUTCDate(1)
  then.setUTCMonth(then.getUTCMonth() + 1)
  then.setUTCDate(15)
  return then.toISOString()
}
