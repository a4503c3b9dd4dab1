import { Button, NativeSelect } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { PaymentMethod } from '@/api/types'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'
import { useChosenWallet } from '@/session/wallet'
import { Confirm, Pill } from '@/ui/kit'
import { AddMethod } from './AddMethod'
import s from './rail.module.css'

interface Props {
  /** Those that stand or wait for their owner's consent. */
  methods: readonly PaymentMethod[]
  chosen: PaymentMethod | undefined
  onChoose: (id: string) => void
}

/** What recharges are paid with: chosen, added, taken away. */
export function Methods({ methods, chosen, onChoose }: Props) {
  const may = useMay('payments:write')
  const [isAdding, setAdding] = useState(false)
  const [isRemoving, setRemoving] = useState(false)
  const ready = methods.filter(({ state }) => state === 'confirmed')
  const waiting = methods.filter(({ state }) => state === 'initiated')
  return (
    <>
      {chosen && (
        <NativeSelect
          mt={10}
          label="Pays with"
          data={ready.map(({ id, label }) => ({ value: id, label }))}
          value={chosen.id}
          onChange={({ currentTarget }) => onChoose(currentTarget.value)}
          disabled={!may}
        />
      )}
      {waiting.map(({ id, label }) => (
        <p key={id} className={s.waiting}>
          <Pill tone="warn">Waiting</Pill> {label} has to consent to later debits.
        </p>
      ))}
      {may && chosen && !isAdding && (
        <div className={s.actions}>
          <Button size="xs" variant="subtle" onClick={() => setAdding(true)}>
            Add another
          </Button>
          <Button size="xs" variant="subtle" onClick={() => setRemoving(true)}>
            Remove
          </Button>
        </div>
      )}
      {may && (isAdding || (!chosen && waiting.length === 0)) && (
        <AddMethod
          onAdded={() => setAdding(false)}
          {...(chosen ? { cancel: () => setAdding(false) } : {})}
        />
      )}
      {chosen && <Removal method={chosen} isOpen={isRemoving} close={() => setRemoving(false)} />}
    </>
  )
}

interface RemovalProps {
  method: PaymentMethod
  isOpen: boolean
  close: () => void
}

function Removal({ method, isOpen, close }: RemovalProps) {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () =>
      khata.api.DELETE('/v1/wallets/{wallet_id}/payment-methods/{method_id}', {
        params: { path: { wallet_id: wallet.id, method_id: method.id } },
      }),
    onSuccess: close,
    onSettled: () =>
      Promise.all(
        ['/v1/wallets/{wallet_id}', '/v1/wallets/{wallet_id}/payment-methods'].map((path) =>
          client.invalidateQueries({ queryKey: ['get', path] }),
        ),
      ),
  })
  return (
    <Confirm
      isOpen={isOpen}
      close={close}
      title={`Remove ${method.label}?`}
      act="Remove method"
      onAct={() => remove.mutate()}
      isPending={remove.isPending}
      error={remove.error}
    >
      <p>Its consent to later debits ends. Auto-recharge by it is turned off.</p>
    </Confirm>
  )
}
