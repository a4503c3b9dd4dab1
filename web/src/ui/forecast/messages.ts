import { count, plural } from '@/format/numbers'
import { month } from '@/format/times'

/** What is said of what comes next. */
export const says = {
  title: (at: string, zone: string) => `${month(at, zone)} forecast`,
  between: (low: number | null, high: number | null) => `Between ${count(low)} and ${count(high)}`,
  pending: 'Being made from what was used',
  unavailable: 'Forecasts are not installed here',
  tooYoung: (days: number) => `Needs 14 days of use, has ${plural(days, 'day')}`,
}
