import { Button, Modal, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem } from '@/api/problem'
import type { components } from '@/api/schema'
import { useKhata } from '@/react'
import { useSession } from '@/session/session'
import { kit, Notice } from '@/ui/kit'
import s from './keys.module.css'

type Scope = components['schemas']['KeyBody']['scopes'][number]

interface Props {
  isOpen: boolean
  close: () => void
  onSecret: (secret: string) => void
}

const USUAL = ['wallets:read', 'wallets:consume']
const WINDOWS = [
  { value: 'hour', label: 'an hour' },
  { value: 'day', label: 'a day' },
  { value: 'month', label: 'a month' },
  { value: 'lifetime', label: 'in all' },
] as const
type Window = (typeof WINDOWS)[number]['value']

/** A new key of this organization: what it may, and how much it may spend. */
export function KeyForm(props: Props) {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.close}
      title="Create key"
      size={480}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Fields {...props} />
    </Modal>
  )
}

function Fields({ close, onSecret }: Props) {
  const { khata } = useKhata()
  const { organization, scopes: own } = useSession()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>(USUAL.filter((scope) => own.has(scope)))
  const [limit, setLimit] = useState<number | string>('')
  const [window, setWindow] = useState<Window>('month')
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
  const problem = create.error instanceof Problem ? create.error : null
  const errors = problem?.errors ?? {}
  const wrongScope = Object.entries(errors).find(([field]) => field.startsWith('scopes'))?.[1]
  return (
    <form
      className={kit.form}
      onSubmit={(event) => {
        event.preventDefault()
        create.mutate()
      }}
    >
      {problem && Object.keys(errors).length === 0 && (
        <Notice tone="bad" title="The key was not made.">
          <p>{problem.detail}</p>
        </Notice>
      )}
      <TextInput
        label="Name"
        placeholder="Production"
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        error={errors['name']}
      />
      <MultiSelect
        label="May"
        description="At most what you may yourself"
        data={[...own].sort()}
        value={scopes}
        onChange={setScopes}
        searchable
        error={wrongScope}
      />
      <div className={s.limit}>
        <NumberInput
          label="May spend, in credits"
          placeholder="No limit"
          value={limit}
          onChange={setLimit}
          min={1}
          allowDecimal={false}
          thousandSeparator=","
          thousandsGroupStyle="lakh"
          hideControls
          error={errors['spending_limit.credits']}
        />
        <Select
          label="Within"
          data={[...WINDOWS]}
          value={window}
          onChange={(chosen) => setWindow(chosen ?? 'month')}
          allowDeselect={false}
        />
      </div>
      <div className={kit.formActions}>
        <Button type="submit" loading={create.isPending} disabled={!name || scopes.length === 0}>
          Create key
        </Button>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
