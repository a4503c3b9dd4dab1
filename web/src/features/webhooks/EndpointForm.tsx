import { MultiSelect, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useKhata } from '@/react'
import { Form, FormDialog, toast } from '@/ui/kit'
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
    <FormDialog
      isOpen={props.isOpen}
      close={props.close}
      title={props.known ? 'Edit endpoint' : 'Add endpoint'}
    >
      <Fields {...props} />
    </FormDialog>
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
  return (
    <Form
      saving={save}
      failed="The endpoint was not saved."
      submit={known ? 'Save endpoint' : 'Add endpoint'}
      cancel={close}
    >
      {(errors) => (
        <>
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
        </>
      )}
    </Form>
  )
}
