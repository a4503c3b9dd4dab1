import { getRouteApi } from '@tanstack/react-router'
import type { TransactionFilter } from '@/react'

export const route = getRouteApi('/org/billing/wallet')

/** What the list can be narrowed to by one press. */
export const KINDS = [
  { id: undefined, label: 'All', type: undefined },
  { id: 'usage', label: 'Usage', type: 'USAGE_DEDUCTION' },
  { id: 'purchases', label: 'Purchases', type: 'CREDIT_PURCHASE' },
  { id: 'refunds', label: 'Refunds', type: 'REFUND' },
] as const

/** The filter in the address, how it is asked of the server, and how it is changed. */
export function useLedgerFilter() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const kind = KINDS.find(({ id }) => id === search.type)
  const asked: TransactionFilter = {
    ...(kind?.type ? { type: kind.type } : {}),
    ...(search.category ? { category: search.category } : {}),
    ...(search.member ? { member_id: search.member } : {}),
    ...(search.from ? { from: search.from } : {}),
    ...(search.to ? { to: search.to } : {}),
    ...(search.q ? { q: search.q } : {}),
  }
  type Changes = Partial<
    Record<'q' | 'type' | 'category' | 'member' | 'from' | 'to', string | undefined>
  >
  return {
    search,
    asked,
    isFiltered: Object.keys(asked).length > 0,
    /** Typing replaces the address; choosing adds to its history. */
    change: (changes: Changes, { replace = false } = {}) =>
      void navigate({ search: (known) => without({ ...known, ...changes }), replace }),
    clear: () => void navigate({ search: ({ w }) => (w ? { w } : {}) }),
    open: (tx: string | undefined) =>
      void navigate({ search: (known) => without({ ...known, tx }), replace: Boolean(search.tx) }),
  }
}

/** The same without what is not set: the address names only what differs. */
function without<T extends object>(search: T) {
  const set = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(set) as { [Name in keyof T]: Exclude<T[Name], undefined> }
}
