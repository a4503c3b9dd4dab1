import {
  IconAlertTriangle,
  IconCalendarTime,
  IconCoinOff,
  IconCreditCardOff,
  IconFlame,
  IconGauge,
  IconGavel,
  IconWebhook,
} from '@tabler/icons-react'
import type { Alert } from '@/api/types'
import { count, money, plural } from '@/format/numbers'
import { moment, time } from '@/format/times'
import { featureName } from '@/format/words'
import type { Tone } from '../kit'

/** An alert in people's words: what happened, of what size, and what to do about it. */
export interface AlertWords {
  title: string
  text: string
  tone: Tone
  Icon: typeof IconFlame
  next?: NextStep
}

/** Where something can be done about it. */
export interface NextStep {
  label: string
  to:
    | '/org/billing/add-funds'
    | '/org/billing/wallet'
    | '/org/billing/usage'
    | '/org/team'
    | '/org/webhooks'
  tab?: 'recharge'
  /** Who may do it; others are not led there. */
  scope: string
}

const ADD_FUNDS: NextStep = {
  label: 'Add funds',
  to: '/org/billing/add-funds',
  scope: 'payments:write',
}
const SEE_USE: NextStep = {
  label: 'See what ran',
  to: '/org/billing/usage',
  scope: 'wallets:read',
}

type Facts = Alert['facts']
type Say = (facts: Facts, zone: string) => Pick<AlertWords, 'title' | 'text'>

interface Kind {
  tone: Tone
  Icon: typeof IconFlame
  next?: NextStep
  say: Say
}

const number = (facts: Facts, name: string) => Number(facts[name] ?? 0)
const text = (facts: Facts, name: string) => String(facts[name] ?? '')

function budgetTitle(facts: Facts): string {
  const percent = Number(facts.percent ?? 100)
  if (percent === 100) return 'A budget is used up'
  return 'refused' in facts ? 'A budget refuses charges' : `A budget is at ${count(percent)} %`
}

const KINDS: Record<string, Kind> = {
  LOW_BALANCE: {
    tone: 'warn',
    Icon: IconAlertTriangle,
    next: ADD_FUNDS,
    say: (facts) => ({
      title: 'Balance is low',
      text: `${plural(number(facts, 'available'), 'credit')} left, at or below the level of ${count(number(facts, 'threshold'))}.`,
    }),
  },
  CREDITS_EXHAUSTED: {
    tone: 'bad',
    Icon: IconCoinOff,
    next: ADD_FUNDS,
    say: () => ({
      title: 'Credits have run out',
      text: 'AI and premium features are paused. Members, posts and events keep working.',
    }),
  },
  RAPID_BURN: {
    tone: 'warn',
    Icon: IconFlame,
    next: SEE_USE,
    say: (facts) => ({
      title: 'Rapid burn',
      text: `${plural(number(facts, 'used'), 'credit')} in 24 hours, over the line of ${count(number(facts, 'limit'))}.${mostly(facts)}`,
    }),
  },
  CAP_REACHED: {
    tone: 'brand',
    Icon: IconGauge,
    next: SEE_USE,
    say: (facts, zone) => ({
      title: `${featureName(text(facts, 'cap'))} cap is reached`,
      text: `${count(number(facts, 'used'))} of ${count(number(facts, 'limit'))} operations today. It resets at ${time(text(facts, 'resets_at'), zone)}.`,
    }),
  },
  BUDGET_REACHED: {
    tone: 'brand',
    Icon: IconGauge,
    next: { label: 'See limits', to: '/org/team', scope: 'budgets:read' },
    say: (facts) => ({
      title: budgetTitle(facts),
      text: `${count(number(facts, 'used'))} of ${count(number(facts, 'limit'))} are used.`,
    }),
  },
  CREDITS_EXPIRING: {
    tone: 'warn',
    Icon: IconCalendarTime,
    say: (facts, zone) => ({
      title: `${plural(number(facts, 'credits'), 'credit')} expire soon`,
      text: `They are good until ${moment(text(facts, 'expires_at'), zone)}. Use them before.`,
    }),
  },
  RECHARGE_FAILED: {
    tone: 'bad',
    Icon: IconCreditCardOff,
    next: {
      label: 'Check auto-recharge',
      to: '/org/billing/wallet',
      tab: 'recharge',
      scope: 'payments:read',
    },
    say: (facts) => ({
      title: 'Auto-recharge failed',
      text: `${money(number(facts, 'amount'))} could not be charged. No credits were added.`,
    }),
  },
  PAYMENT_FAILED: {
    tone: 'bad',
    Icon: IconCreditCardOff,
    next: ADD_FUNDS,
    say: () => ({ title: 'A payment failed', text: 'No credits were added. Nothing was charged.' }),
  },
  PAYMENT_QUARANTINED: {
    tone: 'warn',
    Icon: IconAlertTriangle,
    say: () => ({
      title: 'A payment needs a look',
      text: 'Money came in that matches no order. It is set apart until somebody decides.',
    }),
  },
  DISPUTE_OPENED: {
    tone: 'bad',
    Icon: IconGavel,
    say: (facts) => ({
      title: 'A payment is disputed',
      text: `The bank asks about ${money(number(facts, 'amount'))}. Its unspent credits are locked until it decides.`,
    }),
  },
  DISPUTE_LOST: {
    tone: 'bad',
    Icon: IconGavel,
    say: (facts) => ({
      title: 'A dispute was lost',
      text: `${money(number(facts, 'amount'))} went back to the payer, and its credits were taken back.`,
    }),
  },
  WEBHOOK_FAILING: {
    tone: 'bad',
    Icon: IconWebhook,
    next: { label: 'See deliveries', to: '/org/webhooks', scope: 'webhooks:read' },
    say: (facts) => ({
      title: 'A webhook endpoint is failing',
      text: `${text(facts, 'url') || 'Deliveries'} could not be reached. Retries go on until they end.`,
    }),
  },
}

export function alertWords(alert: Pick<Alert, 'type' | 'facts'>, zone: string): AlertWords {
  const kind = KINDS[alert.type]
  if (!kind) {
    return {
      title: featureName(alert.type),
      text: 'See the details.',
      tone: 'warn',
      Icon: IconAlertTriangle,
    }
  }
  const { say, ...rest } = kind
  return { ...say(alert.facts, zone), ...rest }
}

/** What most of a burn went on, where that is known. */
function mostly(facts: Facts): string {
  const feature = text(facts, 'top_feature')
  return feature ? ` Most of it for ${featureName(feature)}.` : ''
}
