const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/**
 * The beginning of a period of so many days that ends now and counts today in. Rounded to the hour,
 * so that a page asks the same question until the next one.
 */
export function daysAgo(days: number, now = Date.now()): string {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS
  return new Date(hour - (days - 1) * DAY_MS).toISOString()
}
