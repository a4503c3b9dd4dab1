import type { Transaction } from '@/api/types'
import { useKhata } from '@/react'
import { useMay } from '@/session/session'

/** The order whose payment brought these credits, and its invoice; for those who may see them. */
export function usePurchase({ wallet_id, source, source_id }: Transaction) {
  const { queries } = useKhata()
  const may = useMay('payments:read')
  const { data } = queries.useQuery(
    'get',
    '/v1/wallets/{wallet_id}/orders',
    { params: { path: { wallet_id }, query: { payment_id: source_id ?? '', limit: 1 } } },
    { enabled: may && source === 'payment' && source_id !== null },
  )
  const order = data?.data[0]
  const invoiceId = order?.invoice_id ?? null
  const { data: invoice } = queries.useQuery(
    'get',
    '/v1/invoices/{invoice_id}',
    { params: { path: { invoice_id: invoiceId ?? '' } } },
    { enabled: invoiceId !== null },
  )
  return { order, invoice }
}
