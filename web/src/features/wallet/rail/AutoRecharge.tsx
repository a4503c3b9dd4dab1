import { Button, Switch } from '@mantine/core'
import { useState } from 'react'
import { count, money, wholeMoney } from '@/format/numbers'
import { day, time } from '@/format/times'
import { problemIn } from '@/api/problem'
import type { AutoRecharge as Settings, PaymentMethod } from '@/api/types'
import { useQuote } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Card, Coin, Notice, Pill, WholeNumber } from '@/ui/kit'
import { useMethods, useSaveRecharge } from '../recharge'
import { Methods } from './Methods'
import s from './rail.module.css'

const PAISE = 100

/** Buys by itself when the balance falls below a level. */
export function AutoRecharge() {
  const { wallet } = useChosenWallet()
  const methods = useMethods()
  const settings = wallet.auto_recharge
  return (
    <Panel
      // What others save meanwhile shows at once; what is typed here is kept until then.
      key={JSON.stringify(settings)}
      settings={settings}
      methods={methods ?? []}
    />
  )
}

interface Props {
  settings: Settings
  methods: readonly PaymentMethod[]
}

function Panel({ settings, methods }: Props) {
  const may = useMay('payments:write')
  const [draft, setDraft] = useState(settings)
  const save = useSaveRecharge()
  const problem = problemIn(save.error)
  const isChanged = JSON.stringify(draft) !== JSON.stringify(settings)
  const ready = methods.filter(({ state }) => state === 'confirmed')
  const { payment_method_id } = draft
  const method = payment_method_id ? ready.find(({ id }) => id === payment_method_id) : ready[0]
  const { quote } = useQuote({ amount: draft.amount })
  const edit = (changes: Partial<Settings>) => setDraft({ ...draft, ...changes })
  const store = (changes: Partial<Settings>) =>
    save.mutate({ ...draft, payment_method_id: method?.id ?? null, ...changes })
  return (
    <Card
      title="Auto-recharge"
      right={
        <Switch
          aria-label="Auto-recharge"
          checked={save.isPending ? save.variables.enabled : settings.enabled}
          disabled={!may || !method}
          onChange={({ currentTarget }) => store({ enabled: currentTarget.checked })}
        />
      }
    >
      <State settings={settings} />
      <div className={s.pair}>
        <WholeNumber
          label="When below"
          value={draft.threshold_credits}
          onChange={(n) => edit({ threshold_credits: Number(n) })}
          disabled={!may}
          leftSection={<Coin size={14} tone="mono" />}
          error={problem?.errors['threshold_credits']}
        />
        <WholeNumber
          label="Buy"
          value={draft.amount / PAISE}
          onChange={(n) => edit({ amount: Math.round(Number(n) * PAISE) })}
          prefix="₹"
          disabled={!may}
          error={problem?.errors['amount']}
        />
      </div>
      <WholeNumber
        mt={10}
        label="At most a month"
        placeholder="No limit"
        value={draft.monthly_limit === null ? '' : draft.monthly_limit / PAISE}
        onChange={(n) => edit({ monthly_limit: n === '' ? null : Math.round(Number(n) * PAISE) })}
        prefix="₹"
        disabled={!may}
        error={problem?.errors['monthly_limit']}
      />
      <Methods
        methods={methods}
        chosen={method}
        onChoose={(id) => edit({ payment_method_id: id })}
      />
      {quote && method && (
        <p className={s.say}>
          Below <b>{count(draft.threshold_credits)}</b> credits, adds{' '}
          <b>{count(quote.total_credits)} credits</b> for <b>{money(quote.total_payable)}</b> from{' '}
          <b>{method.label}</b>.{' '}
          {draft.monthly_limit !== null && `At most ${wholeMoney(draft.monthly_limit)} a month.`}
        </p>
      )}
      {problem && Object.keys(problem.errors).length === 0 && (
        <Notice tone="bad" title="Auto-recharge was not changed.">
          <p>{problem.detail}</p>
        </Notice>
      )}
      {isChanged && (
        <div className={s.actions}>
          <Button size="xs" loading={save.isPending} onClick={() => store({})}>
            Save changes
          </Button>
          <Button size="xs" variant="default" onClick={() => setDraft(settings)}>
            Discard
          </Button>
        </div>
      )}
    </Card>
  )
}

const STATES: Partial<Record<Settings['state'], string>> = {
  scheduled: 'A recharge is scheduled.',
  charging: 'A recharge is under way.',
  disabled: 'Turned off after failed debits.',
}

/** What it is doing right now, where that is not simply to wait. */
function State({ settings }: { settings: Settings }) {
  const { wallet } = useChosenWallet()
  if (settings.state === 'backing_off' && settings.backing_off_until) {
    const at = settings.backing_off_until
    return (
      <p className={s.state}>
        <Pill tone="warn">Waiting</Pill> Tries again on {day(at, wallet.time_zone)} at{' '}
        {time(at, wallet.time_zone)}.
      </p>
    )
  }
  const said = STATES[settings.state]
  if (!said) return null
  return (
    <p className={s.state}>
      <Pill tone={settings.state === 'disabled' ? 'bad' : 'brand'}>
        {settings.state === 'disabled' ? 'Off' : 'On its way'}
      </Pill>{' '}
      {said}
    </p>
  )
}
