import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { problemIn } from '@/api/problem'
import { useKhata } from '@/react'
import { Notice } from '@/ui/kit'
import { Frame } from './Frame'
import s from './sign-in.module.css'

const SHORTEST = 10

/** The link of a sign-in: whoever has it sets the password of its user, once. */
export function SetPassword({ token }: { token: string }) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const set = useMutation({
    mutationFn: () => khata.api.POST('/v1/session', { body: { token, email, password } }),
    onSuccess: async () => {
      client.clear()
      await navigate({ to: '/org/billing' })
    },
  })
  const problem = problemIn(set.error)
  return (
    <Frame title="Set your password" says="You sign in with it from now on.">
      <form
        className={s.form}
        onSubmit={(event) => {
          event.preventDefault()
          set.mutate()
        }}
      >
        {problem && (
          <Notice tone="bad" title="The password was not set.">
            <p>{problem.detail}</p>
          </Notice>
        )}
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={({ currentTarget }) => setEmail(currentTarget.value)}
          error={problem?.errors['email']}
        />
        <PasswordInput
          label="New password"
          description={`At least ${SHORTEST} characters`}
          autoComplete="new-password"
          minLength={SHORTEST}
          required
          withAsterisk={false}
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          error={problem?.errors['password']}
        />
        <Button type="submit" size="md" fullWidth loading={set.isPending}>
          Set password and sign in
        </Button>
      </form>
    </Frame>
  )
}
