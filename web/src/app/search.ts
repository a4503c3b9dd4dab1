/** What pages keep in their address, read from whatever somebody may have typed there. */

type Search = Record<string, unknown>

/** The text under that name, where it is there. */
export function text<Name extends string>(search: Search, ...names: Name[]) {
  const found = names.flatMap((name) => {
    const value = search[name]
    return typeof value === 'string' && value ? [[name, value] as const] : []
  })
  return Object.fromEntries(found) as Partial<Record<Name, string>>
}

/** `q`, `type`, `category`, `member`, `from` and `to` filter; `tx` is the open transaction, and
 * `tab` what a narrow page shows. */
export const walletSearch = (search: Search) => ({
  ...text(search, 'q', 'type', 'category', 'member', 'from', 'to', 'tx', 'tab'),
  ...(search['low'] ? { low: true as const } : {}),
})

/** `pack` is chosen beforehand; `order` is the one that is followed. */
export const fundsSearch = (search: Search) => text(search, 'pack', 'order')

/** `range` of days, grouped `by`, with those of `hide` left out; `view` and `hours` show a table
 * instead of a chart. */
export const usageSearch = (search: Search): UsageSearch => ({
  ...text(search, 'by', 'hide', 'view', 'hours'),
  ...(typeof search['range'] === 'number' ? { range: search['range'] } : text(search, 'range')),
})

type UsageSearch = Partial<Record<'by' | 'hide' | 'view' | 'hours', string>> & {
  /** A number of days stays one, so that the address says 30 and not "30". */
  range?: string | number
}

/** `version` is the one that is shown, and `against` the one it is held to. */
export const pricingSearch = (search: Search) => {
  const { version, against } = search
  return text({ version: asText(version), against: asText(against) }, 'version', 'against')
}

/** `next` is where to go afterwards: a path of ours, and nothing else. */
export function signInSearch(search: Search): { next?: string } {
  const { next } = text(search, 'next')
  return next && /^\/org(\/|$)/.test(next) ? { next } : {}
}

/** A router reads what looks like a number for one. */
const asText = (value: unknown) => (typeof value === 'number' ? String(value) : value)
