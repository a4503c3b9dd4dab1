import { useCallback } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import type { TransactionFilter } from '@/react'

export const route = getRouteApi('/org/billing/wallet')

/** What the list can be narrowed to by a press each, and the server's types of it. */
export const KINDS = [
  { id: 'usage', types: ['USAGE_DEDUCTION', 'HOLD_CAPTURE'] },
  { id: 'purchases', types: ['CREDIT_PURCHASE'] },
  { id: 'bonuses', types: ['BONUS_CREDIT'] },
  { id: 'refunds', types: ['REFUND'] },
] as const

/** Several of a list in the address are divided by commas, as they are for the server. */
export const listed = (text: string | undefined): string[] => text?.split(',').filter(Boolean) ?? []

/** The same with that one in it, or without it if it was. */
export const toggled = (chosen: readonly string[], one: string): string[] =>
  chosen.includes(one) ? chosen.filter((each) => each !== one) : [...chosen, one]

/** The server's types of all kinds that are chosen; none where none is known. */
export const typesOf = (chosen: readonly string[]): string[] =>
  KINDS.filter(({ id }) => chosen.includes(id)).flatMap(({ types }) => types)

/** The filter in the address, how it is asked of the server, and how it is changed. */
export function useLedgerFilter() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const isOpen = Boolean(search.tx)
  const kinds = listed(search.type)
  const categories = listed(search.category)
  const types = typesOf(kinds)
  const asked: TransactionFilter = {
    ...(types.length ? { type: types.join() } : {}),
    ...(categories.length ? { category: categories.join() } : {}),
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
    kinds,
    categories,
    asked,
    isFiltered: Object.keys(asked).length > 0,
    /** Typing replaces the address; choosing adds to its history. */
    change: (changes: Changes, { replace = false } = {}) =>
      void navigate({ search: (known) => without({ ...known, ...changes }), replace }),
    /** What a narrow page shows: the list, or what stands beside it on a wide one. */
    show: (tab: string) =>
      void navigate({ search: (known) => without({ ...known, tab: tab || undefined }) }),
    clear: () => void navigate({ search: ({ w }) => (w ? { w } : {}) }),
    /** Opens the drawer of a transaction, or none. From one to the next is one step of Back. */
    open: useCallback(
      (tx: string | undefined) =>
        void navigate({ search: (known) => without({ ...known, tx }), replace: isOpen }),
      [navigate, isOpen],
    ),
  }
}

/** The same without what is not set: the address names only what differs. */
function without<T extends object>(search: T) {
  const set = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(set) as { [Name in keyof T]: Exclude<T[Name], undefined> }
}
