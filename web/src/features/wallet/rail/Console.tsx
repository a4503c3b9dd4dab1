import { Button, NativeSelect } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import { plural } from '@/format/numbers'
import { featureName } from '@/format/words'
import { useBillingGate, useConsumeCredits, useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Notice, toast } from '@/ui/kit'
import s from './rail.module.css'

const FIRST = 'AI_SUMMARY'

/** Runs a feature as the platform would: what it costs is charged for real. */
export function Console() {
  const { wallet } = useChosenWallet()
  const { queries } = useKhata()
  const { data: prices } = queries.useQuery('get', '/v1/pricing')
  const [feature, setFeature] = useState(FIRST)
  const { gate } = useBillingGate(wallet.id, feature)
  const run = useConsumeCredits(wallet.id)
  const problem = problemIn(run.error)
  const cost = gate ? plural(gate.price, 'credit') : '—'
  return (
    <Card title="Try a feature">
      <NativeSelect
        label="Feature"
        data={(prices?.features ?? []).map((each) => ({
          value: each.feature,
          label: featureName(each.feature),
        }))}
        value={feature}
        onChange={({ currentTarget }) => {
          setFeature(currentTarget.value)
          run.reset()
        }}
      />
      <p className={s.say}>
        Charges <b>{cost}</b> like a call from your code. Nothing is made; only the ledger moves.
      </p>
      {problem && (
        <Notice tone="bad" title="Nothing was charged.">
          <p>{problem.detail}</p>
        </Notice>
      )}
      <Button
        mt={12}
        fullWidth
        variant="default"
        loading={run.isPending}
        leftSection={<IconPlayerPlay size={15} stroke={1.9} />}
        onClick={() =>
          run.mutate(
            { feature },
            {
              onSuccess: ({ transaction }) =>
                toast(
                  `${featureName(feature)} charged`,
                  `${plural(-transaction.credits, 'credit')} used. ${plural(transaction.balance_after, 'credit')} left.`,
                ),
            },
          )
        }
      >
        Run {featureName(feature)}
      </Button>
    </Card>
  )
}
