import type { components } from '@/api/schema'
import { count } from '@/format/numbers'
import { day as dayOfMonth, nextMonth, weekday } from '@/format/times'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import type { Bin } from '../charts'
import { useNow } from '../useNow'
import { says } from './messages'

type Forecast = components['schemas']['UsageForecast']
type Day = Forecast['series'][number]

const ASK_AGAIN_MS = 5_000

/** What comes next, in words; and day by day for the chart. */
export function useForecast() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const now = useNow()
  const { data } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/usage/forecast',
    { params: { path: { wallet_id: wallet.id } } },
    {
      refetchInterval: ({ state }) => (state.data?.method === 'pending' ? ASK_AGAIN_MS : false),
    },
  )
  const label = says.title(nextMonth(now, wallet.time_zone), 'UTC')
  const days: readonly Day[] = data?.series ?? []
  const course = data?.this_month ?? null
  if (!data) return { label, value: '—', hint: '', days, course }
  if (data.next_month_credits === null)
    return { label, value: '—', hint: whyNone(data), days, course }
  return {
    label,
    value: count(data.next_month_credits),
    hint: says.between(data.low, data.high),
    days,
    course,
  }
}

function whyNone({ method, history_days }: Forecast): string {
  if (method === 'pending') return says.pending
  if (method === 'unavailable') return says.unavailable
  return says.tooYoung(history_days)
}

/** The days after the last one of the series, until the end of its month. */
export function forecastBins(
  days: readonly Day[],
  key: string,
  { data, time_zone }: { data: { date: string }[]; time_zone: string },
): Bin[] {
  const last = data.at(-1)?.date ?? ''
  return days
    .filter(({ day }) => day > last && day.slice(0, 7) === last.slice(0, 7))
    .map(({ day, credits, low, high }) => ({
      id: day,
      label: weekday(`${day}T12:00:00Z`, time_zone),
      short: dayOfMonth(`${day}T12:00:00Z`, time_zone),
      values: { [key]: credits },
      range: { low, high },
    }))
}
