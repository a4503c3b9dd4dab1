import { PasswordInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useKhata } from '@/react'
import { Card, Form, toast } from '@/ui/kit'
import { says } from './messages'

/** A new password ends all other sessions. */
export function Password() {
  const { khata } = useKhata()
  const client = useQueryClient()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useMutation({
    mutationFn: () =>
      khata.api.PUT('/v1/session/password', {
        body: { password, ...(current && { current_password: current }) },
      }),
    onSuccess: async () => {
      setCurrent('')
      setPassword('')
      toast(says.password.done, says.password.detail)
      await client.invalidateQueries({ queryKey: ['get', '/v1/sessions'] })
    },
  })
  return (
    <Card title={says.password.title}>
      <Form
        saving={change}
        failed={says.password.failed}
        submit={says.password.act}
        isComplete={password !== ''}
      >
        {(errors) => (
          <>
            <PasswordInput
              label={says.password.current}
              description={says.password.currentHint}
              autoComplete="current-password"
              value={current}
              onChange={({ currentTarget }) => setCurrent(currentTarget.value)}
              error={errors['current_password']}
            />
            <PasswordInput
              label={says.password.new}
              description={says.password.newHint}
              autoComplete="new-password"
              value={password}
              onChange={({ currentTarget }) => setPassword(currentTarget.value)}
              error={errors['password']}
            />
          </>
        )}
      </Form>
    </Card>
  )
}
