/** Times in the wallet's own zone, by a clock of 24 hours. All take RFC 3339, as the API sends it. */

export const DEFAULT_ZONE = 'Asia/Kolkata'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

type Shape = 'day' | 'dayYear' | 'weekday' | 'time' | 'full' | 'isoDay' | 'month'

const SHAPES: Record<Shape, Intl.DateTimeFormatOptions> = {
  day: { day: 'numeric', month: 'short' },
  dayYear: { day: 'numeric', month: 'short', year: 'numeric' },
  weekday: { weekday: 'short', day: 'numeric', month: 'short' },
  month: { month: 'long' },
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  full: {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  },
  isoDay: { year: 'numeric', month: '2-digit', day: '2-digit' },
}

const made = new Map<string, Intl.DateTimeFormat>()

/** Formatters are dear to make and cheap to keep. */
function shaped(shape: Shape, zone: string, at: string | number): string {
  const key = `${shape} ${zone}`
  let formatter = made.get(key)
  if (!formatter) {
    const locale = shape === 'isoDay' ? 'en-CA' : 'en-IN'
    formatter = new Intl.DateTimeFormat(locale, { ...SHAPES[shape], timeZone: zone })
    made.set(key, formatter)
  }
  return formatter.format(new Date(at))
}

/** 24 Nov */
export const day = (at: string, zone = DEFAULT_ZONE) => shaped('day', zone, at)
/** 24 Nov 2026 */
export const dayOfYear = (at: string, zone = DEFAULT_ZONE) => shaped('dayYear', zone, at)
/** Tue, 24 Nov */
export const weekday = (at: string, zone = DEFAULT_ZONE) => shaped('weekday', zone, at)
/** November */
export const month = (at: string, zone = DEFAULT_ZONE) => shaped('month', zone, at)
/** 14:32 */
export const time = (at: string, zone = DEFAULT_ZONE) => shaped('time', zone, at)
/** 2026-11-24: the day in that zone, which tells days apart. */
export const isoDay = (at: string | number, zone = DEFAULT_ZONE) => shaped('isoDay', zone, at)

/** 24 Nov 2026, 12:42:05 IST */
export function moment(at: string, zone = DEFAULT_ZONE): string {
  return `${shaped('full', zone, at)} ${zoneName(zone, at)}`
}

/** Today, Yesterday, or Tue, 24 Nov. */
export function dayHeading(at: string, zone: string, now: number): string {
  const that = isoDay(at, zone)
  if (that === isoDay(now, zone)) return 'Today'
  if (that === isoDay(now - DAY, zone)) return 'Yesterday'
  return weekday(at, zone)
}

/** just now, 11 min ago, 3 h ago, and before that the day. */
export function ago(at: string, now: number, zone = DEFAULT_ZONE): string {
  const past = Math.max(0, now - Date.parse(at))
  if (past < 10 * SECOND) return 'just now'
  if (past < MINUTE) return `${Math.round(past / SECOND)} s ago`
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`
  if (past < DAY) return `${Math.floor(past / HOUR)} h ago`
  return day(at, zone)
}

/** How long until then: 9 h 27 min. */
export function until(at: string, now: number): string {
  const left = Math.max(0, Date.parse(at) - now)
  const [days, hours, minutes] = [left / DAY, (left % DAY) / HOUR, (left % HOUR) / MINUTE].map(
    Math.floor,
  ) as [number, number, number]
  if (days) return `${days} d ${hours} h`
  if (hours) return `${hours} h ${minutes} min`
  return minutes ? `${minutes} min` : 'a moment'
}

/** The short name that people of the zone use, as IST. */
function zoneName(zone: string, at: string): string {
  const parts = new Intl.DateTimeFormat('en-IN', {
    timeZone: zone,
    timeZoneName: 'short',
  }).formatToParts(new Date(at))
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone
}

/** When the month of that moment began in the zone, as RFC 3339. */
export function monthStart(at: string | number, zone = DEFAULT_ZONE): string {
  return midnight(`${isoDay(at, zone).slice(0, 8)}01`, zone)
}

/** The middle of the month after that of the moment by the zone's clock, as RFC 3339. */
export function nextMonth(at: string | number, zone = DEFAULT_ZONE): string {
  const [year = 0, of = 0] = isoDay(at, zone).split('-').map(Number)
  return new Date(Date.UTC(year, of, 15)).toISOString()
}

/** The midnight that begins a day, as 2026-11-24, in the zone. */
export function midnight(date: string, zone = DEFAULT_ZONE): string {
  const wanted = Date.parse(`${date}T00:00:00Z`)
  // The offset hangs on the moment, and the moment on the offset: twice is enough.
  const first = wanted - offset(wanted, zone)
  return new Date(wanted - offset(first, zone)).toISOString()
}

/** 2026-11-30 after 2026-11-29; or so many days after it, or before. */
export function dayAfter(date: string, days = 1): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)
}

/** Whether it is a day, as 2026-11-24. What is still typed is none: its year begins as 0002. */
export const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^2\d{3}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))

/** By how much the zone's clock is ahead of UTC at that moment, in milliseconds. */
function offset(at: number, zone: string): number {
  const clock = new Date(at).toLocaleString('sv-SE', { timeZone: zone })
  return Date.parse(`${clock.replace(' ', 'T')}Z`) - Math.floor(at / SECOND) * SECOND
}
