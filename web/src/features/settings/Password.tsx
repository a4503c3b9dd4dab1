import { Button, PasswordInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem } from '@/api/problem'
import { useKhata } from '@/react'
import { Card, kit, Notice, toast } from '@/ui/kit'

/** A new password ends all other sessions. */
export function Password() {
  const { khata } = useKhata()
  const client = useQueryClient()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useMutation({
    mutationFn: () =>
      khata.api.PUT('/v1/session/password', { body: { current_password: current, password } }),
    onSuccess: async () => {
      setCurrent('')
      setPassword('')
      toast('Password changed', 'You are signed out everywhere else.')
      await client.invalidateQueries({ queryKey: ['get', '/v1/sessions'] })
    },
  })
  const problem = change.error instanceof Problem ? change.error : null
  const errors = problem?.errors ?? {}
  return (
    <Card title="Password">
      <form
        className={kit.form}
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        {problem && Object.keys(errors).length === 0 && (
          <Notice tone="bad" title="The password was not changed.">
            <p>{problem.detail}</p>
          </Notice>
        )}
        <PasswordInput
          label="Current password"
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
        <div className={kit.formActions}>
          <Button type="submit" variant="default" loading={change.isPending} disabled={!password}>
            Change password
          </Button>
        </div>
      </form>
    </Card>
  )
}
