import type { Feature } from '@/api/types'

export type Change = { kind: 'new' } | { kind: 'price'; before: number }

interface Version {
  version: number
  effective_at: string
  features: readonly Feature[]
}

/** What a version has no more of what another one had. */
export function leftOut(before: readonly Feature[], after: readonly Feature[]): readonly string[] {
  const kept = new Set(after.map(({ feature }) => feature))
  return before.flatMap(({ feature }) => (kept.has(feature) ? [] : [feature]))
}

/** Since when each feature costs what it does in the first of these versions, the newest first. */
export function sinceWhen(versions: readonly Version[]): ReadonlyMap<string, string> {
  const [shown] = versions
  return new Map(
    shown?.features.map((priced) => {
      let since = shown.effective_at
      for (const { effective_at, features } of versions) {
        const then = features.find(({ feature }) => feature === priced.feature)
        if (!then || !isSamePrice(then, priced)) break
        since = effective_at
      }
      return [priced.feature, since]
    }),
  )
}

const isSamePrice = (a: Feature, b: Feature) =>
  a.credits === b.credits && (a.per ?? 1) === (b.per ?? 1)

/** What a version made otherwise than the one before it, by feature. */
export function changesBetween(
  before: readonly Feature[],
  after: readonly Feature[],
): ReadonlyMap<string, Change> {
  const known = new Map(before.map((each) => [each.feature, each]))
  return new Map(
    after.flatMap((priced): [string, Change][] => {
      const was = known.get(priced.feature)
      if (!was) return [[priced.feature, { kind: 'new' }]]
      return isSamePrice(was, priced)
        ? []
        : [[priced.feature, { kind: 'price', before: was.credits }]]
    }),
  )
}
