import { Select } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useKhata } from '@/react'
import { Form, FormDialog, toast, WholeNumber } from '@/ui/kit'
import { WINDOWS, type Window } from './choices'
import type { ApiKey } from './Keys'
import s from './keys.module.css'
import { says } from './messages'

interface Props {
  apiKey: ApiKey
  isOpen: boolean
  close: () => void
}

/** How much a key may spend in which time. */
export function LimitForm(props: Props) {
  const { apiKey, isOpen, close } = props
  return (
    <FormDialog isOpen={isOpen} close={close} title={says.limit.title(apiKey.name)}>
      <Fields {...props} />
    </FormDialog>
  )
}

function Fields({ apiKey, close }: Props) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const [credits, setCredits] = useState<number | string>(apiKey.spending_limit?.credits ?? '')
  const [window, setWindow] = useState<Window>(apiKey.spending_limit?.window ?? 'day')
  const save = useMutation({
    mutationFn: () =>
      khata.api.PATCH('/v1/api-keys/{key_id}', {
        params: { path: { key_id: apiKey.id } },
        body: { spending_limit: credits === '' ? null : { credits: Number(credits), window } },
      }),
    onSuccess: () => {
      close()
      toast(says.limit.saved, apiKey.name)
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['get', '/v1/api-keys'] }),
  })
  return (
    <Form saving={save} failed={says.limit.failed} submit={says.limit.act} cancel={close}>
      {(errors) => (
        <div className={s.limit}>
          <WholeNumber
            label={says.limit.spend}
            description={says.limit.hint}
            value={credits}
            onChange={setCredits}
            error={errors['spending_limit.credits']}
          />
          <Select
            label={says.limit.within}
            description={'\u00a0'}
            data={WINDOWS}
            value={window}
            onChange={(chosen) => setWindow(chosen ?? 'day')}
            allowDeselect={false}
          />
        </div>
      )}
    </Form>
  )
}
