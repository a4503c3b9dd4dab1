import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { Form } from '@/ui/kit'
import { PasswordField } from './Fields'
import { useFragment } from './fragment'
import { Frame } from './Frame'
import { useEntering } from './useEntering'

/** Whoever was invited becomes a member, with a new password or with the one they have already. */
export default function Invitation() {
  const token = useFragment('token')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const entering = useEntering((api) =>
    api.POST('/v1/invitations/accept', {
      body: { token: token ?? '', password, ...(name ? { name } : {}) },
    }),
  )
  if (!token)
    return (
      <Frame title="This link is not whole" says="Open the invitation once more, as it was sent.">
        {null}
      </Frame>
    )
  return (
    <Frame title="You are invited" says="Choose a password, or type the one you have here already.">
      <Form saving={entering} failed="You are not a member yet." submit="Accept invitation" isWide>
        {(errors) => (
          <>
            <TextInput
              label="Your name (optional)"
              autoComplete="name"
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
              error={errors['name']}
            />
            <PasswordField isNew value={password} set={setPassword} error={errors['password']} />
          </>
        )}
      </Form>
    </Frame>
  )
}
