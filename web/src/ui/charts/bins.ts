/** One stretch of time on a chart: what each key comes to in it. */
export interface Bin {
  id: string
  /** In full, as "Tue, 24 Nov". */
  label: string
  /** As it stands on the axis, "24". */
  short: string
  values: Readonly<Record<string, number>>
  /** Of a forecast: its 80 % range. */
  range?: { low: number; high: number }
}

export interface Key {
  id: string
  name: string
  color: string
}

export const totalOf = (bin: Bin, keys: readonly Key[]) =>
  keys.reduce((sum, { id }) => sum + (bin.values[id] ?? 0), 0)

/** The keys that a bin has anything of, each on top of those before it. */
export function stacked(bin: Bin, keys: readonly Key[]) {
  const present = keys.filter(({ id }) => (bin.values[id] ?? 0) > 0)
  let to = 0
  return present.map((key, place) => {
    const from = to
    to += bin.values[key.id] ?? 0
    return { key, from, to, isTop: place === present.length - 1 }
  })
}
