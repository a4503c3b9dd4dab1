import type { components } from '@/api/schema'
import { count } from '@/format/numbers'
import { kit, Pill, Quiet } from '@/ui/kit'
import type { Column } from '@/ui/table'
import { says } from './messages'
import s from './webhooks.module.css'

export type Endpoint = components['schemas']['StandingWebhookEndpoint']

export const endpointColumns = (
  chosenId: string | undefined,
  choose: (id: string) => void,
): Column<Endpoint>[] => [
  {
    id: 'url',
    title: says.endpoints.url,
    cell: ({ id, url, description }) => (
      <button
        type="button"
        className={s.choose}
        aria-pressed={id === chosenId}
        onClick={() => choose(id)}
      >
        {url}
        {description && <small>{description}</small>}
      </button>
    ),
  },
  {
    id: 'events',
    title: says.endpoints.events,
    isWide: true,
    cell: ({ event_types }) =>
      event_types.length === 0 ? says.endpoints.all : count(event_types.length),
  },
  {
    id: 'accepted',
    title: says.endpoints.accepted,
    isFigure: true,
    cell: ({ last_day: { accepted, attempts, accepted_percentage } }) =>
      attempts === 0 ? (
        <span className={kit.muted}>{says.endpoints.nothingSent}</span>
      ) : (
        <>
          {says.endpoints.acceptedOf(accepted, attempts)}{' '}
          <span className={kit.muted}>{says.endpoints.percent(accepted_percentage)}</span>
        </>
      ),
  },
  {
    id: 'latency',
    title: says.latency,
    isFigure: true,
    isWide: true,
    cell: ({ last_day: { average_latency_ms } }) =>
      average_latency_ms === null ? '—' : says.milliseconds(average_latency_ms),
  },
  {
    id: 'waiting',
    title: says.endpoints.waiting,
    isFigure: true,
    isWide: true,
    cell: ({ waiting }) => count(waiting),
  },
  {
    id: 'state',
    title: says.state,
    cell: ({ state, failing_since }) =>
      state === 'disabled' ? (
        <Pill tone="bad">{says.endpoints.disabled}</Pill>
      ) : failing_since ? (
        <Pill tone="warn">{says.endpoints.failing}</Pill>
      ) : (
        <Quiet>{says.endpoints.enabled}</Quiet>
      ),
  },
]
