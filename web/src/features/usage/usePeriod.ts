import { getRouteApi } from '@tanstack/react-router'
import { monthStart } from '@/format/times'
import { useChosenWallet } from '@/session/wallet'
import { daysAgo } from '@/ui/period'
import { useNow } from '@/ui/useNow'
import { says } from './messages'

const route = getRouteApi('/org/billing/usage')

export type Group = keyof typeof says.groups

const DEFAULT = { range: 'month', by: 'category' } as const
const RANGES = new Set(['7', '30', '90', 'month'])

/** What there is as a file too. Caps and forecasts are of no period. */
export type Part = 'series' | 'breakdown' | 'features' | 'team' | 'heatmap' | 'caps' | 'forecast'

const TIMELESS: ReadonlySet<Part> = new Set(['caps', 'forecast'])

type Changes = Partial<Record<'by' | 'hide' | 'view' | 'hours', string | undefined>> & {
  range?: string | number
}

/** Of which days and in which groups: as the address says, and as the API is asked. */
export function usePeriod() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { wallet } = useChosenWallet()
  const now = useNow()
  const told = String(search.range ?? '')
  const range = RANGES.has(told) ? told : DEFAULT.range
  const by = search.by && search.by in says.groups ? (search.by as Group) : DEFAULT.by
  const zone = wallet.time_zone
  const from = range === 'month' ? monthStart(now, zone) : daysAgo(Number(range), zone, now)
  const asked = (part: Part) =>
    new URLSearchParams({ from, ...(part === 'series' && { by, granularity: 'day' }) })
  return {
    range,
    by,
    from,
    hidden: new Set(search.hide?.split(',') ?? []) as ReadonlySet<string>,
    isTable: search.view === 'table',
    areHoursTable: search.hours === 'table',
    csvUrl: (part: Part) =>
      `/v1/wallets/${wallet.id}/usage/${part}.csv${TIMELESS.has(part) ? '' : `?${asked(part)}`}`,
    /** Choosing adds to the history; hiding a series replaces. */
    change: (changes: Changes, { replace = false } = {}) =>
      void navigate({ search: (known) => set({ ...known, ...changes }), replace }),
  }
}

function set<T extends object>(search: T) {
  const told = Object.entries(search).filter(
    ([name, value]) => value !== undefined && value !== '' && !isDefault(name, value),
  )
  return Object.fromEntries(told) as { [Name in keyof T]: Exclude<T[Name], undefined> }
}

const isDefault = (name: string, value: unknown) =>
  (DEFAULT as Record<string, string>)[name] === value
