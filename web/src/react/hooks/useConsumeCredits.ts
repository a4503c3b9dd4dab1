import { useMutation } from '@tanstack/react-query'
import { idempotencyKey } from '../../api/client'
import { useKhata } from '../context'

export interface Consumption {
  feature: string
  quantity?: number
  /** What you think it costs: another price is refused and moves nothing. */
  credits?: number
  memberId?: string
  metadata?: Record<string, unknown>
  /** Of the operation, where you have one; the same for all its retries. */
  key?: string
}

/**
 * Charges the wallet for an operation. The mutation is retried by nobody but you: give the same
 * `key` again and it is charged once; `useOperationKey` keeps one for you.
 */
export function useConsumeCredits(walletId: string) {
  const { khata } = useKhata()
  return useMutation({
    mutationFn: async ({ key = idempotencyKey(), memberId, metadata, ...rest }: Consumption) => {
      const { data } = await khata.api.POST('/v1/wallets/{wallet_id}/consume', {
        params: { path: { wallet_id: walletId }, header: { 'Idempotency-Key': key } },
        body: {
          ...rest,
          ...(memberId === undefined ? {} : { member_id: memberId }),
          ...(metadata === undefined ? {} : { metadata: metadata as never }),
        },
      })
      if (!data) throw new Error('The server answered nothing.')
      return data
    },
  })
}
