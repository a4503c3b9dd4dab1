import type { components } from '@/api/schema'
import { Pill, Quiet } from '@/ui/kit'
import { says } from '../messages'

type Delivery = components['schemas']['WebhookDelivery']

/** What has become of a delivery, in a word. */
export function DeliveryState({ state }: { state: Delivery['state'] }) {
  const word = says.states[state]
  if (state === 'delivered') return <Quiet>{word}</Quiet>
  return <Pill tone={state === 'pending' ? 'warn' : 'bad'}>{word}</Pill>
}
