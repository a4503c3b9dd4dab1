/** The React package: what a page needs to show a wallet, charge it and fill it. */
export { createKhata, idempotencyKey, type ClientOptions, type Khata } from '../api/client'
export { Problem } from '../api/problem'
export type * from '../api/types'
export { createQueryClient, KhataProvider } from './KhataProvider'
export { useKhata } from './context'
export { LiveProvider, useLive, useLiveEvent } from './live/LiveProvider'
export type { LiveEvent, LiveState } from './live/follow'
export {
  useAddFunds,
  usePacks,
  useQuote,
  type Choice,
  type Following,
  type Purchase,
} from './hooks/useAddFunds'
export { useBillingGate } from './hooks/useBillingGate'
export { useConsumeCredits, type Consumption } from './hooks/useConsumeCredits'
export { useLowBalance } from './hooks/useLowBalance'
export { LowBalanceModal } from './embed/LowBalanceModal'
export { UsageChart } from './embed/UsageChart'
export { WalletBadge } from './embed/WalletBadge'
export { useOperationKey } from './hooks/useOperationKey'
export { useUsageAnalytics, type UsagePeriod } from './hooks/useUsageAnalytics'
export { useWallet } from './hooks/useWallet'
export { useWalletTransactions, type TransactionFilter } from './hooks/useWalletTransactions'
