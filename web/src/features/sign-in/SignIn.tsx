import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { problemIn } from '@/api/problem'
import { useKhata } from '@/react'
import { Notice } from '@/ui/kit'
import { Frame } from './Frame'
import { SetPassword } from './SetPassword'
import s from './sign-in.module.css'
import { useToken } from './token'

const route = getRouteApi('/sign-in')

/** By e-mail and password, or once by a link, which then sets the password. */
export default function SignIn() {
  const token = useToken()
  return token ? <SetPassword token={token} /> : <ByPassword />
}

function ByPassword() {
  const { khata } = useKhata()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { next = '/org/billing' } = route.useSearch()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const failed = useRef<HTMLDivElement>(null)
  const signIn = useMutation({
    mutationFn: () => khata.api.POST('/v1/session', { body: { email, password } }),
    onSuccess: async () => {
      client.clear()
      await navigate({ href: next })
    },
  })
  const problem = problemIn(signIn.error)
  useEffect(() => {
    if (problem) failed.current?.focus()
  }, [problem])
  return (
    <Frame title="Sign in" says="Credits, billing and usage of your organisation.">
      <form
        className={s.form}
        onSubmit={(event) => {
          event.preventDefault()
          signIn.mutate()
        }}
      >
        {problem && (
          <Notice tone="bad" title="You are not signed in." ref={failed}>
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
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
        />
        <Button type="submit" size="md" fullWidth loading={signIn.isPending}>
          Sign in
        </Button>
      </form>
      <p className={s.aside}>
        No password yet? The first start of Khata prints a link, and <code>khata sign-in</code>{' '}
        makes another.
      </p>
    </Frame>
  )
}
