import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { toast } from '@/ui/kit'
import { says } from '../messages'
import type { Budget, Spender } from './rows'

export interface Change {
  of: Spender
  limit: number | null
  onLimit?: Budget['on_limit']
}

/** What is changed by these paths. */
const TOUCHED = ['/v1/budgets', '/v1/api-keys']

/**
 * Gives somebody another limit, or none. What is asked for shows at once, and is gone again if it is
 * refused; what was saved can be undone.
 */
export function useLimit() {
  const { khata } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: async ({ of, limit, onLimit }: Change) => {
      const path = { budget_id: of.budgetId ?? '' }
      if (of.kind === 'key') {
        const spending_limit = limit === null ? null : { credits: limit, window: of.window }
        await khata.api.PATCH('/v1/api-keys/{key_id}', {
          params: { path: { key_id: of.id } },
          body: { spending_limit },
        })
      } else if (limit === null) {
        if (of.budgetId) await khata.api.DELETE('/v1/budgets/{budget_id}', { params: { path } })
      } else if (of.budgetId) {
        await khata.api.PATCH('/v1/budgets/{budget_id}', {
          params: { path },
          body: { limit, ...(onLimit && { on_limit: onLimit }) },
        })
      } else {
        await khata.api.POST('/v1/budgets', {
          body: {
            level: 'member',
            subject: of.subject,
            wallet_id: wallet.id,
            limit,
            window: 'month',
            on_limit: onLimit ?? 'refuse',
          },
        })
      }
    },
    onSuccess: (_, { of, limit, onLimit }) => {
      // A limit that was ended begins anew; what it had counted is not counted in it again.
      const canUndo = of.kind === 'key' || (of.budgetId !== null && limit !== null)
      const before = { of, limit: of.limit, ...(onLimit && of.onLimit && { onLimit: of.onLimit }) }
      toast(
        says.limit.saved,
        limit === null ? says.limit.ended(of.name) : says.limit.holds(of.name),
        canUndo ? () => save.mutate(before) : undefined,
      )
    },
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => TOUCHED.some((path) => String(queryKey[1]).startsWith(path)),
      }),
  })
  return save
}
