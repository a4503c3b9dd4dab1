import { PasswordInput, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'

const SHORTEST = 10

interface FieldProps {
  value: string
  set: (value: string) => void
  error?: ReactNode
}

/** Whose password it is. */
export function EmailField({ value, set, error }: FieldProps) {
  return (
    <TextInput
      label="E-mail"
      type="email"
      autoComplete="username"
      required
      withAsterisk={false}
      value={value}
      onChange={({ currentTarget }) => set(currentTarget.value)}
      error={error}
    />
  )
}

/** The password there is, or where `isNew` one that is chosen here. */
export function PasswordField({
  label = 'Password',
  isNew = false,
  value,
  set,
  error,
}: FieldProps & { label?: string; isNew?: boolean }) {
  return (
    <PasswordInput
      label={label}
      autoComplete={isNew ? 'new-password' : 'current-password'}
      {...(isNew && { description: `At least ${SHORTEST} characters` })}
      required
      withAsterisk={false}
      value={value}
      onChange={({ currentTarget }) => set(currentTarget.value)}
      error={error}
    />
  )
}
