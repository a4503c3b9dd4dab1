import type { Feature } from '@/api/types'

export type Change = { kind: 'new' } | { kind: 'price'; before: number }

/** What a version made otherwise than the one before it, by feature. */
export function changesBetween(
  before: readonly Feature[],
  after: readonly Feature[],
): ReadonlyMap<string, Change> {
  const known = new Map(before.map((each) => [each.feature, each]))
  return new Map(
    after.flatMap(({ feature, credits, per = 1 }): [string, Change][] => {
      const was = known.get(feature)
      if (!was) return [[feature, { kind: 'new' }]]
      const isSame = was.credits === credits && (was.per ?? 1) === per
      return isSame ? [] : [[feature, { kind: 'price', before: was.credits }]]
    }),
  )
}
