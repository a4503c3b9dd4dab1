import { TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { PayoutAccount } from '@/api/types'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Form, FormDialog, toast } from '@/ui/kit'
import { says } from '../messages'

interface Props {
  isOpen: boolean
  close: () => void
  known: PayoutAccount | null
}

/** Sets the account. The number is typed anew each time: nobody gets it back. */
export function PayoutForm({ isOpen, close, known }: Props) {
  return (
    <FormDialog
      isOpen={isOpen}
      close={close}
      title={known ? says.payoutForm.edit : says.payoutForm.add}
    >
      <Fields close={close} known={known} />
    </FormDialog>
  )
}

function Fields({ close, known }: Omit<Props, 'isOpen'>) {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  const [holder, setHolder] = useState(known?.holder_name ?? '')
  const [number, setNumber] = useState('')
  const [ifsc, setIfsc] = useState(known?.ifsc ?? '')
  const save = useMutation({
    mutationFn: () =>
      khata.api.PUT('/v1/wallets/{wallet_id}/payout-account', {
        params: { path: { wallet_id: wallet.id } },
        body: { holder_name: holder, account_number: number, ifsc },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({
        queryKey: ['get', '/v1/wallets/{wallet_id}/payout-account'],
      })
      toast(says.payoutForm.saved, says.payoutForm.savedDetail)
      close()
    },
  })
  return (
    <Form
      saving={save}
      failed={says.payoutForm.failed}
      submit={says.payoutForm.save}
      cancel={close}
    >
      {(errors) => (
        <>
          <TextInput
            label={says.payoutForm.holder}
            autoComplete="name"
            value={holder}
            onChange={({ currentTarget }) => setHolder(currentTarget.value)}
            error={errors['holder_name']}
          />
          <TextInput
            label={says.payoutForm.number}
            inputMode="numeric"
            autoComplete="off"
            value={number}
            onChange={({ currentTarget }) => setNumber(currentTarget.value)}
            error={errors['account_number']}
          />
          <TextInput
            label={says.payoutForm.ifsc}
            autoComplete="off"
            spellCheck={false}
            value={ifsc}
            onChange={({ currentTarget }) => setIfsc(currentTarget.value.toUpperCase())}
            error={errors['ifsc']}
          />
        </>
      )}
    </Form>
  )
}
