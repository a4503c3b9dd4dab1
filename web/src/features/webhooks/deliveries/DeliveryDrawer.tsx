import { Button, Drawer } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { moment, time } from '@/format/times'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { CopyId, Failed, kit, RowSkeletons, shortened, toast, Walk } from '@/ui/kit'
import { says } from '../messages'
import { useWebhookSearch } from '../search'
import s from '../webhooks.module.css'
import { DeliveryState } from './DeliveryState'

const PATH = '/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}'

/** One delivery whole: what was sent, how it was signed, and every attempt. */
export function DeliveryDrawer({
  endpointId,
  ids,
}: {
  endpointId: string
  ids: readonly string[]
}) {
  const { deliveryId, change } = useWebhookSearch()
  return (
    <Drawer
      opened={Boolean(deliveryId)}
      onClose={() => change({ delivery: undefined })}
      position="right"
      size={500}
      closeButtonProps={{ 'aria-label': says.delivery.close }}
      title={
        <span className={kit.walked} tabIndex={-1} data-autofocus>
          {deliveryId && (
            <CopyId value={deliveryId} short={shortened(deliveryId)} label={says.delivery.id} />
          )}
          <Walk
            what={says.delivery.what}
            ids={ids}
            id={deliveryId}
            open={(delivery) => change({ delivery })}
          />
        </span>
      }
    >
      {deliveryId && <Content endpointId={endpointId} deliveryId={deliveryId} />}
    </Drawer>
  )
}

function Content({ endpointId, deliveryId }: { endpointId: string; deliveryId: string }) {
  const { khata, queries } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  const may = useMay('webhooks:write')
  const params = { path: { endpoint_id: endpointId, delivery_id: deliveryId } }
  const { data, error, refetch } = queries.useQuery('get', PATH, { params })
  const resend = useMutation({
    mutationFn: () => khata.api.POST(`${PATH}/redeliver`, { params }),
    onSuccess: () => toast(says.resend.done, data?.event_type ?? ''),
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/v1/webhook-endpoints'),
      }),
  })
  if (!data)
    return (
      <div className={s.part}>
        {error ? (
          <Failed what={says.delivery.notLoaded} error={error} onRetry={() => void refetch()} />
        ) : (
          <RowSkeletons rows={4} />
        )}
      </div>
    )
  const zone = wallet.time_zone
  return (
    <>
      <div className={s.part}>
        <dl className={kit.facts}>
          <div>
            <dt>{says.delivery.event}</dt>
            <dd>{data.event_type}</dd>
          </div>
          <div>
            <dt>{says.delivery.eventId}</dt>
            <dd>
              <CopyId
                value={data.event_id}
                short={shortened(data.event_id)}
                label={says.delivery.copiedEvent}
              />
            </dd>
          </div>
          <div>
            <dt>{says.state}</dt>
            <dd>
              <DeliveryState state={data.state} />
            </dd>
          </div>
          {data.next_attempt_at && (
            <div>
              <dt>{says.delivery.next}</dt>
              <dd>{moment(data.next_attempt_at, zone)}</dd>
            </div>
          )}
        </dl>
      </div>
      <section className={s.part}>
        <h3>{says.delivery.request}</h3>
        <Code label={says.delivery.body} text={data.body} />
      </section>
      <section className={s.part}>
        <h3>{says.delivery.attempts}</h3>
        <ol className={s.timeline}>
          {data.timeline.map((attempt) => (
            <li key={attempt.number} data-ok={isAccepted(attempt.status) || undefined}>
              <time>{time(attempt.at, zone)}</time>
              <b>{attempt.status ?? attempt.error ?? says.delivery.noAnswer}</b>
              <p>{says.delivery.after(attempt.latency_ms)}</p>
              <Code
                label={says.delivery.headers(attempt.number)}
                text={Object.entries(attempt.headers)
                  .map(([name, value]) => `${name}: ${value}`)
                  .join('\n')}
              />
              {attempt.response && (
                <Code label={says.delivery.response(attempt.number)} text={attempt.response} />
              )}
            </li>
          ))}
        </ol>
      </section>
      {may && (
        <div className={s.foot}>
          <Button variant="default" loading={resend.isPending} onClick={() => resend.mutate()}>
            {says.resend.open}
          </Button>
        </div>
      )}
    </>
  )
}

const isAccepted = (status: number | null) => status !== null && status >= 200 && status < 300

function Code({ label, text }: { label: string; text: string }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable
    <pre className={s.code} tabIndex={0} role="region" aria-label={label}>
      {text}
    </pre>
  )
}
