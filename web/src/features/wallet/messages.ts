import type { ReactNode } from 'react'
import type { AutoRecharge, PaymentMethod } from '@/api/types'
import { compact, count, money, plural, wholeMoney } from '@/format/numbers'
import { day, month, time } from '@/format/times'

type Strong = (text: string) => ReactNode

/** What recharges will do, as it is set. */
interface Recharge {
  below: number
  credits: number
  payable: number
  method: string
  monthly: number | null
}

/** What the wallet's page and its ledger say. */
export const says = {
  tabs: { label: 'Shown', ledger: 'Transactions', team: 'Team', recharge: 'Auto-recharge' },
  team: {
    title: (month: string) => `Team, ${month}`,
    nobody: 'Nobody has used credits this month.',
    of: (limit: number) => `of ${compact(limit)}`,
    noLimit: 'no limit',
    meter: (member: string) => `Used by ${member}, of the limit`,
    platform: 'The platform itself',
    limits: 'Limits',
    notLoaded: 'The team could not be loaded.',
    operations: (charges: number) => plural(charges, 'operation'),
  },
  rail: 'About this wallet',
  figures: {
    label: 'The wallet at a glance',
    available: 'Available',
    worth: (paise: number) => `Worth ${money(paise)}`,
    usedIn: (at: string, zone: string) => `Used in ${month(at, zone)}`,
    lastMonth: (credits: number) => `${count(credits)} by this day last month`,
    burn: 'Burn rate',
    aDay: 'a day',
    average: '7-day average',
    inProgress: 'In progress',
    reserved: 'reserved',
    holds: (holds: number) => `${plural(holds, 'hold')} open`,
    /** There are more than are counted. */
    manyHolds: (holds: number) => `${count(holds)}+ holds open`,
    pending: (credits: number) => `${count(credits)} pending`,
    nothing: 'Nothing is under way',
  },
  states: { reserved: 'Reserved', posted: 'Posted' },
  low: {
    label: 'Low balance',
    left: (credits: number) => `${plural(credits, 'credit')} left`,
    runsOut: (at: string, zone: string) =>
      `At this week’s pace they run out on ${day(at, zone)} around ${time(at, zone)}.`,
    meter: 'Balance compared with the alert level',
    now: (credits: number) => `${count(credits)} now`,
    level: (credits: number) => `Alert level ${count(credits)}`,
    pack: 'Pack',
    bonus: (credits: number) => (credits ? `+${count(credits)} bonus` : 'No bonus'),
    keep: 'If credits run out, AI and premium features pause. Members, posts and events keep working.',
    add: 'Add funds',
    addPack: (amount: number, payable: number) =>
      `Add ${wholeMoney(amount)}, pay ${money(payable)}`,
    later: 'Remind me later',
    recharge: 'Recharge by itself, so that this does not happen again',
  },
  console: {
    title: 'Try a feature',
    feature: 'Feature',
    charges: (cost: number | undefined, strong: Strong) => [
      'Charges ',
      strong(cost === undefined ? '—' : plural(cost, 'credit')),
      ' like a call from your code. Nothing is made; only the ledger moves.',
    ],
    failed: 'Nothing was charged.',
    unknown: 'It is not known whether it was charged.',
    unknownText: 'No answer came. Run it again: it is charged only once.',
    run: (feature: string) => `Run ${feature}`,
    done: (feature: string) => `${feature} charged`,
    used: (credits: number, left: number) =>
      `${plural(credits, 'credit')} used. ${plural(left, 'credit')} left.`,
  },
  recharge: {
    title: 'Auto-recharge',
    below: 'When below',
    buy: 'Buy',
    monthly: 'At most a month',
    noLimit: 'No limit',
    will: ({ below, credits, payable, method, monthly }: Recharge, strong: Strong) => [
      'Below ',
      strong(count(below)),
      ' credits, adds ',
      strong(`${count(credits)} credits`),
      ' for ',
      strong(money(payable)),
      ' from ',
      strong(method),
      '. ',
      monthly !== null && `At most ${wholeMoney(monthly)} a month.`,
    ],
    failed: 'Auto-recharge was not changed.',
    save: 'Save changes',
    discard: 'Discard',
    on: 'Auto-recharge is on',
    off: 'Auto-recharge is off',
    buys: (paise: number, below: number) =>
      `Buys ${wholeMoney(paise)} when the balance falls below ${count(below)}.`,
    warned: 'You will be warned before credits run out.',
    waits: 'Waiting',
    again: (at: string, zone: string) => `Tries again on ${day(at, zone)} at ${time(at, zone)}.`,
    onItsWay: 'On its way',
    stopped: 'Off',
    states: {
      scheduled: 'A recharge is scheduled.',
      charging: 'A recharge is under way.',
      disabled: 'Turned off after failed debits.',
    } as Partial<Record<AutoRecharge['state'], string>>,
  },
  methods: {
    label: 'Pays with',
    choose: 'Choose one',
    notLoaded: 'Payment methods could not be loaded.',
    remove: 'Remove',
    another: 'Add another',
    notReady: {
      initiated: 'Waiting for its owner to consent to later debits.',
      paused: 'Paused at the bank.',
      cancelled: 'Its consent was withdrawn.',
      rejected: 'Its owner did not consent.',
    } as Partial<Record<PaymentMethod['state'], string>>,
  },
  addMethod: {
    placeholder: 'name@bank',
    hint: 'A UPI address that consents to later debits',
    add: 'Add method',
    cancel: 'Cancel',
    added: 'Payment method added',
    canCharge: (vpa: string) => `${vpa} can be charged by auto-recharge.`,
    asked: 'Consent is asked for',
    agrees: (vpa: string) => `${vpa} agrees to later debits in its UPI app.`,
  },
  removal: {
    title: (method: string) => `Remove ${method}?`,
    act: 'Remove method',
    text: 'Its consent to later debits ends. Auto-recharge by it is turned off.',
  },
  page: { sub: 'Every credit in and out, in one ledger.', id: 'wallet ID', add: 'Add funds' },
  ledger: {
    label: 'Transactions',
    columns: {
      time: 'Time',
      name: 'Transaction',
      by: 'By',
      credits: 'Credits',
      balance: 'Balance',
      status: 'Status',
    },
    loading: 'Loading transactions',
    notLoaded: 'Transactions could not be loaded.',
    stuck: 'Older transactions could not be loaded.',
    farther: 'Looking farther back…',
    waiting: (rows: number) => `${count(rows)} new`,
    showWaiting: (rows: number) => `${count(rows)} new. Show what is new`,
    counted: (rows: number, isCapped: boolean) =>
      isCapped ? `at least ${compact(rows)}` : count(rows),
    countedOf: (rows: string, all: number) => `${rows} of ${count(all)}`,
    nothingYet: 'No transactions yet',
    howTheyCome:
      'Buy credits, or run a feature in the console: each credit in and out is listed here.',
    noMatch: 'No transactions match',
    tryOther: 'Try a feature name such as “AI summary”, a member, or an ID that starts with txn_.',
    clear: 'Clear filters',
  },
  tools: {
    label: 'Filter transactions',
    type: 'Type',
    all: 'All',
    kinds: { usage: 'Usage', purchases: 'Purchases', bonuses: 'Bonuses', refunds: 'Refunds' },
    category: 'Category',
    allCategories: 'All categories',
    categories: (first: string, others: number) =>
      others ? `${first} and ${count(others)} more` : first,
    csv: 'Download CSV',
    csvOf: 'All that is filtered, as CSV',
    search: 'Search transactions',
    searchHint: 'Search by feature, member or ID',
    clearSearch: 'Clear search',
  },
}
