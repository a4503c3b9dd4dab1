import { MultiSelect, Select, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Problem } from '@/api/problem'
import type { components } from '@/api/schema'
import { useKhata } from '@/react'
import { useSession } from '@/session/session'
import { Form, FormDialog, WholeNumber } from '@/ui/kit'
import { WINDOWS, type Window } from './choices'
import s from './keys.module.css'
import { says } from './messages'

type Scope = components['schemas']['KeyBody']['scopes'][number]

interface Props {
  isOpen: boolean
  close: () => void
  onSecret: (secret: string) => void
}

const USUAL = ['wallets:read', 'wallets:consume']
/** A new key of this organization: what it may, and how much it may spend. */
export function KeyForm(props: Props) {
  return (
    <FormDialog isOpen={props.isOpen} close={props.close} title={says.create}>
      <Fields {...props} />
    </FormDialog>
  )
}

/** What is wrong with one of the scopes: the first that is named, whichever it is. */
const ofScopes = (errors: Problem['errors']) =>
  Object.entries(errors).find(([field]) => field.startsWith('scopes'))?.[1]

function Fields({ close, onSecret }: Props) {
  const { khata } = useKhata()
  const { organization, scopes: own } = useSession()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>(USUAL.filter((scope) => own.has(scope)))
  const [limit, setLimit] = useState<number | string>('')
  const [window, setWindow] = useState<Window>('day')
  const create = useMutation({
    mutationFn: async () => {
      const { data } = await khata.api.POST('/v1/api-keys', {
        body: {
          name,
          // Those of the session are scopes of the API, and of nothing else.
          scopes: scopes as Scope[],
          organization_id: organization.id,
          ...(limit === '' ? {} : { spending_limit: { credits: Number(limit), window } }),
        },
      })
      return data
    },
    onSuccess: async (made) => {
      close()
      if (made) onSecret(made.secret)
      await client.invalidateQueries({ queryKey: ['get', '/v1/api-keys'] })
    },
  })
  return (
    <Form
      saving={create}
      failed={says.form.failed}
      submit={says.create}
      isComplete={name !== '' && scopes.length > 0}
      cancel={close}
    >
      {(errors) => (
        <>
          <TextInput
            label={says.form.name}
            placeholder={says.form.nameHint}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            error={errors['name']}
          />
          <MultiSelect
            label={says.form.may}
            description={says.form.mayHint}
            data={[...own].sort()}
            value={scopes}
            onChange={setScopes}
            searchable
            error={ofScopes(errors)}
          />
          <div className={s.limit}>
            <WholeNumber
              label={says.limit.spend}
              placeholder={says.form.noLimit}
              value={limit}
              onChange={setLimit}
              min={1}
              error={errors['spending_limit.credits']}
            />
            <Select
              label={says.limit.within}
              data={WINDOWS}
              value={window}
              onChange={(chosen) => setWindow(chosen ?? 'day')}
              allowDeselect={false}
            />
          </div>
        </>
      )}
    </Form>
  )
}
