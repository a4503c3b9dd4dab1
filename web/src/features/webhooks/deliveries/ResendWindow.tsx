import { Button, Select, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { components } from '@/api/schema'
import { midnight } from '@/format/times'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Confirm, toast } from '@/ui/kit'
import { says } from '../messages'
import s from '../webhooks.module.css'

type Redelivery = components['schemas']['Redelivery']

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const OWN = 'own'
const WINDOWS = [
  { value: '1', label: says.resend.hour },
  { value: '24', label: says.resend.day },
  { value: '168', label: says.resend.week },
  { value: OWN, label: says.resend.own },
]

/** A time as its field has it, "2026-11-24T12:30", by the clock of the zone. */
const instant = (typed: string, zone: string) => {
  const [date = '', clock = '00:00'] = typed.split('T')
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return new Date(Date.parse(midnight(date, zone)) + hours * HOUR_MS + minutes * MINUTE_MS)
}

/** Sends again all that was given up within a window of time. */
export function ResendWindow({ endpointId }: { endpointId: string }) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const may = useMay('webhooks:write')
  const [isOpen, { open, close }] = useDisclosure(false)
  const [hours, setHours] = useState('24')
  const [since, setSince] = useState('')
  const [until, setUntil] = useState('')
  const zone = useChosenWallet().wallet.time_zone
  const resend = useMutation({
    mutationFn: async () => {
      const now = new Date()
      const isOwn = hours === OWN
      const to = isOwn && until ? instant(until, zone) : now
      const from = isOwn ? instant(since, zone) : new Date(now.getTime() - Number(hours) * HOUR_MS)
      let sent = 0
      let cursor: string | null = null
      do {
        const body = {
          from: from.toISOString(),
          to: to.toISOString(),
          state: 'failed' as const,
          cursor,
        }
        const answer: { data?: Redelivery } = await khata.api.POST(
          '/v1/webhook-endpoints/{endpoint_id}/deliveries/redeliver',
          {
            params: { path: { endpoint_id: endpointId } },
            body,
          },
        )
        sent += answer.data?.redelivered ?? 0
        cursor = answer.data?.next_cursor ?? null
      } while (cursor !== null)
      return sent
    },
    onSuccess: (sent) => {
      close()
      toast(says.resend.done, says.resend.sent(sent))
    },
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/v1/webhook-endpoints'),
      }),
  })
  if (!may) return null
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        {says.resend.open}
      </Button>
      <Confirm
        isOpen={isOpen}
        close={close}
        title={says.resend.title}
        act={says.resend.act}
        onAct={() => resend.mutate()}
        isPending={resend.isPending}
        error={resend.error}
      >
        <Select
          label={says.resend.of}
          data={WINDOWS}
          value={hours}
          onChange={(chosen) => setHours(chosen ?? '24')}
          allowDeselect={false}
        />
        {hours === OWN && (
          <div className={s.window}>
            <TextInput
              type="datetime-local"
              label={says.resend.from}
              required
              value={since}
              onChange={({ currentTarget }) => setSince(currentTarget.value)}
            />
            <TextInput
              type="datetime-local"
              label={says.resend.to}
              value={until}
              onChange={({ currentTarget }) => setUntil(currentTarget.value)}
            />
          </div>
        )}
        <p>{says.resend.text}</p>
      </Confirm>
    </>
  )
}
