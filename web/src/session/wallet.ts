import { createContext, useContext } from 'react'
import type { Wallet } from '@/api/types'

interface Chosen {
  wallet: Wallet
  wallets: readonly Wallet[]
  choose: (walletId: string) => void
}

export const ChosenWalletContext = createContext<Chosen | null>(null)

/** The wallet that the pages are about, and those it is chosen from. */
export function useChosenWallet(): Chosen {
  const chosen = useContext(ChosenWalletContext)
  if (!chosen) throw new Error('No wallet is chosen here.')
  return chosen
}
