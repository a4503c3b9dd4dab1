import type { components } from '@/api/schema'
import { count } from '@/format/numbers'
import { dayOfYear, moment } from '@/format/times'

type Window = NonNullable<components['schemas']['ApiKey']['spending_limit']>['window']

const WINDOWS: Record<Window, string> = {
  hour: 'an hour',
  day: 'a day',
  month: 'a month',
  lifetime: 'in all',
}

/** What the page of API keys says. */
export const says = {
  title: 'API keys',
  sub: 'Who may call the API, and for what.',
  create: 'Create key',
  windows: WINDOWS,
  empty: {
    title: 'No keys yet',
    text: 'Your servers show a key with each call. Give each its own, with the fewest scopes that do.',
  },
  secret: {
    title: 'The key’s secret',
    once: 'It is shown this once and kept nowhere. Store it where your server reads it, and never in a browser.',
    former: (until: string, zone: string) =>
      ` The former one is good until ${moment(until, zone)}.`,
  },
  columns: {
    key: 'Key',
    may: 'May',
    limit: 'Spending limit',
    used: 'Last used',
    created: 'Created',
    state: 'State',
    actions: 'Actions',
  },
  everything: 'Everything',
  never: 'Never',
  noLimit: 'No limit',
  of: (credits: number, window: Window) => `of ${count(credits)} ${WINDOWS[window]}`,
  spentBy: (name: string) => `Spent by ${name}`,
  platformKey: 'a key of the platform',
  by: (name: string) => `by ${name}`,
  states: {
    revoked: 'Revoked',
    good: 'Good',
    expired: 'Expired',
    until: (expiry: string, zone: string) => `Until ${dayOfYear(expiry, zone)}`,
  },
  actions: {
    of: (name: string) => `Actions of ${name}`,
    rotate: 'Rotate',
    limit: 'Spending limit',
    revoke: 'Revoke',
  },
  form: {
    failed: 'The key was not made.',
    name: 'Name',
    nameHint: 'Production',
    may: 'May',
    mayHint: 'At most what you may yourself',
    noLimit: 'No limit',
  },
  limit: {
    title: (name: string) => `Spending limit of ${name}`,
    saved: 'Spending limit saved',
    failed: 'The limit was not changed.',
    act: 'Save limit',
    hint: 'Empty, it has none. On all wallets together.',
    spend: 'May spend, in credits',
    within: 'Within',
  },
  rotate: {
    title: (name: string) => `Rotate the secret of ${name}?`,
    text: 'It gets a new secret, which is shown once. All else about the key stays.',
    overlap: 'The secret it has now stays good for',
    overlaps: {
      none: 'Not at all: it ends at once',
      hour: 'An hour',
      day: 'A day',
      week: '7 days',
      month: '30 days',
    },
    act: 'Rotate secret',
  },
  revoke: {
    title: (name: string) => `Revoke ${name}?`,
    text: 'Whoever calls with it is refused from now on. It can’t be taken back.',
    act: 'Revoke key',
    done: 'Key revoked',
  },
}
