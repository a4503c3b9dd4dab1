import { Button, NativeSelect } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import { featureName } from '@/format/words'
import { useBillingGate, useConsumeCredits, useKhata, useOperationKey } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Notice, strong, toast } from '@/ui/kit'
import { says } from '../messages'
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
  const { key, isUnknown, renew, failed } = useOperationKey()
  const problem = problemIn(run.error)
  return (
    <Card title={says.console.title}>
      <NativeSelect
        label={says.console.feature}
        data={(prices?.features ?? []).map((each) => ({
          value: each.feature,
          label: featureName(each.feature),
        }))}
        value={feature}
        disabled={run.isPending}
        onChange={({ currentTarget }) => {
          setFeature(currentTarget.value)
          run.reset()
          renew()
        }}
      />
      <p className={s.say}>{says.console.charges(gate?.price, strong)}</p>
      {problem && (
        <Notice tone="bad" title={isUnknown ? says.console.unknown : says.console.failed}>
          <p>{isUnknown ? says.console.unknownText : problem.detail}</p>
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
            { feature, key },
            {
              onError: failed,
              onSuccess: ({ transaction }) => {
                renew()
                toast(
                  says.console.done(featureName(feature)),
                  says.console.used(-transaction.credits, transaction.balance_after),
                )
              },
            },
          )
        }
      >
        {says.console.run(featureName(feature))}
      </Button>
    </Card>
  )
}
