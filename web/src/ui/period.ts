import { dayAfter, isoDay, midnight } from '@/format/times'

/** When a period of so many whole days began, by the zone's clock. Today counts in. */
export function daysAgo(days: number, zone: string, now = Date.now()): string {
  return midnight(dayAfter(isoDay(now, zone), 1 - days), zone)
}
