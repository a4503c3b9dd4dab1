import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useKhata } from '@/react'
import { useSession } from '@/session/session'
import { says } from './messages'

export interface BuyerFields {
  name: string
  address: string
  state_code: string
  gstin: string
}

export interface Buyer {
  fields: BuyerFields
  edit: (changes: Partial<BuyerFields>) => void
  /** What has to be mended before an order can be made. */
  errors: Partial<Record<keyof BuyerFields, string>>
  check: () => boolean
  /** As the API wants it. */
  asked: {
    name: string
    email: string
    address: string
    country: 'IN'
    state_code: string
    gstin: string | null
  }
  isSaving: boolean
}

/** Whom the invoice is for: what was said last time, until somebody says otherwise. */
export function useBuyer(walletId: string): Buyer {
  const { queries } = useKhata()
  const { organization, user } = useSession()
  const client = useQueryClient()
  const params = { path: { wallet_id: walletId } }
  const { data } = queries.useQuery('get', '/v1/wallets/{wallet_id}/billing-profile', { params })
  const [changes, setChanges] = useState<Partial<BuyerFields>>({})
  const [isChecked, setChecked] = useState(false)
  const save = queries.useMutation('put', '/v1/wallets/{wallet_id}/billing-profile', {
    onSettled: () =>
      client.invalidateQueries({ queryKey: ['get', '/v1/wallets/{wallet_id}/billing-profile'] }),
  })
  const fields: BuyerFields = {
    name: data?.name ?? organization.name,
    address: data?.address ?? '',
    state_code: data?.state_code ?? '',
    gstin: data?.gstin ?? '',
    ...changes,
  }
  const asked = {
    ...fields,
    email: data?.email || user.email,
    country: 'IN' as const,
    gstin: fields.gstin || null,
  }
  const errors = isChecked ? missing(fields) : {}
  return {
    fields,
    edit: (more) => setChanges({ ...changes, ...more }),
    errors,
    asked,
    isSaving: save.isPending,
    check: () => {
      setChecked(true)
      const isWhole = Object.keys(missing(fields)).length === 0
      if (isWhole && Object.keys(changes).length > 0) save.mutate({ params, body: asked })
      return isWhole
    },
  }
}

/** What a tax invoice can't do without. Whether it is right, the server says. */
function missing({ name, state_code }: BuyerFields): Buyer['errors'] {
  return {
    ...(name.trim() ? {} : { name: says.invoice.noName }),
    ...(state_code ? {} : { state_code: says.invoice.noState }),
  }
}
