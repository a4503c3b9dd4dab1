import { Button, Switch } from '@mantine/core'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import type { AutoRecharge as Settings } from '@/api/types'
import { useQuote } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Card, Coin, Failed, Notice, Pill, strong, WholeNumber } from '@/ui/kit'
import { says } from '../messages'
import { useMethods, useSaveRecharge } from '../recharge'
import { Methods } from './Methods'
import s from './rail.module.css'

const PAISE = 100

/** Buys by itself when the balance falls below a level. */
export function AutoRecharge() {
  const { wallet } = useChosenWallet()
  const { methods, error, refetch } = useMethods()
  const settings = wallet.auto_recharge
  const may = useMay('payments:write')
  // What others save meanwhile shows at once, and what is typed here stays.
  const [typed, setTyped] = useState<Partial<Settings>>({})
  const draft = { ...settings, ...typed }
  const save = useSaveRecharge()
  const problem = problemIn(save.error)
  const isChanged = Object.keys(unsaved(typed, settings)).length > 0
  const ready = (methods ?? []).filter(({ state }) => state === 'confirmed')
  const { payment_method_id } = draft
  const method = payment_method_id ? ready.find(({ id }) => id === payment_method_id) : ready[0]
  const { quote } = useQuote({ amount: draft.amount })
  const edit = (changes: Partial<Settings>) => setTyped((known) => ({ ...known, ...changes }))
  const store = (changes: Partial<Settings>) => {
    const wanted = {
      ...draft,
      payment_method_id: payment_method_id ?? method?.id ?? null,
      ...changes,
    }
    save.mutate(wanted, { onSuccess: () => setTyped((known) => unsaved(known, wanted)) })
  }
  return (
    <Card
      title={says.recharge.title}
      right={
        <Switch
          aria-label={says.recharge.title}
          checked={save.isPending ? save.variables.enabled : settings.enabled}
          // Off it goes at any time; on only with what it can be paid with.
          disabled={!may || (!settings.enabled && !method)}
          onChange={({ currentTarget }) => store({ enabled: currentTarget.checked })}
        />
      }
    >
      <State settings={settings} />
      <div className={s.pair}>
        <WholeNumber
          label={says.recharge.below}
          value={draft.threshold_credits}
          onChange={(n) => edit({ threshold_credits: Number(n) })}
          disabled={!may}
          leftSection={<Coin size={14} tone="mono" />}
          error={problem?.errors['threshold_credits']}
        />
        <WholeNumber
          label={says.recharge.buy}
          value={draft.amount / PAISE}
          onChange={(n) => edit({ amount: Math.round(Number(n) * PAISE) })}
          prefix="₹"
          disabled={!may}
          error={problem?.errors['amount']}
        />
      </div>
      <WholeNumber
        mt={10}
        label={says.recharge.monthly}
        placeholder={says.recharge.noLimit}
        value={draft.monthly_limit === null ? '' : draft.monthly_limit / PAISE}
        onChange={(n) => edit({ monthly_limit: n === '' ? null : Math.round(Number(n) * PAISE) })}
        prefix="₹"
        disabled={!may}
        error={problem?.errors['monthly_limit']}
      />
      {methods ? (
        <Methods
          methods={methods}
          chosen={method}
          onChoose={(id) => edit({ payment_method_id: id })}
        />
      ) : (
        error && (
          <Failed what={says.methods.notLoaded} error={error} onRetry={() => void refetch()} />
        )
      )}
      {quote && method && (
        <p className={s.say}>
          {says.recharge.will(
            {
              below: draft.threshold_credits,
              credits: quote.total_credits,
              payable: quote.total_payable,
              method: method.label,
              monthly: draft.monthly_limit,
            },
            strong,
          )}
        </p>
      )}
      {problem && Object.keys(problem.errors).length === 0 && (
        <Notice tone="bad" title={says.recharge.failed}>
          <p>{problem.detail}</p>
        </Notice>
      )}
      {isChanged && (
        <div className={s.actions}>
          <Button size="xs" loading={save.isPending} onClick={() => store({})}>
            {says.recharge.save}
          </Button>
          <Button size="xs" variant="default" onClick={() => setTyped({})}>
            {says.recharge.discard}
          </Button>
        </div>
      )}
    </Card>
  )
}

/** Of what is typed, that which is not set so already. */
function unsaved(typed: Partial<Settings>, settings: Settings): Partial<Settings> {
  const differs = ([name, value]: [string, unknown]) => settings[name as keyof Settings] !== value
  return Object.fromEntries(Object.entries(typed).filter(differs))
}

/** What it is doing right now, where that is not simply to wait. */
function State({ settings }: { settings: Settings }) {
  const { wallet } = useChosenWallet()
  if (settings.state === 'backing_off' && settings.backing_off_until) {
    const at = settings.backing_off_until
    return (
      <p className={s.state}>
        <Pill tone="warn">{says.recharge.waits}</Pill> {says.recharge.again(at, wallet.time_zone)}
      </p>
    )
  }
  const said = says.recharge.states[settings.state]
  if (!said) return null
  return (
    <p className={s.state}>
      <Pill tone={settings.state === 'disabled' ? 'bad' : 'brand'}>
        {settings.state === 'disabled' ? says.recharge.stopped : says.recharge.onItsWay}
      </Pill>{' '}
      {said}
    </p>
  )
}
