import { useKhata } from '../context'

/**
 * What a feature asks before it shows itself. While it is not known, nothing is allowed that costs.
 * `gate` has the price, the caps and the budgets.
 */
export function useBillingGate(
  walletId: string,
  feature: string,
  { quantity = 1, memberId }: { quantity?: number; memberId?: string } = {},
) {
  const { queries } = useKhata()
  const { data: gate, ...query } = queries.useQuery('get', '/v1/wallets/{wallet_id}/gate', {
    params: {
      path: { wallet_id: walletId },
      query: { feature, quantity, ...(memberId ? { member_id: memberId } : {}) },
    },
  })
  return {
    gate,
    canUsePremium: gate?.can_use_premium ?? false,
    isLowBalance: gate?.is_low_balance ?? false,
    isExhausted: gate?.is_exhausted ?? false,
    hardLimitReached: gate?.hard_limit_reached ?? false,
    isAllowed: gate?.allowed ?? false,
    ...query,
  }
}
