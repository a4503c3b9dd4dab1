import { describe, expect, it } from 'vitest'
import {
  ago,
  day,
  dayAfter,
  dayHeading,
  dayOfYear,
  isDay,
  isoDay,
  midnight,
  moment,
  month,
  monthStart,
  nextMonth,
  time,
  until,
  weekday,
} from './times'

const AT = '2026-11-24T07:12:05Z'
const NOW = Date.parse(AT)
const SECOND = 1000
const HOUR = 3600 * SECOND

describe('times in the zone of the wallet', () => {
  it('says the day and the hour of India by default', () => {
    expect(time(AT)).toBe('12:42')
    expect(day(AT)).toBe('24 Nov')
    expect(dayOfYear(AT)).toBe('24 Nov 2026')
    expect(weekday(AT)).toBe('Tue, 24 Nov')
    expect(month(AT)).toBe('November')
    expect(moment(AT)).toBe('24 Nov 2026, 12:42:05 IST')
  })

  it('says another zone where the wallet is at home there', () => {
    expect(time(AT, 'America/New_York')).toBe('02:12')
    expect(isoDay('2026-11-24T03:00:00Z', 'America/New_York')).toBe('2026-11-23')
  })

  it('begins a day at the midnight of the zone', () => {
    expect(isoDay('2026-11-24T18:29:59Z')).toBe('2026-11-24')
    expect(isoDay('2026-11-24T18:30:00Z')).toBe('2026-11-25')
    expect(time('2026-11-24T18:30:00Z')).toBe('00:00')
  })

  it.each([
    [AT, 'Today'],
    ['2026-11-23T07:00:00Z', 'Yesterday'],
    ['2026-11-22T07:00:00Z', 'Sun, 22 Nov'],
  ])('heads %s as %s', (at, heading) => expect(dayHeading(at, 'Asia/Kolkata', NOW)).toBe(heading))

  it.each([
    [3 * SECOND, 'just now'],
    [42 * SECOND, '42 s ago'],
    [11 * 60 * SECOND, '11 min ago'],
    [3 * HOUR, '3 h ago'],
    [50 * HOUR, '24 Nov'],
    [-5 * SECOND, 'just now'],
  ])('is %s ms later %s', (later, shown) => expect(ago(AT, NOW + later)).toBe(shown))

  it.each([
    ['2026-11-24T16:39:05Z', '9 h 27 min'],
    ['2026-11-27T09:12:05Z', '3 d 2 h'],
    ['2026-11-24T07:16:06Z', '4 min'],
    ['2026-11-24T07:12:30Z', 'a moment'],
    ['2026-11-24T07:00:00Z', 'a moment'],
  ])('is until %s %s', (at, shown) => expect(until(at, NOW)).toBe(shown))

  it.each([
    ['2026-11-24', 'Asia/Kolkata', '2026-11-23T18:30:00.000Z'],
    ['2026-11-24', 'America/New_York', '2026-11-24T05:00:00.000Z'],
    ['2026-03-08', 'America/New_York', '2026-03-08T05:00:00.000Z'],
    ['2026-03-09', 'America/New_York', '2026-03-09T04:00:00.000Z'],
    ['2026-11-24', 'UTC', '2026-11-24T00:00:00.000Z'],
  ])('begins %s in %s at %s', (date, zone, at) => expect(midnight(date, zone)).toBe(at))

  it('begins a month by the clock of the zone', () => {
    expect(monthStart('2026-11-30T18:45:00Z')).toBe('2026-11-30T18:30:00.000Z')
    expect(monthStart('2026-11-30T18:15:00Z')).toBe('2026-10-31T18:30:00.000Z')
  })

  it('names the month to come by the clock of the zone', () => {
    // In UTC it is still November then.
    expect(month(nextMonth('2026-11-30T18:45:00Z'), 'UTC')).toBe('January')
    expect(month(nextMonth('2026-11-30T18:15:00Z'), 'UTC')).toBe('December')
  })

  it('counts days over the end of a month', () => {
    expect(dayAfter('2026-11-30')).toBe('2026-12-01')
    expect(dayAfter('2026-12-01', -1)).toBe('2026-11-30')
  })

  it.each([
    ['2026-11-24', true],
    ['0002-11-24', false],
    ['0202-11-24', false],
    ['1999-12-31', false],
    ['2026-13-01', false],
    ['20261-11-24', false],
    ['2026', false],
    ['x', false],
    ['', false],
  ])('takes %j for a day: %s', (text, is) => expect(isDay(text)).toBe(is))
})
