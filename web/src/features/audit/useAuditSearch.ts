import { useNavigate, useSearch } from '@tanstack/react-router'
import { dayAfter, isDay, midnight } from '@/format/times'
import { useChosenWallet } from '@/session/wallet'

const FILTERS = ['actor', 'action', 'subject', 'from', 'to'] as const
type Changes = Partial<Record<(typeof FILTERS)[number] | 'entry', string | undefined>>

/** What of the log is asked for, and which entry is open: as the address says. */
export function useAuditSearch() {
  const search = useSearch({ from: '/org/audit' })
  const navigate = useNavigate({ from: '/org/audit' })
  const { wallet } = useChosenWallet()
  const { actor, action, subject, from, to } = search
  const zone = wallet.time_zone
  const go = (changes: Changes, replace: boolean) =>
    void navigate({
      search: (known) => {
        const all = Object.entries({ ...known, ...changes })
        return Object.fromEntries(all.filter(([, value]) => value))
      },
      replace,
    })
  return {
    search,
    isFiltered: FILTERS.some((name) => search[name]),
    asked: {
      ...(actor && { actor }),
      ...(action && { action }),
      ...(subject && { subject }),
      ...(isDay(from) && { from: midnight(from, zone) }),
      // The day that is named counts in.
      ...(isDay(to) && { to: midnight(dayAfter(to), zone) }),
    },
    change: (changes: Changes, { replace = false } = {}) => go(changes, replace),
    clear: () => go(Object.fromEntries(FILTERS.map((name) => [name, undefined])), false),
  }
}
