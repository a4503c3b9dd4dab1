import { Switch } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import type { components } from '@/api/schema'
import { ago } from '@/format/times'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Card, Failed, kit, RowSkeletons, WholeNumber } from '@/ui/kit'
import { useNow } from '@/ui/useNow'
import s from './alerts.module.css'
import { says } from './messages'

type Rule = components['schemas']['AlertRule']
type Change = components['schemas']['AlertRuleChange']
interface Listed {
  data: Rule[]
}

const PATH = '/v1/wallets/{wallet_id}/alert-rules'

/** What is worth a word, from where on, and whether it comes by e-mail too. */
export function Rules() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { data, error, refetch } = queries.useQuery('get', PATH, {
    params: { path: { wallet_id: wallet.id } },
  })
  return (
    <Card title={says.rules.title} padded={false}>
      {error && !data ? (
        <div className={kit.cardBody}>
          <Failed what={says.rules.notLoaded} error={error} onRetry={() => void refetch()} />
        </div>
      ) : !data ? (
        <div className={kit.cardBody}>
          <RowSkeletons rows={6} />
        </div>
      ) : (
        <ul className={kit.listBody}>
          {data.data.map((rule) => (
            <RuleItem key={rule.type} rule={rule} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function RuleItem({ rule }: { rule: Rule }) {
  const { wallet } = useChosenWallet()
  const may = useMay('wallets:write')
  const now = useNow()
  const change = useChange()
  const problem = problemIn(change.error)
  const { name, level } = says.ruleNames[rule.type]
  const save = (more: Omit<Change, 'type'>) => change.mutate({ type: rule.type, ...more })
  return (
    <li className={s.rule}>
      <div className={s.ruleHead}>
        <b>{name}</b>
        <Switch
          aria-label={says.rules.raise(name)}
          checked={rule.enabled}
          disabled={!may}
          onChange={({ currentTarget }) => save({ enabled: currentTarget.checked })}
        />
      </div>
      <small>
        {rule.last_raised_at
          ? says.rules.lastRaised(ago(rule.last_raised_at, now, wallet.time_zone))
          : says.rules.neverRaised}
      </small>
      <div className={s.ruleFields}>
        {rule.threshold !== null && level && (
          <Threshold
            // What was refused is as it was, and what was typed is gone.
            key={`${rule.threshold} ${change.failureCount}`}
            label={says.rules.threshold(name, level)}
            level={level}
            known={rule.threshold}
            isOff={!may}
            onSave={(threshold) => save({ threshold })}
          />
        )}
        <Switch
          size="xs"
          label={says.rules.email}
          checked={rule.email}
          disabled={!may || !rule.enabled}
          onChange={({ currentTarget }) => save({ email: currentTarget.checked })}
        />
      </div>
      {problem && (
        <p className={s.refused} role="alert">
          {Object.values(problem.errors)[0] ?? problem.detail}
        </p>
      )}
    </li>
  )
}

interface ThresholdProps {
  label: string
  level: string
  known: number
  isOff: boolean
  onSave: (threshold: number) => void
}

function Threshold({ label, level, known, isOff, onSave }: ThresholdProps) {
  const [typed, setTyped] = useState<number | string>(known)
  return (
    <WholeNumber
      aria-label={label}
      description={level}
      value={typed}
      onChange={setTyped}
      onBlur={() => {
        if (typed === '') setTyped(known)
        else if (typed !== known) onSave(Number(typed))
      }}
      disabled={isOff}
    />
  )
}

/** Shows at once what was changed, and takes it back if it is refused. */
function useChange() {
  const { khata, queries } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  const params = { path: { wallet_id: wallet.id } }
  const { queryKey } = queries.queryOptions('get', PATH, { params })
  return useMutation({
    mutationFn: (rule: Change) => khata.api.PUT(PATH, { params, body: { rules: [rule] } }),
    onMutate: async (rule) => {
      await client.cancelQueries({ queryKey })
      const before = client.getQueryData<Listed>(queryKey)
      client.setQueryData<Listed>(
        queryKey,
        (known) =>
          known && {
            data: known.data.map((each) => (each.type === rule.type ? { ...each, ...rule } : each)),
          },
      )
      return before
    },
    onError: (_, __, before) => client.setQueryData(queryKey, before),
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey: key }) => key[1] === PATH || key[1] === '/v1/wallets/{wallet_id}',
      }),
  })
}
