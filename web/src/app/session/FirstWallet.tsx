import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import { useKhata } from '@/react'
import { useMay, useSession } from '@/session/session'
import { Coin } from '@/ui/kit'
import s from './first-wallet.module.css'
import { useSignOut } from './useSignOut'

/** An organization without a wallet: what one is, and how it comes to be. */
export default function FirstWallet() {
  const { organization } = useSession()
  const may = useMay('wallets:write')
  const { khata } = useKhata()
  const signOut = useSignOut()
  const client = useQueryClient()
  const [name, setName] = useState(organization.name)
  const make = useMutation({
    mutationFn: async () => {
      const { data } = await khata.api.POST('/v1/wallets', {
        body: {
          owner_type: 'organization',
          owner_id: organization.id,
          organization_id: organization.id,
          name,
        },
      })
      return data
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['get', '/v1/wallets'] }),
  })
  const problem = problemIn(make.error)
  return (
    <form
      className={s.first}
      onSubmit={(event) => {
        event.preventDefault()
        make.mutate()
      }}
    >
      <Coin size={34} />
      <h1>A wallet for {organization.name}</h1>
      <p>
        A wallet holds prepaid credits, and each credit that comes or goes is a row in its ledger.
        ₹10 buys 100 credits.
      </p>
      {may ? (
        <>
          <TextInput
            label="Name"
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            error={problem && (problem.errors['name'] ?? problem.detail)}
          />
          <Button type="submit" size="md" loading={make.isPending} disabled={!name.trim()}>
            Make the wallet
          </Button>
        </>
      ) : (
        <p>Ask an owner or an admin of {organization.name} to make it.</p>
      )}
      <Button variant="subtle" onClick={signOut}>
        Sign out
      </Button>
    </form>
  )
}
