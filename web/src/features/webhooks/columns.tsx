import type { components } from '@/api/schema'
import { count } from '@/format/numbers'
import { kit, Pill, Quiet } from '@/ui/kit'
import type { Column } from '@/ui/table'
import s from './webhooks.module.css'

export type Endpoint = components['schemas']['StandingWebhookEndpoint']

export const endpointColumns = (
  chosenId: string | undefined,
  choose: (id: string) => void,
): Column<Endpoint>[] => [
  {
    id: 'url',
    title: 'Endpoint',
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
    title: 'Events',
    isWide: true,
    cell: ({ event_types }) => (event_types.length === 0 ? 'All' : count(event_types.length)),
  },
  {
    id: 'accepted',
    title: 'Accepted, last day',
    isFigure: true,
    cell: ({ last_day: { accepted, attempts, accepted_percentage } }) =>
      attempts === 0 ? (
        <span className={kit.muted}>Nothing sent</span>
      ) : (
        <>
          {count(accepted)} of {count(attempts)}{' '}
          <span className={kit.muted}>{accepted_percentage}%</span>
        </>
      ),
  },
  {
    id: 'latency',
    title: 'Latency',
    isFigure: true,
    isWide: true,
    cell: ({ last_day: { average_latency_ms } }) =>
      average_latency_ms === null ? '—' : `${count(average_latency_ms)} ms`,
  },
  {
    id: 'waiting',
    title: 'Waiting',
    isFigure: true,
    isWide: true,
    cell: ({ waiting }) => count(waiting),
  },
  {
    id: 'state',
    title: 'State',
    cell: ({ state, failing_since }) =>
      state === 'disabled' ? (
        <Pill tone="bad">Disabled</Pill>
      ) : failing_since ? (
        <Pill tone="warn">Failing</Pill>
      ) : (
        <Quiet>Enabled</Quiet>
      ),
  },
]
