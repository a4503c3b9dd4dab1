import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { PaymentMethod } from '@/api/types'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Confirm } from '@/ui/kit'
import { says } from '../messages'

interface Props {
  method: PaymentMethod
  close: () => void
}

/** Asks before a way to pay is taken away. */
export default function Removal({ method, close }: Props) {
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
      isOpen
      close={close}
      title={says.removal.title(method.label)}
      act={says.removal.act}
      onAct={() => remove.mutate()}
      isPending={remove.isPending}
      error={remove.error}
    >
      <p>{says.removal.text}</p>
    </Confirm>
  )
}
