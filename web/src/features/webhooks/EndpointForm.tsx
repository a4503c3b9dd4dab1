import { Button, Modal, MultiSelect, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem } from '@/api/problem'
import { useKhata } from '@/react'
import { kit, Notice, toast } from '@/ui/kit'
import type { Endpoint } from './columns'
import { EVENT_TYPES, isEventType } from './events'

interface Props {
  isOpen: boolean
  close: () => void
  known: Endpoint | null
  onSecret: (secret: string) => void
}

/** A new endpoint, or another address, other events or another word for one. */
export function EndpointForm(props: Props) {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.close}
      title={props.known ? 'Edit endpoint' : 'Add endpoint'}
      size={480}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Fields {...props} />
    </Modal>
  )
}

function Fields({ close, known, onSecret }: Props) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const [url, setUrl] = useState(known?.url ?? 'https://')
  const [description, setDescription] = useState(known?.description ?? '')
  const [events, setEvents] = useState<string[]>([...(known?.event_types ?? [])])
  const save = useMutation({
    mutationFn: async () => {
      const body = { url, description, event_types: events.filter(isEventType) }
      if (known) {
        await khata.api.PATCH('/v1/webhook-endpoints/{endpoint_id}', {
          params: { path: { endpoint_id: known.id } },
          body,
        })
        return null
      }
      const { data } = await khata.api.POST('/v1/webhook-endpoints', { body })
      return data?.secret ?? null
    },
    onSuccess: async (secret) => {
      close()
      toast(known ? 'Endpoint saved' : 'Endpoint added', url)
      if (secret) onSecret(secret)
      await client.invalidateQueries({ queryKey: ['get', '/v1/webhook-endpoints'] })
    },
  })
  const problem = save.error instanceof Problem ? save.error : null
  const errors = problem?.errors ?? {}
  return (
    <form
      className={kit.form}
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      {problem && Object.keys(errors).length === 0 && (
        <Notice tone="bad" title="The endpoint was not saved.">
          <p>{problem.detail}</p>
        </Notice>
      )}
      <TextInput
        label="Address"
        type="url"
        spellCheck={false}
        value={url}
        onChange={({ currentTarget }) => setUrl(currentTarget.value)}
        error={errors['url']}
      />
      <MultiSelect
        label="Events"
        placeholder={events.length === 0 ? 'All of them' : ''}
        data={[...EVENT_TYPES]}
        value={events}
        onChange={setEvents}
        error={errors['event_types']}
      />
      <TextInput
        label="Description (optional)"
        value={description}
        onChange={({ currentTarget }) => setDescription(currentTarget.value)}
        error={errors['description']}
      />
      <div className={kit.formActions}>
        <Button type="submit" loading={save.isPending}>
          {known ? 'Save endpoint' : 'Add endpoint'}
        </Button>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
