import type { components } from '@/api/schema'
import { day as dayOfMonth, time, weekday } from '@/format/times'
import { featureName } from '@/format/words'
import { CATEGORIES, categoryOf } from '../kit/categories'
import type { Bin, Key } from './bins'
import { says } from './messages'

type Series = components['schemas']['UsageSeries']

const NOBODY = ''
const OTHER: Key = { id: 'other', name: says.other, color: 'var(--text-3)' }

/** A series of usage as bars: what stacks in them, how much in all, and one bar for each point. */
export function usageBars(series: Series, nameOf: (memberId: string) => string) {
  return {
    keys: keysOf(series, nameOf),
    totals: valuesOf(series.totals, series.other),
    bins: series.data.map((point) => binOf(series, point)),
  }
}

function keysOf(series: Series, nameOf: (memberId: string) => string): Key[] {
  const keys = series.totals.map(({ name }, place) => keyOf(series.by, name, place, nameOf))
  if (series.by === 'category') keys.sort((a, b) => rankOf(a.id) - rankOf(b.id))
  return series.other ? [...keys, OTHER] : keys
}

function keyOf(
  by: string,
  name: string | null,
  place: number,
  nameOf: (memberId: string) => string,
): Key {
  if (by === 'category') {
    const { name: shown, color } = categoryOf(name)
    return { id: name ?? NOBODY, name: shown, color }
  }
  const color = CATEGORIES[place % CATEGORIES.length]?.color ?? OTHER.color
  if (name === null) return { id: NOBODY, name: says.platform, color }
  return { id: name, name: by === 'feature' ? featureName(name) : nameOf(name), color }
}

function binOf({ granularity, time_zone }: Series, point: Series['data'][number]): Bin {
  const values = valuesOf(point.parts, point.other)
  const day = weekday(point.at, time_zone)
  const hour = time(point.at, time_zone)
  return granularity === 'hour'
    ? { id: point.at, label: says.at(day, hour), short: hour, values }
    : { id: point.date, label: day, short: dayOfMonth(point.at, time_zone), values }
}

function valuesOf(parts: Series['totals'], other: Series['other']): Record<string, number> {
  const values = Object.fromEntries(parts.map(({ name, credits }) => [name ?? NOBODY, credits]))
  return other ? { ...values, [OTHER.id]: other.credits } : values
}

const rankOf = (id: string) => {
  const rank = CATEGORIES.findIndex((category) => category.id === id)
  return rank < 0 ? CATEGORIES.length : rank
}
