import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { toast } from '@/ui/kit'
import { says } from '../messages'
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
      if (added?.state === 'confirmed') toast(says.addMethod.added, says.addMethod.canCharge(vpa))
      else toast(says.addMethod.asked, says.addMethod.agrees(vpa))
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
        label={says.methods.label}
        placeholder={says.addMethod.placeholder}
        description={says.addMethod.hint}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        autoComplete="off"
        spellCheck={false}
        value={vpa}
        onChange={({ currentTarget }) => setVpa(currentTarget.value)}
        error={problem && (problem.errors['vpa'] ?? problem.detail)}
      />
      <div className={s.actions}>
        <Button type="submit" size="xs" variant="default" loading={add.isPending} disabled={!vpa}>
          {says.addMethod.add}
        </Button>
        {cancel && (
          <Button size="xs" variant="subtle" onClick={cancel}>
            {says.addMethod.cancel}
          </Button>
        )}
      </div>
    </form>
  )
}
