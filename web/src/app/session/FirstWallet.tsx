import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import { useKhata } from '@/react'
import { useMay, useSession } from '@/session/session'
import { Coin } from '@/ui/kit'
import { says } from '../messages'
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
      <h1>{says.firstWallet.title(organization.name)}</h1>
      <p>{says.firstWallet.text}</p>
      {may ? (
        <>
          <TextInput
            label={says.firstWallet.name}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            error={problem && (problem.errors['name'] ?? problem.detail)}
          />
          <Button type="submit" size="md" loading={make.isPending} disabled={!name.trim()}>
            {says.firstWallet.act}
          </Button>
        </>
      ) : (
        <p>{says.firstWallet.ask(organization.name)}</p>
      )}
      <Button variant="subtle" onClick={signOut}>
        {says.signOut}
      </Button>
    </form>
  )
}
