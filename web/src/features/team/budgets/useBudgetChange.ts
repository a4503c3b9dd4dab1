import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useKhata } from '@/react'
import { toast } from '@/ui/kit'
import { says } from '../messages'
import type { Budget } from './Budgets'

interface Change {
  budget: Budget
  limit?: number
  on_limit?: Budget['on_limit']
}

/** Another figure for a limit, or another thing that happens at it. It can be undone. */
export function useBudgetChange() {
  const { khata } = useKhata()
  const client = useQueryClient()
  const change = useMutation({
    mutationFn: ({ budget, ...body }: Change) =>
      khata.api.PATCH('/v1/budgets/{budget_id}', {
        params: { path: { budget_id: budget.id } },
        body,
      }),
    onSuccess: (_, { budget, ...body }) => {
      const before = { budget, limit: budget.limit, on_limit: budget.on_limit }
      const wasAsked = Object.keys(body).length === 1
      const undo = wasAsked ? () => change.mutate(before) : undefined
      toast(says.limit.saved, says.limit.anew, undo)
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['get', '/v1/budgets'] }),
  })
  return change
}
