import { Button, NumberInput, SegmentedControl, Select } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import type { Feature } from '@/api/types'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Confirm, kit, Notice, toast } from '@/ui/kit'
import { daysAgo } from '@/ui/period'
import { says } from '../messages'
import s from '../pricing.module.css'
import { Outcome } from './Outcome'

/** Other prices, tried on what was really used before they are published. */
export function Trial({ current }: { current: readonly Feature[] }) {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const [prices, setPrices] = useState<ReadonlyMap<string, number>>(new Map())
  const [chosen, setChosen] = useState<string | null>(null)
  const [days, setDays] = useState('30')
  const [isAsking, setAsking] = useState(false)
  const publish = usePublish(() => setAsking(false))
  const features = current.map((each) => ({
    ...each,
    credits: prices.get(each.feature) ?? each.credits,
  }))
  const simulate = useMutation({
    mutationFn: async () => {
      const { data } = await khata.api.POST('/v1/pricing/simulate', {
        body: {
          features,
          from: daysAgo(Number(days), wallet.time_zone),
          to: new Date().toISOString(),
        },
      })
      return data
    },
  })
  const problem = problemIn(simulate.error)
  const change = (feature: string, credits: number) => {
    simulate.reset()
    setPrices(new Map([...prices, [feature, credits]]))
  }
  return (
    <Card title={says.trial.title}>
      <Select
        label={says.trial.change}
        placeholder={says.trial.choose}
        data={current
          .filter(({ feature }) => !prices.has(feature))
          .map(({ feature }) => ({ value: feature, label: featureName(feature) }))}
        value={chosen}
        onChange={(feature) => {
          const known = current.find((each) => each.feature === feature)
          if (known) change(known.feature, known.credits)
          setChosen(null)
        }}
        searchable
      />
      {[...prices].map(([feature, credits]) => (
        <NumberInput
          key={feature}
          mt={10}
          label={says.trial.credits(featureName(feature))}
          value={credits}
          onChange={(n) => change(feature, Number(n))}
          min={0}
          allowDecimal={false}
          hideControls
        />
      ))}
      <SegmentedControl
        mt={12}
        fullWidth
        size="xs"
        aria-label={says.trial.period}
        value={days}
        onChange={(value) => {
          simulate.reset()
          setDays(value)
        }}
        data={['7', '30', '90'].map((value) => ({ value, label: says.trial.days(value) }))}
      />
      <div className={s.actions}>
        <Button
          size="xs"
          variant="default"
          disabled={prices.size === 0}
          loading={simulate.isPending}
          onClick={() => simulate.mutate()}
        >
          {says.trial.act}
        </Button>
        {simulate.data && (
          <Button size="xs" onClick={() => setAsking(true)}>
            {says.publish.act}
          </Button>
        )}
      </div>
      {problem && (
        <Notice tone="bad" title={says.trial.failed}>
          <p>{Object.values(problem.errors)[0] ?? problem.detail}</p>
        </Notice>
      )}
      {simulate.data && <Outcome trial={simulate.data} />}
      <Confirm
        isOpen={isAsking}
        close={() => setAsking(false)}
        title={says.publish.title}
        act={says.publish.act}
        onAct={() => publish.mutate(features)}
        isPending={publish.isPending}
        error={publish.error}
      >
        <p className={kit.said}>{says.publish.text}</p>
      </Confirm>
    </Card>
  )
}

function usePublish(close: () => void) {
  const { khata } = useKhata()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (features: Feature[]) => khata.api.PUT('/v1/pricing', { body: { features } }),
    onSuccess: async ({ data }) => {
      close()
      toast(says.publish.done, data ? says.publish.inForce(data.version) : '')
      await client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/v1/pricing'),
      })
    },
  })
}
