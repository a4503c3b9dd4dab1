import { CopyButton, Button, SegmentedControl, Select } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import type { Feature } from '@/api/types'
import { count } from '@/format/numbers'
import { featureName } from '@/format/words'
import { useBillingGate } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, Coin, WholeNumber } from '@/ui/kit'
import { says } from './messages'
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
    <Card title={says.calculator.title}>
      <div className={s.pair}>
        <Select
          label={says.calculator.operation}
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
        <WholeNumber
          label={says.calculator.quantity}
          value={quantity}
          onChange={setQuantity}
          min={1}
        />
      </div>
      <p className={s.cost} data-testid="cost">
        <Coin size={19} />
        {count(gate?.price)}
        <small>{says.calculator.credits}</small>
      </p>
      <div className={s.sample}>
        <div>
          <SegmentedControl
            size="xs"
            aria-label={says.calculator.language}
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
                {copied ? says.calculator.copied : says.calculator.copy}
              </Button>
            )}
          </CopyButton>
        </div>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable */}
        <pre tabIndex={0} role="region" aria-label={says.calculator.sample}>
          {sample}
        </pre>
      </div>
    </Card>
  )
}
