import { Select, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { CATEGORIES, Form, FormDialog, toast, WholeNumber } from '@/ui/kit'
import s from '../team.module.css'
import type { Budget } from './Budgets'
import { AT_LIMIT, LEVELS, UNITS, WINDOWS } from './words'

interface Props {
  isOpen: boolean
  close: () => void
  known: Budget | null
}

/** A new limit; of one that is there, the figure and what happens at it. */
export function BudgetForm(props: Props) {
  return (
    <FormDialog
      isOpen={props.isOpen}
      close={props.close}
      title={props.known ? 'Edit limit' : 'Add limit'}
    >
      <Fields {...props} />
    </FormDialog>
  )
}

const choices = <T extends string>(of: Record<T, string>) =>
  Object.entries<string>(of).map(([value, label]) => ({ value, label }))

function Fields({ close, known }: Props) {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  const [level, setLevel] = useState<Budget['level']>(known?.level ?? 'member')
  const [subject, setSubject] = useState(known?.subject ?? '')
  const [category, setCategory] = useState<string | null>(known?.category ?? null)
  const [unit, setUnit] = useState<Budget['unit']>(known?.unit ?? 'credits')
  const [window, setWindow] = useState<Budget['window']>(known?.window ?? 'month')
  const [limit, setLimit] = useState<number | string>(known?.limit ?? '')
  const [onLimit, setOnLimit] = useState<Budget['on_limit']>(known?.on_limit ?? 'refuse')
  const [isEverywhere, setEverywhere] = useState('wallet')
  const save = useMutation({
    mutationFn: async () => {
      const figures = { limit: Number(limit), on_limit: onLimit }
      if (known) {
        await khata.api.PATCH('/v1/budgets/{budget_id}', {
          params: { path: { budget_id: known.id } },
          body: figures,
        })
        return
      }
      await khata.api.POST('/v1/budgets', {
        body: {
          ...figures,
          level,
          unit,
          window,
          ...(subject ? { subject } : {}),
          ...(category ? { category } : {}),
          ...(isEverywhere === 'wallet'
            ? { wallet_id: wallet.id }
            : { organization_id: wallet.organization_id, time_zone: wallet.time_zone }),
        },
      })
    },
    onSuccess: async () => {
      close()
      toast('Limit saved', 'It holds from the next charge on.')
      await client.invalidateQueries({ queryKey: ['get', '/v1/budgets'] })
    },
  })
  return (
    <Form
      saving={save}
      failed="The limit was not saved."
      submit="Save limit"
      isComplete={limit !== ''}
      cancel={close}
    >
      {(errors) => (
        <>
          {!known && (
            <>
              <Select
                label="For"
                data={choices(LEVELS)}
                value={level}
                onChange={(chosen) => setLevel((chosen ?? 'member') as Budget['level'])}
                allowDeselect={false}
                error={errors['level']}
              />
              {level !== 'organization' && (
                <TextInput
                  label="Only this one (optional)"
                  description="The member’s, team’s or key’s ID; without it each has the limit by itself"
                  value={subject}
                  onChange={({ currentTarget }) => setSubject(currentTarget.value.trim())}
                  error={errors['subject']}
                />
              )}
              <div className={s.pair}>
                <Select
                  label="Of"
                  placeholder="Everything"
                  clearable
                  data={CATEGORIES.map(({ id, name }) => ({ value: id, label: name }))}
                  value={category}
                  onChange={setCategory}
                  error={errors['category']}
                />
                <Select
                  label="Wallets"
                  data={[
                    { value: 'wallet', label: wallet.name },
                    { value: 'all', label: 'All of them together' },
                  ]}
                  value={isEverywhere}
                  onChange={(chosen) => setEverywhere(chosen ?? 'wallet')}
                  allowDeselect={false}
                />
              </div>
            </>
          )}
          <div className={s.pair}>
            <WholeNumber
              label="At most"
              value={limit}
              onChange={setLimit}
              error={errors['limit']}
            />
            {!known && (
              <Select
                label="Counted in"
                data={choices(UNITS)}
                value={unit}
                onChange={(chosen) => setUnit((chosen ?? 'credits') as Budget['unit'])}
                allowDeselect={false}
              />
            )}
          </div>
          {!known && (
            <Select
              label="Begins anew"
              data={choices(WINDOWS)}
              value={window}
              onChange={(chosen) => setWindow((chosen ?? 'month') as Budget['window'])}
              allowDeselect={false}
            />
          )}
          <Select
            label="At the limit"
            data={choices(AT_LIMIT)}
            value={onLimit}
            onChange={(chosen) => setOnLimit((chosen ?? 'refuse') as Budget['on_limit'])}
            allowDeselect={false}
          />
        </>
      )}
    </Form>
  )
}
