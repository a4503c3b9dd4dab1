import { MultiSelect, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useKhata } from '@/react'
import { Form, FormDialog, toast } from '@/ui/kit'
import type { Endpoint } from './columns'
import { EVENT_TYPES, isEventType } from './events'
import { says } from './messages'

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
      title={props.known ? says.form.edit : says.add}
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
      toast(known ? says.form.saved : says.form.added, url)
      if (secret) onSecret(secret)
      await client.invalidateQueries({ queryKey: ['get', '/v1/webhook-endpoints'] })
    },
  })
  return (
    <Form
      saving={save}
      failed={says.form.failed}
      submit={known ? says.form.save : says.add}
      cancel={close}
    >
      {(errors) => (
        <>
          <TextInput
            label={says.form.url}
            type="url"
            spellCheck={false}
            value={url}
            onChange={({ currentTarget }) => setUrl(currentTarget.value)}
            error={errors['url']}
          />
          <MultiSelect
            label={says.form.events}
            placeholder={events.length === 0 ? says.form.allEvents : ''}
            data={[...EVENT_TYPES]}
            value={events}
            onChange={setEvents}
            error={errors['event_types']}
          />
          <TextInput
            label={says.form.description}
            value={description}
            onChange={({ currentTarget }) => setDescription(currentTarget.value)}
            error={errors['description']}
          />
        </>
      )}
    </Form>
  )
}
