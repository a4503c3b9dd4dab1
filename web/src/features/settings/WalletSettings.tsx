import { TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { featureName } from '@/format/words'
import { useKhata } from '@/react'
import { useChosenWallet } from '@/session/wallet'
import { Card, FieldSkeletons, Form, toast, WholeNumber } from '@/ui/kit'
import { says } from './messages'

/** The wallet's name, its levels, and its daily caps within the operator's. */
export function WalletSettings() {
  const { wallet } = useChosenWallet()
  return <Fields key={wallet.updated_at} />
}

function Fields() {
  const { khata, queries } = useKhata()
  const { wallet } = useChosenWallet()
  const client = useQueryClient()
  const path = { wallet_id: wallet.id }
  const { data: caps } = queries.useQuery('get', '/v1/wallets/{wallet_id}/usage/caps', {
    params: { path },
  })
  const [name, setName] = useState(wallet.name)
  const [low, setLow] = useState<number | string>(wallet.low_balance_threshold)
  const [burn, setBurn] = useState<number | string>(wallet.rapid_burn_limit)
  const [limits, setLimits] = useState<Readonly<Record<string, number>>>(wallet.caps)
  const save = useMutation({
    mutationFn: () =>
      khata.api.PATCH('/v1/wallets/{wallet_id}', {
        params: { path },
        body: {
          name,
          low_balance_threshold: Number(low),
          rapid_burn_limit: Number(burn),
          caps: limits,
        },
      }),
    onSuccess: () => toast(says.wallet.saved, name),
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/v1/wallets'),
      }),
  })
  return (
    <Card title={says.wallet.title}>
      <Form saving={save} failed={says.wallet.failed} submit={says.wallet.act}>
        {(errors) => (
          <>
            <TextInput
              label={says.wallet.name}
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
              error={errors['name']}
            />
            <WholeNumber
              label={says.wallet.low}
              value={low}
              onChange={setLow}
              error={errors['low_balance_threshold']}
            />
            <WholeNumber
              label={says.wallet.burn}
              value={burn}
              onChange={setBurn}
              error={errors['rapid_burn_limit']}
            />
            {!caps && <FieldSkeletons fields={3} />}
            {caps?.data.map(({ cap, limit }) => (
              <WholeNumber
                key={cap}
                label={says.wallet.cap(featureName(cap))}
                value={limits[cap] ?? limit}
                onChange={(n) => setLimits({ ...limits, [cap]: Number(n) })}
                error={errors[`caps.${cap}`] ?? errors['caps']}
              />
            ))}
          </>
        )}
      </Form>
    </Card>
  )
}
