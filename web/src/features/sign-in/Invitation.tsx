import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { Form } from '@/ui/kit'
import { PasswordField } from './Fields'
import { useFragment } from './fragment'
import { Frame } from './Frame'
import { says } from './messages'
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
      <Frame title={says.invitation.broken} sub={says.invitation.brokenSub}>
        {null}
      </Frame>
    )
  return (
    <Frame title={says.invitation.title} sub={says.invitation.sub}>
      <Form saving={entering} failed={says.invitation.failed} submit={says.invitation.act} isWide>
        {(errors) => (
          <>
            <TextInput
              label={says.invitation.name}
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
