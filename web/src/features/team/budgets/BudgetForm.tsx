import { Select, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { CATEGORIES, Form, FormDialog, toast, WholeNumber } from '@/ui/kit'
import { choices } from '../choices'
import { says } from '../messages'
import s from '../team.module.css'
import type { Budget } from './Budgets'

interface Props {
  isOpen: boolean
  close: () => void
  /** The feature that it is for, where something has led here. */
  feature?: string | undefined
}

/** A new limit. */
export function BudgetForm(props: Props) {
  return (
    <FormDialog isOpen={props.isOpen} close={props.close} title={says.budgets.add}>
      <Fields {...props} />
    </FormDialog>
  )
}

// A feature may be called as a category is: what is chosen says which of them it is.
const IN_CATEGORY = 'category '
const OF_FEATURE = 'feature '

/** A category or a feature, as the API is asked for it. */
function partOf(chosen: string | null) {
  if (chosen?.startsWith(IN_CATEGORY)) return { category: chosen.slice(IN_CATEGORY.length) }
  return chosen ? { feature: chosen.slice(OF_FEATURE.length) } : {}
}

function Fields({ close, feature }: Props) {
  const { khata, queries } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  const { data: prices } = queries.useQuery('get', '/v1/pricing')
  const [level, setLevel] = useState<Budget['level']>(feature ? 'organization' : 'member')
  const [subject, setSubject] = useState('')
  const [part, setPart] = useState<string | null>(feature ? OF_FEATURE + feature : null)
  const [unit, setUnit] = useState<Budget['unit']>('credits')
  const [window, setWindow] = useState<Budget['window']>('month')
  const [limit, setLimit] = useState<number | string>('')
  const [onLimit, setOnLimit] = useState<Budget['on_limit']>('refuse')
  const [isEverywhere, setEverywhere] = useState('wallet')
  const save = useMutation({
    mutationFn: async () => {
      await khata.api.POST('/v1/budgets', {
        body: {
          limit: Number(limit),
          on_limit: onLimit,
          level,
          unit,
          window,
          ...(subject ? { subject } : {}),
          ...partOf(part),
          ...(isEverywhere === 'wallet'
            ? { wallet_id: wallet.id }
            : { organization_id: wallet.organization_id, time_zone: wallet.time_zone }),
        },
      })
    },
    onSuccess: async () => {
      close()
      toast(says.limit.saved, says.limit.anew)
      await client.invalidateQueries({ queryKey: ['get', '/v1/budgets'] })
    },
  })
  return (
    <Form
      saving={save}
      failed={says.form.failed}
      submit={says.form.save}
      isComplete={limit !== ''}
      cancel={close}
    >
      {(errors) => (
        <>
          <Select
            label={says.form.for}
            data={choices(says.levels)}
            value={level}
            onChange={(chosen) => setLevel((chosen ?? 'member') as Budget['level'])}
            allowDeselect={false}
            error={errors['level']}
          />
          {level !== 'organization' && (
            <TextInput
              label={says.form.subject}
              description={says.form.subjectHint}
              value={subject}
              onChange={({ currentTarget }) => setSubject(currentTarget.value.trim())}
              error={errors['subject']}
            />
          )}
          <div className={s.pair}>
            <Select
              label={says.form.of}
              placeholder={says.everything}
              clearable
              searchable
              data={[
                {
                  group: says.form.categories,
                  items: CATEGORIES.map(({ id, name }) => ({
                    value: IN_CATEGORY + id,
                    label: name,
                  })),
                },
                {
                  group: says.form.features,
                  items: (prices?.features ?? []).map((each) => ({
                    value: OF_FEATURE + each.feature,
                    label: featureName(each.feature),
                  })),
                },
              ]}
              value={part}
              onChange={setPart}
              error={errors['category'] ?? errors['feature']}
            />
            <Select
              label={says.form.wallets}
              data={[
                { value: 'wallet', label: wallet.name },
                { value: 'all', label: says.form.allWallets },
              ]}
              value={isEverywhere}
              onChange={(chosen) => setEverywhere(chosen ?? 'wallet')}
              allowDeselect={false}
            />
          </div>
          <div className={s.pair}>
            <WholeNumber
              label={says.form.atMost}
              value={limit}
              onChange={setLimit}
              error={errors['limit']}
            />
            <Select
              label={says.form.unit}
              data={choices(says.units)}
              value={unit}
              onChange={(chosen) => setUnit((chosen ?? 'credits') as Budget['unit'])}
              allowDeselect={false}
            />
          </div>
          <Select
            label={says.form.window}
            data={choices(says.windows)}
            value={window}
            onChange={(chosen) => setWindow((chosen ?? 'month') as Budget['window'])}
            allowDeselect={false}
          />
          <Select
            label={says.form.then}
            data={choices(says.atLimit)}
            value={onLimit}
            onChange={(chosen) => setOnLimit((chosen ?? 'refuse') as Budget['on_limit'])}
            allowDeselect={false}
          />
        </>
      )}
    </Form>
  )
}
