import { useState } from 'react'
import type { Wallet } from '@/api/types'

/**
 * Whether the wallet has fallen to its level since somebody last closed the dialog about it. A
 * wallet that was never filled has fallen from nowhere.
 */
export function useCrossing(wallet: Wallet) {
  const [, redraw] = useState(0)
  const key = `khata.low ${wallet.id}`
  const isLow =
    wallet.lifetime_purchased_credits + wallet.lifetime_used_credits > 0 &&
    wallet.available_credits <= wallet.low_balance_threshold
  const isSettled = localStorage.getItem(key) !== null
  if (!isLow && isSettled) localStorage.removeItem(key)
  return {
    isNew: isLow && !isSettled,
    settle: () => {
      localStorage.setItem(key, 'seen')
      redraw((n) => n + 1)
    },
  }
}
