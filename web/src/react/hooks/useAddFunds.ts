import { keepPreviousData, useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { problemIn } from '../../api/problem'
import type { Order } from '../../api/types'
import type { paths } from '../../api/schema'
import { useKhata } from '../context'
import { useOperationKey } from './useOperationKey'

type OrderBody = NonNullable<
  paths['/v1/wallets/{wallet_id}/orders']['post']['requestBody']
>['content']['application/json']

/** What to buy: a pack, or any amount in paise of the price before tax. */
export type Choice = { pack_id: string } | { amount: number }

export type Purchase = Choice & Omit<OrderBody, 'pack_id' | 'amount'>

export interface Following {
  orderId: string | undefined
  /** What it gives is waited for: the purchase is under way until the order is followed. */
  follow: (orderId: string | undefined) => unknown
}

const UNDER_WAY: readonly Order['status'][] = ['created', 'processing']
const LOOK_AGAIN_MS = 2_000

/** The price of a choice, reckoned by the server: credits, bonus, fee, tax, round-off, total. */
export function useQuote(choice: Choice | null) {
  const { queries } = useKhata()
  const { data, ...query } = queries.useQuery(
    'post',
    '/v1/quotes',
    { body: choice ?? {} },
    { enabled: choice !== null, placeholderData: keepPreviousData, staleTime: 300_000 },
  )
  return { quote: data, ...query }
}

/** The packs on offer, at which rates, and whether new orders go where no money moves. */
export function usePacks() {
  const { queries } = useKhata()
  const { data, ...query } = queries.useQuery('get', '/v1/packs', undefined, {
    staleTime: Infinity,
  })
  const isSimulated = data?.providers.some((each) => each.is_default && each.is_test) ?? false
  return {
    packs: data?.data,
    minimumAmount: data?.minimum_amount,
    /** Of the tax and of the platform's fee, in basis points. */
    rates: data && { gst: data.gst_bps, fee: data.fee_bps },
    isSimulated,
    ...query,
  }
}

/**
 * Buys credits for a wallet: `pay` makes an order, and `order` follows it until it is paid, failed
 * or blocked. Credits appear by the gateway's word alone, never by the browser's.
 *
 * One wish is one order, however often it is sent: the key stays until it is answered. While
 * `isUnknown` the answer was lost, and the order may be made: pay the same again, and it is that one.
 * Which order is followed may be kept by you, as in an address, so that it outlives a reload; where
 * it can't be looked up, `orderError` says why.
 */
export function useAddFunds(walletId: string, following?: Following) {
  const { khata, queries } = useKhata()
  const client = useQueryClient()
  const { key, isUnknown, renew, failed } = useOperationKey()
  const [made, setMade] = useState<string>()
  const { orderId, follow } = following ?? { orderId: made, follow: setMade }
  const asked = (order_id: string) => ({ params: { path: { wallet_id: walletId, order_id } } })

  // Who has left meanwhile is not called back.
  const isHere = useRef(false)
  useEffect(() => {
    isHere.current = true
    return () => {
      isHere.current = false
    }
  }, [])

  const looked = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/orders/{order_id}',
    asked(orderId ?? ''),
    {
      enabled: orderId !== undefined,
      // The stream tells first; should it be silent, this finds out.
      refetchInterval: ({ state }) =>
        state.data && UNDER_WAY.includes(state.data.status) ? LOOK_AGAIN_MS : false,
    },
  )
  const {
    mutate,
    mutateAsync,
    reset: forget,
    ...mutation
  } = useMutation({
    mutationFn: async (purchase: Purchase) => {
      const { data } = await khata.api.POST('/v1/wallets/{wallet_id}/orders', {
        params: { path: { wallet_id: walletId }, header: { 'Idempotency-Key': key } },
        body: purchase,
      })
      if (!data) throw new Error('The server answered nothing.')
      return data
    },
    onSuccess: (made) => {
      const { queryKey } = queries.queryOptions(
        'get',
        '/v1/wallets/{wallet_id}/orders/{order_id}',
        asked(made.id),
      )
      client.setQueryData(queryKey, made)
      renew()
      return isHere.current ? follow(made.id) : undefined
    },
    onError: failed,
  })
  const reset = () => {
    forget()
    renew()
    void follow(undefined)
  }
  return {
    pay: mutate,
    payAsync: mutateAsync,
    isUnknown,
    order: looked.data,
    isLooking: looked.isLoading,
    orderError: looked.data || isOfNobody(looked.error) ? null : looked.error,
    lookAgain: looked.refetch,
    reset,
    ...mutation,
  }
}

/** The wallet has no such order: nothing of it is under way. */
const isOfNobody = (error: unknown) => problemIn(error)?.code === 'ORDER_NOT_FOUND'
