import { count } from '@/format/numbers'
import { moment } from '@/format/times'

const WINDOW_WORDS = {
  hour: 'an hour',
  day: 'a day',
  month: 'a month',
  lifetime: 'in all',
} as const

export type Window = keyof typeof WINDOW_WORDS

export const WINDOWS = Object.entries(WINDOW_WORDS).map(([value, label]) => ({
  value: value as Window,
  label,
}))

/** For how long a former secret may stay good, in seconds. */
export const OVERLAPS = [
  { value: '0', label: 'Not at all: it ends at once' },
  { value: '3600', label: 'An hour' },
  { value: '86400', label: 'A day' },
  { value: '604800', label: '7 days' },
  { value: '2592000', label: '30 days' },
]
export const USUAL_OVERLAP = '86400'

export const WORDS = {
  limit: 'Spending limit',
  noLimit: 'No limit',
  of: (credits: number, window: Window) => `of ${count(credits)} ${WINDOW_WORDS[window]}`,
  used: (name: string) => `Spent by ${name}`,
  platformKey: 'a key of the platform',
  by: (name: string) => `by ${name}`,
  rotate: 'Rotate',
  rotateTitle: (name: string) => `Rotate the secret of ${name}?`,
  rotateSays: 'It gets a new secret, which is shown once. All else about the key stays.',
  overlap: 'The secret it has now stays good for',
  rotateAct: 'Rotate secret',
  former: (until: string, zone: string) => `The former one is good until ${moment(until, zone)}.`,
  once: 'It is shown this once and kept nowhere. Store it where your server reads it, and never in a browser.',
  limitTitle: (name: string) => `Spending limit of ${name}`,
  limitSaved: 'Spending limit saved',
  limitFailed: 'The limit was not changed.',
  limitAct: 'Save limit',
  limitHint: 'Empty, it has none. On all wallets together.',
  spend: 'May spend, in credits',
  within: 'Within',
} as const
