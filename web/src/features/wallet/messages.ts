import { compact, count } from '@/format/numbers'

/** What the wallet's page and its ledger say, as far as it is gathered here. */
export const says = {
  tabs: { label: 'Shown', ledger: 'Transactions', team: 'Team', recharge: 'Auto-recharge' },
  team: {
    title: (month: string) => `Team, ${month}`,
    nobody: 'Nobody has used credits this month.',
    of: (limit: number) => `of ${compact(limit)}`,
    noLimit: 'no limit',
    meter: (member: string) => `Used by ${member}, of the limit`,
    platform: 'The platform itself',
  },
  waiting: (rows: number) => `${count(rows)} new`,
  showWaiting: 'Show what is new',
  farther: 'Looking farther back…',
  stuck: 'Older transactions could not be loaded.',
  counted: (rows: number, isCapped: boolean) =>
    isCapped ? `more than ${compact(rows)}` : count(rows),
  countedOf: (rows: string, all: number) => `${rows} of ${count(all)}`,
}
