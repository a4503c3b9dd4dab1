import { count, plural } from '@/format/numbers'

const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`

/** What the page says, but for the names of its figures. */
export const WORDS = {
  broken: 'This part could not be shown.',
  asCsv: (what: string) => `${what} as CSV`,
  table: 'Table',
  chart: 'Chart',
  heat: 'Map',
  forecast: 'Forecast, 80% range',
  onCourse: 'On course for',
  byThen: (day: string, low: number, high: number) =>
    `by ${day}, between ${count(low)} and ${count(high)}`,
  pace: 'At this pace',
  paceBy: (month: string) => `by the end of ${month}`,
  risen: (credits: number, percent: number | null) =>
    ` used ${plural(credits, 'credit')} more than in as long a time before${percent === null ? ', when it used none' : ` (+${count(percent)}%)`}.`,
  largest: (percentage: string) => ` is ${percentage} of all credits.`,
  member: (name: string, percentage: string) => ` ${percentage} of it is ${name}’s.`,
  hours: ({ from_hour, to_hour, percentage }: Hours) =>
    ` ${percentage}% of it falls on weekdays between ${clock(from_hour)} and ${clock(to_hour)}.`,
  limit: 'Set a limit',
} as const

interface Hours {
  from_hour: number
  to_hour: number
  percentage: number
}
