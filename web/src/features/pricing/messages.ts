import { count, plural } from '@/format/numbers'
import { dayOfYear } from '@/format/times'

/** What the page of prices says. */
export const says = {
  title: 'Pricing matrix',
  sub: (version: number, since: string, zone: string) =>
    `Version ${version}, in force since ${dayOfYear(since, zone)}.`,
  prices: 'Prices',
  search: 'Search operations',
  searchHint: 'Search by name or code',
  version: 'Version',
  versionOf: (version: number, since: string, zone: string) =>
    `Version ${version}, ${dayOfYear(since, zone)}`,
  against: 'Compared with',
  comparedWith: (version: number) => `Against version ${version}`,
  gone: (names: readonly string[], version: number) =>
    `No more in it, of what version ${version} had: ${names.join(', ')}.`,
  empty: {
    title: 'No operation matches',
    text: 'Try a name such as “AI summary”, or a code such as AI_SUMMARY.',
  },
  columns: {
    operation: 'Operation',
    category: 'Category',
    credits: 'Credits',
    since: 'Since',
    atZero: 'At zero credits',
    changed: 'Changed',
  },
  per: (per: number, unit: string) => `per ${per === 1 ? unit : `${count(per)} ${unit}s`}`,
  pauses: 'Pauses',
  keepsWorking: 'Keeps working',
  isNew: 'New',
  was: (credits: number) => `was ${count(credits)}`,
  calculator: {
    title: 'What would it cost?',
    operation: 'Operation',
    quantity: 'Quantity',
    credits: 'credits',
    language: 'Language of the code sample',
    sample: 'Code sample',
    copy: 'Copy',
    copied: 'Copied',
  },
  trial: {
    title: 'Try other prices',
    change: 'Change the price of',
    choose: 'Choose an operation',
    credits: (feature: string) => `${feature}, credits`,
    period: 'Period of the trial',
    days: (days: string) => `Last ${days} days`,
    act: 'Try on real usage',
    failed: 'The prices could not be tried.',
  },
  publish: {
    act: 'Publish prices',
    title: 'Publish a new version of the prices?',
    text: 'All charges from now on cost what the new version says. Earlier ones stay as they are. A version is never edited; another can follow.',
    done: 'Prices published',
    inForce: (version: number) => `Version ${version} is in force.`,
  },
  outcome: {
    actual: 'Was charged',
    proposed: 'Would have been',
    dryWallets: 'Wallets that would have run dry',
    of: (some: number, all: number) => `${count(some)} of ${count(all)}`,
    byOperation: 'By operation',
    operations: (operations: number) => ` ${plural(operations, 'operation')}`,
    change: (before: number, after: number) => `${count(before)} → ${count(after)}`,
    dry: 'Run dry',
  },
}
