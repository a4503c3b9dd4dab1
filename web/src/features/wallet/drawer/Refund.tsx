import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Transaction } from '@/api/types'
import { plural } from '@/format/numbers'
import { idempotencyKey, useKhata } from '@/react'
import { useMay } from '@/session/session'
import { Confirm, toast } from '@/ui/kit'

const CHARGES = new Set(['USAGE_DEDUCTION', 'HOLD_CAPTURE'])

/** Gives the credits of a charge back, for those who may. */
export function Refund({ charge }: { charge: Transaction }) {
  const may = useMay('wallets:refund')
  const [isOpen, setOpen] = useState(false)
  if (!may || !CHARGES.has(charge.type) || charge.credits >= 0) return null
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Refund credits
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
  // The same until it is done, however often it is sent.
  const [key] = useState(idempotencyKey)
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
    onSuccess: ({ data }) => {
      toast('Refunded', `${plural(data?.transaction.credits ?? 0, 'credit')} went back.`)
      close()
    },
  })
  return (
    <Confirm
      isOpen={isOpen}
      close={close}
      title="Refund these credits?"
      act="Refund credits"
      onAct={() => refund.mutate()}
      isPending={refund.isPending}
      error={refund.error}
    >
      <p>What is left of the charge goes back to the grants it was drawn from.</p>
      <TextInput
        mt={12}
        label="Reason"
        placeholder="It failed"
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
    </Confirm>
  )
}
