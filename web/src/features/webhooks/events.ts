/** What an endpoint may want to be told. */
export const EVENT_TYPES = [
  'wallet.updated',
  'transaction.created',
  'alert.raised',
  'alert.acknowledged',
  'alert.resolved',
  'order.updated',
  'webhook_endpoint.disabled',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

export const isEventType = (text: string): text is EventType =>
  EVENT_TYPES.some((each) => each === text)
