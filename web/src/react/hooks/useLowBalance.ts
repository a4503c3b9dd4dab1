import { useState } from 'react'
import type { Wallet } from '../../api/types'

/**
 * Whether the wallet has fallen to its level since somebody last settled that. A wallet that was
 * never filled has fallen from nowhere. It is new once a crossing, in all tabs and after a reload.
 */
export function useLowBalance(wallet: Wallet | undefined) {
  const [, redraw] = useState(0)
  const key = `khata.low ${wallet?.id ?? ''}`
  const isLow =
    wallet !== undefined &&
    (wallet.lifetime_purchased_credits > 0 || wallet.lifetime_used_credits > 0) &&
    wallet.available_credits <= wallet.low_balance_threshold
  const isSettled = localStorage.getItem(key) !== null
  if (wallet && !isLow && isSettled) localStorage.removeItem(key)
  return {
    isNew: isLow && !isSettled,
    settle: () => {
      localStorage.setItem(key, 'seen')
      redraw((times) => times + 1)
    },
  }
}
