import type { components } from '@/api/schema'
import { Pill, Quiet } from '@/ui/kit'

type Delivery = components['schemas']['WebhookDelivery']

/** What has become of a delivery, in a word. */
export function DeliveryState({ state }: { state: Delivery['state'] }) {
  if (state === 'delivered') return <Quiet>Delivered</Quiet>
  return state === 'pending' ? <Pill tone="warn">Waiting</Pill> : <Pill tone="bad">Given up</Pill>
}
