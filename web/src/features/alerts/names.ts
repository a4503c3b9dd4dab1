import type { AlertType } from '@/api/types'

interface RuleName {
  name: string
  /** What its figure means, where it has one. */
  level?: string
}

/** What each rule watches for. */
export const RULE_NAMES: Record<AlertType, RuleName> = {
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
}

/** What may be done when credits run off too fast. */
export const ACTIONS = [
  { id: 'alert', label: 'Tell people', says: 'People are told. Charges go on as before.' },
  {
    id: 'throttle',
    label: 'Slow down',
    says: 'Each hour has a 24th of the limit, until the last day is calm again.',
  },
  {
    id: 'freeze',
    label: 'Freeze wallet',
    says: 'No credits leave the wallet until somebody releases it.',
  },
] as const

/** What a wallet is under, once credits ran off too fast. */
export const PROTECTED = {
  throttled: {
    title: 'The wallet is slowed down after a rapid burn.',
    says: 'Charges beyond the slow pace are refused. It ends by itself when it is calm again.',
  },
  frozen: {
    title: 'The wallet is frozen after a rapid burn.',
    says: 'No credits leave it until somebody releases it. Credits that come in are kept.',
  },
} as const
