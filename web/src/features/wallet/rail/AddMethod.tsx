import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { toast } from '@/ui/kit'
import s from './rail.module.css'

interface Props {
  onAdded: () => void
  cancel?: () => void
}

/** A UPI address that may be charged later, by its owner's mandate. */
export function AddMethod({ onAdded, cancel }: Props) {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  const [vpa, setVpa] = useState('')
  const add = useMutation({
    mutationFn: async () => {
      const { data } = await khata.api.POST('/v1/wallets/{wallet_id}/payment-methods', {
        params: { path: { wallet_id: wallet.id } },
        body: { kind: 'upi', vpa },
      })
      return data
    },
    onSuccess: (added) => {
      if (added?.state === 'confirmed')
        toast('Payment method added', `${vpa} can be charged by auto-recharge.`)
      else toast('Consent is asked for', `${vpa} agrees to later debits in its UPI app.`)
      onAdded()
      return client.invalidateQueries({
        queryKey: ['get', '/v1/wallets/{wallet_id}/payment-methods'],
      })
    },
  })
  const problem = problemIn(add.error)
  return (
    <form
      className={s.method}
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate()
      }}
    >
      <TextInput
        label="Pays with"
        placeholder="name@bank"
        description="A UPI address that consents to later debits"
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        autoComplete="off"
        spellCheck={false}
        value={vpa}
        onChange={({ currentTarget }) => setVpa(currentTarget.value)}
        error={problem && (problem.errors['vpa'] ?? problem.detail)}
      />
      <div className={s.actions}>
        <Button type="submit" size="xs" variant="default" loading={add.isPending} disabled={!vpa}>
          Add method
        </Button>
        {cancel && (
          <Button size="xs" variant="subtle" onClick={cancel}>
            Cancel
          </Button>
        )}
      </div>
    </form>
  )
}
