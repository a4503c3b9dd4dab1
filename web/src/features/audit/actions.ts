import { featureName } from '@/format/words'

/** What is written down, by the thing that it was done to. */
const ACTIONS = [
  'alert.acknowledged',
  'alert_rule.changed',
  'api_key.created',
  'api_key.limited',
  'api_key.revoked',
  'api_key.rotated',
  'auto_recharge.changed',
  'billing_profile.set',
  'budget.changed',
  'budget.created',
  'budget.ended',
  'invitation.accepted',
  'invitation.created',
  'invitation.revoked',
  'member.changed',
  'member.created',
  'member.joined',
  'member.removed',
  'order.refund_asked',
  'organization.changed',
  'organization.created',
  'payment_method.added',
  'payment_method.removed',
  'payout_account.set',
  'payout_account.verified',
  'pricing.published',
  'protection.released',
  'session.began',
  'session.ended',
  'sign_in_link.made',
  'team.changed',
  'team.created',
  'team.removed',
  'usage.refunded',
  'user.password_changed',
  'wallet.changed',
  'wallet.created',
  'webhook_delivery.sent_again',
  'webhook_endpoint.changed',
  'webhook_endpoint.created',
  'webhook_endpoint.deleted',
  'webhook_endpoint.disabled',
  'webhook_endpoint.enabled',
  'webhook_endpoint.secret_rotated',
  'webhook_endpoint.tested',
] as const

/** api_key.created as "API key created". */
export const actionName = (action: string) => featureName(action.replace('.', '_').toUpperCase())

/** Those that can be asked for, and the one that is, which may be another. */
export const actionChoices = (asked: string | undefined) =>
  [...new Set([...ACTIONS, ...(asked ? [asked] : [])])].map((value) => ({
    value,
    label: actionName(value),
  }))
