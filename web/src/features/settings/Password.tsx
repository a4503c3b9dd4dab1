import { PasswordInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useKhata } from '@/react'
import { Card, Form, toast } from '@/ui/kit'

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
      toast('Password changed', 'You are signed out everywhere else.')
      await client.invalidateQueries({ queryKey: ['get', '/v1/sessions'] })
    },
  })
  return (
    <Card title="Password">
      <Form
        saving={change}
        failed="The password was not changed."
        submit="Change password"
        isComplete={password !== ''}
      >
        {(errors) => (
          <>
            <PasswordInput
              label="Current password"
              description="Empty, if you have none"
              autoComplete="current-password"
              value={current}
              onChange={({ currentTarget }) => setCurrent(currentTarget.value)}
              error={errors['current_password']}
            />
            <PasswordInput
              label="New password"
              description="At least 10 characters"
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
