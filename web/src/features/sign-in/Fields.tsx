import { PasswordInput, TextInput } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import { says } from './messages'

const SHORTEST = 10

interface FieldProps {
  value: string
  set: (value: string) => void
  error?: ReactNode
}

/** Whose password it is. Where it `isFirst`, one types at once. */
export function EmailField({
  value,
  set,
  error,
  isFirst = false,
}: FieldProps & { isFirst?: boolean }) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isFirst) field.current?.focus()
  }, [isFirst])
  return (
    <TextInput
      ref={field}
      label={says.fields.email}
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
  label = says.fields.password,
  isNew = false,
  value,
  set,
  error,
}: FieldProps & { label?: string; isNew?: boolean }) {
  return (
    <PasswordInput
      label={label}
      autoComplete={isNew ? 'new-password' : 'current-password'}
      {...(isNew && { description: says.fields.shortest(SHORTEST) })}
      required
      withAsterisk={false}
      value={value}
      onChange={({ currentTarget }) => set(currentTarget.value)}
      error={error}
    />
  )
}
