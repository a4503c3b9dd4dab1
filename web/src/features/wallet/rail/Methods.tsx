import { lazy, Suspense, useState } from 'react'
import { Button, NativeSelect } from '@mantine/core'
import type { PaymentMethod } from '@/api/types'
import { useMay } from '@/session/session'
import { Pill } from '@/ui/kit'
import { says } from '../messages'
import { AddMethod } from './AddMethod'
import s from './rail.module.css'

const Removal = lazy(() => import('./Removal'))

interface Props {
  methods: readonly PaymentMethod[]
  chosen: PaymentMethod | undefined
  onChoose: (id: string) => void
}

/** What recharges are paid with: chosen, added, taken away. */
export function Methods({ methods, chosen, onChoose }: Props) {
  const may = useMay('payments:write')
  const [isAdding, setAdding] = useState(false)
  const [removed, setRemoved] = useState<PaymentMethod | null>(null)
  const ready = methods.filter(({ state }) => state === 'confirmed')
  return (
    <>
      {ready.length > 0 && (
        <NativeSelect
          mt={10}
          label={says.methods.label}
          data={[
            ...(chosen ? [] : [{ value: '', label: says.methods.choose, disabled: true }]),
            ...ready.map(({ id, label }) => ({ value: id, label })),
          ]}
          value={chosen?.id ?? ''}
          onChange={({ currentTarget }) => onChoose(currentTarget.value)}
          disabled={!may}
        />
      )}
      {methods
        .filter(({ state }) => state in says.methods.notReady)
        .map((method) => (
          <p key={method.id} className={s.waiting}>
            <Pill tone="warn">{method.label}</Pill> {says.methods.notReady[method.state]}{' '}
            {may && (
              <Button size="compact-xs" variant="subtle" onClick={() => setRemoved(method)}>
                {says.methods.remove}
                <span className="vh"> {method.label}</span>
              </Button>
            )}
          </p>
        ))}
      {may && methods.length > 0 && !isAdding && (
        <div className={s.actions}>
          <Button size="xs" variant="subtle" onClick={() => setAdding(true)}>
            {says.methods.another}
          </Button>
          {chosen && (
            <Button size="xs" variant="subtle" onClick={() => setRemoved(chosen)}>
              {says.methods.remove}
            </Button>
          )}
        </div>
      )}
      {may && (isAdding || methods.length === 0) && (
        <AddMethod
          onAdded={() => setAdding(false)}
          {...(methods.length > 0 ? { cancel: () => setAdding(false) } : {})}
        />
      )}
      {removed && (
        <Suspense>
          <Removal method={removed} close={() => setRemoved(null)} />
        </Suspense>
      )}
    </>
  )
}
