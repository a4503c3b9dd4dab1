import { CopyButton, Button, SegmentedControl, Select } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import type { Feature } from '@/api/types'
import { count } from '@/format/numbers'
import { featureName } from '@/format/words'
import { useBillingGate } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Coin, WholeNumber } from '@/ui/kit'
import s from './pricing.module.css'
import { LANGUAGES, SAMPLES, type Language } from './samples'

/** What so many operations would cost this wallet now, as its gate says; and how to charge for one. */
export function Calculator({ features }: { features: readonly Feature[] }) {
  const { wallet } = useChosenWallet()
  const [feature, setFeature] = useState(features[0]?.feature ?? '')
  const [quantity, setQuantity] = useState<number | string>(1)
  const asked = Math.max(1, Number(quantity) || 1)
  const { gate } = useBillingGate(wallet.id, feature, { quantity: asked })
  const [language, setLanguage] = useState<Language>('curl')
  const { origin } = location
  const sample = SAMPLES[language]({ origin, walletId: wallet.id, feature, quantity: asked })
  return (
    <Card title="What would it cost?">
      <div className={s.pair}>
        <Select
          label="Operation"
          data={features.map((each) => ({
            value: each.feature,
            label: featureName(each.feature),
          }))}
          value={feature}
          onChange={(chosen) => {
            if (chosen) setFeature(chosen)
          }}
          searchable
          allowDeselect={false}
        />
        <WholeNumber label="Quantity" value={quantity} onChange={setQuantity} min={1} />
      </div>
      <p className={s.cost} data-testid="cost">
        <Coin size={19} />
        {count(gate?.price)}
        <small>credits</small>
      </p>
      <div className={s.sample}>
        <div>
          <SegmentedControl
            size="xs"
            aria-label="Language of the code sample"
            value={language}
            onChange={setLanguage}
            data={[...LANGUAGES]}
          />
          <CopyButton value={sample}>
            {({ copied, copy }) => (
              <Button
                size="xs"
                variant="subtle"
                onClick={copy}
                leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              >
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </div>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable */}
        <pre tabIndex={0} role="region" aria-label="Code sample">
          {sample}
        </pre>
      </div>
    </Card>
  )
}
