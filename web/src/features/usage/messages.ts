import { count, plural } from '@/format/numbers'

const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

const GROUPS = { category: 'Category', feature: 'Feature', member: 'Member' } as const

interface Hours {
  from_hour: number
  to_hour: number
  percentage: number
}

/** What the page of usage says. */
export const says = {
  title: 'Usage',
  sub: 'Where credits go, and what comes next.',
  broken: 'This part could not be shown.',
  notLoaded: 'It could not be loaded.',
  nothing: 'Nothing was used in this period.',
  period: 'Period',
  days: (days: number) => `${days} days`,
  /** What the chart tells apart. */
  groups: GROUPS,
  by: (group: keyof typeof GROUPS) => `By ${GROUPS[group].toLowerCase()}`,
  table: 'Table',
  figures: {
    label: 'Usage at a glance',
    notLoaded: 'Usage could not be loaded.',
    burn: 'Burn rate',
    aDay: 'a day',
    average: (daysLeft: number | null) =>
      `7-day average${daysLeft === null ? '' : `, balance lasts ${plural(daysLeft, 'day')}`}`,
    today: 'Used today',
    tooNew: 'Too new to know what is usual',
    usual: (credits: number) => `Usually ${count(credits)} by now`,
    soFar: (month: string) => `${month} so far`,
    lastMonth: (credits: number) => `${count(credits)} by this day last month`,
  },
  chart: {
    title: 'Credits used per day',
    notLoaded: 'The chart could not be loaded.',
    asChart: 'Chart',
    average: (credits: number) => `credits, ${count(credits)} a day`,
    /** A figure follows, and then until when or between which. */
    onCourse: 'On course for',
    byThen: (day: string, low: number, high: number) =>
      `by ${day}, between ${count(low)} and ${count(high)}`,
    pace: 'At this pace',
    paceBy: (month: string) => `by the end of ${month}`,
    forecast: 'Forecast, 80% range',
    forecastFile: 'Forecast',
    rapidBurn: (credits: number) => `Rapid burn from ${count(credits)} in 24 hours`,
    summary: (group: keyof typeof GROUPS) =>
      `Credits used per day by ${GROUPS[group].toLowerCase()}.`,
  },
  insight: {
    label: 'What stands out',
    /** The feature's name goes before each of these. */
    risen: (credits: number, percent: number | null) =>
      ` used ${plural(credits, 'credit')} more than in as long a time before${percent === null ? ', when it used none' : ` (+${count(percent)}%)`}.`,
    largest: (percentage: string) => ` is ${percentage} of all credits.`,
    member: (name: string, percentage: string) => ` ${percentage} of it is ${name}’s.`,
    hours: ({ from_hour, to_hour, percentage }: Hours) =>
      ` ${percentage}% of it falls on weekdays between ${clock(from_hour)} and ${clock(to_hour)}.`,
    limit: 'Set a limit',
  },
  features: {
    title: 'Top features',
    operations: (operations: number) => plural(operations, 'operation'),
    none: 'Nothing was used',
    empty: 'No credits were used in this period.',
    feature: 'Feature',
    price: 'Price',
    priceOf: (credits: number, per = 1) =>
      per === 1 ? count(credits) : `${count(credits)} per ${count(per)}`,
    count: 'Operations',
    trend: 'Trend',
    credits: 'Credits',
    share: 'Share',
  },
  categories: {
    title: 'By category',
    share: (category: string) => `${category}, share`,
  },
  caps: {
    title: 'Daily caps',
    notLoaded: 'Caps could not be loaded.',
    none: 'No daily caps are set.',
    reset: (time: string) => `Reset in ${time}`,
    of: (limit: number) => `of ${count(limit)}`,
    used: (cap: string) => `${cap}, used of the daily cap`,
    full: (time: string) => `At this pace it is reached around ${time}.`,
  },
  hours: {
    title: 'Busiest hours',
    notLoaded: 'Hours could not be loaded.',
    asMap: 'Map',
    summary: (busiest: { weekday: number; hour: number } | null) =>
      `Credits used by weekday and hour. ${busiest ? `Busiest on ${DAYS[busiest.weekday - 1] ?? ''} from ${busiest.hour}:00.` : 'Nothing was used.'}`,
    less: 'Less',
    more: 'More',
  },
  members: {
    title: 'Top members',
    notLoaded: 'Members could not be loaded.',
    nobody: 'Nobody used credits in this period.',
    platform: 'The platform itself',
  },
}
