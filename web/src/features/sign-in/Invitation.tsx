import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import { useKhata } from '@/react'
import { Notice } from '@/ui/kit'
import { Frame } from './Frame'
import s from './sign-in.module.css'
import { useToken } from './token'

/** Whoever was invited becomes a member, with a new password or with the one they have already. */
export default function Invitation() {
  const token = useToken()
  const { khata } = useKhata()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const accept = useMutation({
    mutationFn: () =>
      khata.api.POST('/v1/invitations/accept', {
        body: { token: token ?? '', password, ...(name ? { name } : {}) },
      }),
    onSuccess: async () => {
      client.clear()
      await navigate({ to: '/org/billing' })
    },
  })
  const problem = problemIn(accept.error)
  if (!token)
    return (
      <Frame title="This link is not whole" says="Open the invitation once more, as it was sent.">
        {null}
      </Frame>
    )
  return (
    <Frame title="You are invited" says="Choose a password, or type the one you have here already.">
      <form
        className={s.form}
        onSubmit={(event) => {
          event.preventDefault()
          accept.mutate()
        }}
      >
        {problem && (
          <Notice tone="bad" title="You are not a member yet.">
            <p>{problem.detail}</p>
          </Notice>
        )}
        <TextInput
          label="Your name (optional)"
          autoComplete="name"
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          error={problem?.errors['name']}
        />
        <PasswordInput
          label="Password"
          description="At least 10 characters"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          error={problem?.errors['password']}
        />
        <Button type="submit" size="md" fullWidth loading={accept.isPending}>
          Accept invitation
        </Button>
      </form>
    </Frame>
  )
}
