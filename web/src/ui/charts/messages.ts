import { count } from '@/format/numbers'

interface Range {
  low: number
  high: number
}

/** What charts say of themselves, and read out as one goes along them. */
export const says = {
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  asTable: (caption: string) => `${caption}, as a table`,
  byKeys: (summary: string) => `${summary} Use the arrow keys to read each.`,
  above: (limit: string) => `${limit} ↑`,
  when: 'When',
  total: 'Total',
  forecast: (day: string) => `${day} (forecast)`,
  toggle: 'Show or hide',
  other: 'Other',
  platform: 'The platform itself',
  at: (day: string, hour: string) => `${day}, ${hour}`,
  bar: {
    range: '80% range',
    between: ({ low, high }: Range) => `${count(low)} – ${count(high)}`,
    toCome: (day: string, credits: number, { low, high }: Range) =>
      `${day}: ${count(credits)} credits forecast, between ${count(low)} and ${count(high)}.`,
    part: (name: string, credits: number) => `${name} ${count(credits)}`,
    used: (day: string, credits: number, parts: readonly string[]) =>
      `${day}: ${count(credits)} credits. ${parts.join(', ')}.`,
  },
  balance: {
    label: (days: number, credits: number) =>
      `Balance over ${days} days. Now ${count(credits)} credits. Use the arrow keys to read each day.`,
    bought: 'Bought',
    at: (day: string, credits: number) => `${day}: ${count(credits)} credits`,
  },
  hours: {
    title: 'Hours, as a table',
    caption: 'Credits used by weekday and hour',
    hour: 'Hour',
    clock: (hour: string) => `${hour}:00`,
    cell: (day: string, hour: string, credits: number) =>
      `${day} ${hour}:00 · ${count(credits)} credits`,
  },
}
