import { SegmentedControl, Select } from '@mantine/core'
import type { components } from '@/api/schema'
import { count } from '@/format/numbers'
import { day, time } from '@/format/times'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Empty, kit } from '@/ui/kit'
import { Table, usePages, type Column } from '@/ui/table'
import { EVENT_TYPES } from '../events'
import { says } from '../messages'
import { useWebhookSearch } from '../search'
import s from '../webhooks.module.css'
import { DeliveryDrawer } from './DeliveryDrawer'
import { DeliveryState } from './DeliveryState'
import { ResendWindow } from './ResendWindow'

export type Delivery = components['schemas']['WebhookDelivery']

const PATH = '/v1/webhook-endpoints/{endpoint_id}/deliveries'
/** Deliveries are told of by no event: while one waits, they are looked at again. */
const LOOK_AGAIN_MS = 2_000
const STATES = ['pending', 'delivered', 'failed'] as const

/** What was sent to an endpoint, newest first. */
export function Deliveries({ endpointId }: { endpointId: string }) {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const { state, event, change } = useWebhookSearch()
  const asked = {
    ...(STATES.includes(state as (typeof STATES)[number])
      ? { state: state as (typeof STATES)[number] }
      : {}),
    ...(event ? { event_type: event as never } : {}),
  }
  const path = { endpoint_id: endpointId }
  const { rows, ...list } = usePages(
    ['get', PATH, { params: { path, query: asked } }],
    (cursor, signal) =>
      khata.api.GET(PATH, { params: { path, query: { limit: 50, ...asked, ...cursor } }, signal }),
    true,
    (known) => known.some((each) => each.state === 'pending') && LOOK_AGAIN_MS,
  )
  return (
    <Card
      title={says.deliveries.title}
      padded={false}
      right={
        <>
          <SegmentedControl
            size="xs"
            aria-label={says.state}
            value={asked.state ?? 'all'}
            onChange={(chosen) => change({ state: chosen === 'all' ? undefined : chosen })}
            data={[
              { value: 'all', label: says.deliveries.all },
              ...STATES.map((value) => ({ value, label: says.states[value] })),
            ]}
          />
          <Select
            size="xs"
            aria-label={says.deliveries.event}
            placeholder={says.deliveries.allEvents}
            clearable
            data={[...EVENT_TYPES, 'webhook_endpoint.test']}
            value={event ?? null}
            onChange={(chosen) => change({ event: chosen ?? undefined })}
          />
          <ResendWindow endpointId={endpointId} />
        </>
      }
    >
      <div className={s.list}>
        <Table
          label={says.deliveries.title}
          columns={columnsIn(wallet.time_zone, (id) => change({ delivery: id }))}
          rows={rows}
          idOf={({ id }) => id}
          isWalked
          empty={
            <Empty title={says.deliveries.none} action={null}>
              {says.deliveries.empty}
            </Empty>
          }
          {...list}
        />
      </div>
      <DeliveryDrawer endpointId={endpointId} ids={rows?.map(({ id }) => id) ?? []} />
    </Card>
  )
}

const columnsIn = (zone: string, open: (id: string) => void): Column<Delivery>[] => [
  {
    id: 'event',
    title: says.deliveries.event,
    cell: ({ id, event_type }) => (
      <button type="button" className={s.choose} onClick={() => open(id)}>
        {event_type}
      </button>
    ),
  },
  {
    id: 'time',
    title: says.deliveries.time,
    cell: ({ created_at }) => `${day(created_at, zone)}, ${time(created_at, zone)}`,
  },
  {
    id: 'status',
    title: says.deliveries.answer,
    cell: ({ last_status, error }) =>
      last_status !== null ? last_status : <span className={kit.muted}>{error ?? '—'}</span>,
  },
  {
    id: 'latency',
    title: says.latency,
    isFigure: true,
    isWide: true,
    cell: ({ latency_ms }) => (latency_ms === null ? '—' : says.milliseconds(latency_ms)),
  },
  {
    id: 'attempts',
    title: says.deliveries.attempts,
    isFigure: true,
    isWide: true,
    cell: ({ attempts }) => count(attempts),
  },
  {
    id: 'next',
    title: says.deliveries.next,
    isWide: true,
    cell: ({ next_attempt_at }) => (next_attempt_at ? time(next_attempt_at, zone) : '—'),
  },
  { id: 'state', title: says.state, cell: ({ state }) => <DeliveryState state={state} /> },
]
