import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Transaction } from '@/api/types'
import { useKhata, useOperationKey } from '@/react'
import { useMay } from '@/session/session'
import { Confirm, toast } from '@/ui/kit'
import { says } from './messages'

const CHARGES = new Set(['USAGE_DEDUCTION', 'HOLD_CAPTURE'])

/** Gives the credits of a charge back, for those who may. */
export function Refund({ charge }: { charge: Transaction }) {
  const may = useMay('wallets:refund')
  const [isOpen, setOpen] = useState(false)
  if (!may || !CHARGES.has(charge.type) || charge.credits >= 0) return null
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {says.refund.act}
      </Button>
      <Asked charge={charge} isOpen={isOpen} close={() => setOpen(false)} />
    </>
  )
}

interface Props {
  charge: Transaction
  isOpen: boolean
  close: () => void
}

function Asked({ charge, isOpen, close }: Props) {
  const { khata } = useKhata()
  const { key, isUnknown, renew, failed } = useOperationKey()
  const [reason, setReason] = useState('')
  const refund = useMutation({
    mutationFn: () =>
      khata.api.POST('/v1/wallets/{wallet_id}/refunds', {
        params: {
          path: { wallet_id: charge.wallet_id },
          header: { 'Idempotency-Key': key },
        },
        body: { transaction_id: charge.id, reason },
      }),
    onError: failed,
    onSuccess: ({ data }) => {
      renew()
      toast(says.refund.done, says.refund.wentBack(data?.transaction.credits ?? 0))
      close()
    },
  })
  return (
    <Confirm
      isOpen={isOpen}
      close={close}
      title={says.refund.title}
      act={says.refund.act}
      onAct={() => refund.mutate()}
      isPending={refund.isPending}
      error={refund.error}
      isUnknown={isUnknown}
    >
      <p>{says.refund.text}</p>
      <TextInput
        mt={12}
        label={says.refund.reason}
        placeholder={says.refund.reasonHint}
        value={reason}
        // What may be done already is sent just as it was.
        disabled={isUnknown}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
    </Confirm>
  )
}
