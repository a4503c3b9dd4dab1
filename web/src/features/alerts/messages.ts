import type { Alert, AlertType, Wallet } from '@/api/types'

interface RuleName {
  name: string
  /** What its figure means, where it has one. */
  level?: string
}

/** What the page of alerts says. */
export const says = {
  title: 'Alerts',
  sub: 'What happened that you should know, and who is told.',
  past: {
    title: 'Past alerts',
    state: 'State',
    notLoaded: 'Alerts could not be loaded.',
    nothingOpen: 'Nothing needs you',
    nothing: 'Nothing here',
    empty:
      'An alert is raised once each time that a line is crossed, and ends by itself when it is over.',
    acknowledge: 'Mark as seen',
    more: 'Show more',
  },
  states: {
    open: 'Open',
    acknowledged: 'Seen',
    resolved: 'Over',
  } satisfies Record<Alert['state'], string>,
  protection: {
    title: 'When credits run off too fast',
    release: 'Release wallet',
    released: 'Wallet released',
    releasedDetail: 'Credits may be used again.',
    failed: 'Nothing was changed.',
  },
  /** What may be done when credits run off too fast. */
  actions: {
    alert: { label: 'Tell people', text: 'People are told. Charges go on as before.' },
    throttle: {
      label: 'Slow down',
      text: 'Each hour has a 24th of the limit, until the last day is calm again.',
    },
    freeze: {
      label: 'Freeze wallet',
      text: 'No credits leave the wallet until somebody releases it.',
    },
  } satisfies Record<Wallet['rapid_burn_action'], object>,
  /** What a wallet is under, once credits ran off too fast. */
  protected: {
    throttled: {
      title: 'The wallet is slowed down after a rapid burn.',
      text: 'Charges beyond the slow pace are refused. It ends by itself when it is calm again.',
    },
    frozen: {
      title: 'The wallet is frozen after a rapid burn.',
      text: 'No credits leave it until somebody releases it. Credits that come in are kept.',
    },
  },
  rules: {
    title: 'Rules',
    notLoaded: 'Rules could not be loaded.',
    raise: (name: string) => `${name}: raise alerts`,
    threshold: (name: string, level: string) => `${name}: ${level}`,
    lastRaised: (ago: string) => `Last raised ${ago}`,
    neverRaised: 'Never raised yet',
    email: 'E-mail',
  },
  /** What each rule watches for. */
  ruleNames: {
    LOW_BALANCE: { name: 'Low balance', level: 'At or below, in credits' },
    CREDITS_EXHAUSTED: { name: 'Credits run out' },
    RAPID_BURN: { name: 'Rapid burn', level: 'More than, in any 24 hours' },
    CAP_REACHED: { name: 'Daily cap reached' },
    BUDGET_REACHED: { name: 'Budget reached' },
    CREDITS_EXPIRING: { name: 'Credits expire soon', level: 'From, in credits' },
    RECHARGE_FAILED: { name: 'Auto-recharge failed' },
    PAYMENT_FAILED: { name: 'Payment failed' },
    PAYMENT_QUARANTINED: { name: 'Payment set apart' },
    DISPUTE_OPENED: { name: 'Payment disputed' },
    DISPUTE_LOST: { name: 'Dispute lost' },
    WEBHOOK_FAILING: { name: 'Webhook endpoint failing' },
  } as Record<AlertType, RuleName>,
}
